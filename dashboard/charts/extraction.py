"""An extraction's space: every architecture by what it costs, and the W of those that were trained."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.layout import arrange, empty
from dashboard.palette import Palette

SPACE_TITLE = "Every architecture by its cost; the larger and bluer its point, the larger its W"
ORDER_TITLE = "W along the order of the space; dotted lines are the partition"
WEBGL_POINTS = 1500
"""Beyond this number of points in a trace it is drawn by the graphics card."""
MOST_LINES = 120
"""Lines of the partition that are drawn; of more, none, for they would fill the chart."""
SMALL, LARGE = 7.0, 20.0
"""Size of the trained architectures with the smallest and the largest W."""


def space_chart(candidates: pd.DataFrame, colours: Palette, *, height: int = 440) -> Any:  # noqa: ANN401
    """Parameters against operations of every architecture.

    Args:
        candidates: as ``extraction.candidates.candidates_frame`` gives it.
        colours: the palette in force.
        height: in pixels.

    Returns:
        A figure whose trained points carry the trial's number as custom data.
    """
    x, y = formats.axis_label("lemma_parameters"), formats.axis_label("lemma_operations")
    if candidates.empty:
        message = "The space is listed when the experiment starts"
        return empty(colours, title=SPACE_TITLE, x=x, y=y, height=height, message=message)
    trained = candidates[candidates["w"].notna()].sort_values("w")
    waiting = candidates[candidates["chosen"] & candidates["w"].isna()]
    figure = go.Figure()
    left_out = candidates[~candidates["chosen"]]
    for part, name, marker in (
        (left_out, "left out", {"symbol": "circle", "size": 4, "color": colours.below_threshold}),
        (
            waiting,
            "chosen, not measured yet",
            {"symbol": "circle-open", "size": 8, "color": colours.running, "line": {"width": 1.5}},
        ),
    ):
        if not part.empty:
            draw = go.Scatter if len(part) <= WEBGL_POINTS else go.Scattergl
            figure.add_trace(
                draw(
                    x=part["size"].tolist(),
                    y=part["speed"].tolist(),
                    mode="markers",
                    name=name,
                    marker=marker,
                    hovertext=_told(part),
                    hoverinfo="text",
                )
            )
    if not trained.empty:
        figure.add_trace(_trained(trained, colours))
        half = (candidates["size"].min() + candidates["size"].max()) / 2
        best = trained.iloc[-1]
        figure.add_trace(_best(best, colours, is_left=bool(best["size"] <= half)))
    arrange(figure, colours, title=SPACE_TITLE, x=x, y=y, height=height, revision="extraction space")
    figure.update_xaxes(exponentformat="SI")
    figure.update_yaxes(exponentformat="SI")
    return figure


def order_chart(candidates: pd.DataFrame, colours: Palette, *, height: int = 320) -> Any:  # noqa: ANN401
    """W of the trained architectures in the order of the space, with what was chosen to be trained.

    Args:
        candidates: as ``extraction.candidates.candidates_frame`` gives it.
        colours: the palette in force.
        height: in pixels.

    Returns:
        A figure whose points carry the trial's number as custom data.
    """
    trained = candidates[candidates["w"].notna()]
    x, y = "place in the order", formats.axis_label("w")
    if trained.empty:
        message = "The first measured architecture appears here"
        return empty(colours, title=ORDER_TITLE, x=x, y=y, height=height, message=message)
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(
            x=trained["place"].tolist(),
            y=trained["w"].tolist(),
            mode="lines+markers",
            name="trained",
            line={"color": colours.frontier, "width": 1.5},
            marker={"size": 7, "color": colours.frontier},
            customdata=trained["trial"].astype(int).tolist(),
            hovertext=_told(trained),
            hoverinfo="text",
        )
    )
    best = trained.sort_values("w").iloc[-1]
    is_left = bool(best["place"] <= candidates["place"].max() / 2)
    figure.add_trace(_best(best, colours, at="place", up="w", is_left=is_left))
    arrange(figure, colours, title=ORDER_TITLE, x=x, y=y, height=height, revision="extraction order")
    figure.update_xaxes(range=[0, float(candidates["place"].max()) + 1])
    figure.update_yaxes(rangemode="tozero", exponentformat="SI")
    chosen = candidates.loc[candidates["chosen"], "place"].tolist()
    if len(chosen) <= MOST_LINES:
        for place in chosen:
            figure.add_vline(x=place, line_dash="dot", line_width=1, line_color=colours.grid, layer="below")
    return figure


def _trained(trained: pd.DataFrame, colours: Palette) -> Any:  # noqa: ANN401
    low, high = float(trained["w"].min()), float(trained["w"].max())
    reach = (high - low) or 1.0
    sizes = SMALL + (LARGE - SMALL) * (trained["w"] - low) / reach
    return go.Scatter(
        x=trained["size"].tolist(),
        y=trained["speed"].tolist(),
        mode="markers",
        name="trained",
        marker={
            "size": sizes.tolist(),
            "color": trained["w"].tolist(),
            "colorscale": [[0.0, colours.dominated], [1.0, colours.frontier]],
            "cmin": low,
            "cmax": high if high > low else low + 1.0,
            "line": {"color": colours.background, "width": 1},
            "colorbar": {
                "title": {"text": "W", "side": "top"},
                "thickness": 12,
                "len": 0.7,
                "exponentformat": "SI",
            },
        },
        customdata=trained["trial"].astype(int).tolist(),
        hovertext=_told(trained),
        hoverinfo="text",
    )


def _best(
    row: Any,  # noqa: ANN401 - a row
    colours: Palette,
    *,
    is_left: bool,
    at: str = "size",
    up: str = "speed",
) -> Any:  # noqa: ANN401
    return go.Scatter(
        x=[row[at]],
        y=[row[up]],
        mode="markers+text",
        name="extracted",
        marker={"symbol": "circle-open", "size": LARGE + 6, "color": colours.text, "line": {"width": 2}},
        text=[f"\u2003{row['architecture']}\u2003"],
        textposition="middle right" if is_left else "middle left",
        textfont={"color": colours.text},
        hoverinfo="skip",
    )


def _told(part: pd.DataFrame) -> list[str]:
    return [_hover(row) for row in part.to_dict("records")]


def _hover(row: dict[Any, Any]) -> str:
    lines = [f"<b>{row['architecture']}</b>, place {row['place']:,}"]
    lines.append(f"{formats.metric('lemma_parameters', row['size'])} {formats.label('lemma_parameters')}")
    lines.append(f"{formats.metric('lemma_operations', row['speed'])}")
    if pd.notna(row["gain"]):
        lines.append(f"saves {formats.share(row['gain'])} (parameters times operations)")
    if pd.notna(row["w"]):
        lines.append(
            f"W {row['w']:.4g}, surrogate error {formats.metric('surrogate_error', row['error'])}, "
            f"trial {row['trial']:.0f}"
        )
    return "<br>".join(lines)

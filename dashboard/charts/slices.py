"""Cuts through the model of a metric: along one parameter with its band, and over two parameters as a map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.layout import FONT_SIZE, arrange, faint
from dashboard.palette import Palette
from dashboard.tables import Status
from engine.parameters import Value
from engine.whatif.cuts import Slice, Surface

MAX_POINTS = 300
"""Measured trials behind a cut; of more an even choice."""
SLICE_HEIGHT, SURFACE_HEIGHT = 250, 480


def slice_chart(
    found: Slice,
    trials: pd.DataFrame,
    metric: str,
    centre: Mapping[str, Value],
    colours: Palette,
    *,
    log: bool = False,
) -> Any:  # noqa: ANN401 - plotly is untyped
    """The metric along one parameter, all else as in a configuration.

    Args:
        found: the slice.
        trials: as ``tables.trials_frame`` gives it; measured ones are drawn, whatever their other settings.
        metric: what was predicted.
        centre: the configuration; its place is marked.
        colours: the palette in force.
        log: whether the parameter's axis is logarithmic.
    """
    name = found.parameter
    numbers = not any(isinstance(value, str) for value in found.values)
    xs = list(found.values) if numbers else [str(value) for value in found.values]
    figure = go.Figure()
    measured = _measured(trials, [name, metric])
    figure.add_trace(
        go.Scatter(
            x=measured[name].tolist() if numbers else measured[name].astype(str).tolist(),
            y=measured[metric].tolist(),
            mode="markers",
            marker={"size": 5, "color": faint(colours.dominated, 0.55)},
            customdata=measured["trial"].tolist(),
            hovertemplate=f"trial %{{customdata}}<br>{formats.label(metric)} %{{y:.4~g}}<extra></extra>",
            name="measured",
        )
    )
    if found.lows != found.means:
        figure.add_trace(_band(xs, found, colours))
    figure.add_trace(
        go.Scatter(
            x=xs,
            y=list(found.means),
            mode="lines",
            line={"color": colours.predicted, "width": 2, "dash": "dash"},
            hovertext=_texts(found, metric),
            hoverinfo="text",
            name="predicted",
        )
    )
    title = f"{formats.label(metric)[:1].upper()}{formats.label(metric)[1:]} by {formats.label(name)}"
    x, y = formats.axis_label(name), formats.axis_label(metric)
    arrange(figure, colours, title=title, x=x, y=y, height=SLICE_HEIGHT, revision=f"slice {name} {metric}")
    figure.update_layout(showlegend=False)
    figure.update_yaxes(exponentformat="SI")
    if numbers:
        figure.add_vline(x=float(centre[name]), line_width=1, line_color=colours.reference, line_dash="dot")
    else:
        figure.update_xaxes(type="category", categoryorder="array", categoryarray=xs)
    if log:
        figure.update_xaxes(type="log", tickformat="~g", dtick=1)
    return figure


def _band(xs: list[Any], found: Slice, colours: Palette) -> Any:  # noqa: ANN401
    """The interval as an area; it ends where no student can be built."""
    whole = [place for place, low in enumerate(found.lows) if low is not None]
    return go.Scatter(
        x=[xs[place] for place in [*whole, *reversed(whole)]],
        y=[*(found.highs[place] for place in whole), *(found.lows[place] for place in reversed(whole))],
        mode="lines",
        fill="toself",
        fillcolor=faint(colours.predicted),
        line={"width": 0},
        hoverinfo="skip",
        name="90 % interval",
    )


def surface_chart(
    found: Surface,
    trials: pd.DataFrame,
    metric: str,
    centre: Mapping[str, Value],
    colours: Palette,
    *,
    log: frozenset[str] = frozenset(),
) -> Any:  # noqa: ANN401
    """The metric over two parameters as a map with contours; arguments as ``slice_chart``."""
    up, across = found.parameters
    told = formats.label(metric)
    figure = go.Figure()
    figure.add_trace(
        go.Contour(
            x=[_place(value) for value in found.columns],
            y=[_place(value) for value in found.rows],
            z=[list(row) for row in found.means],
            colorscale=[[0, faint(colours.predicted, 0.06)], [1, faint(colours.predicted, 0.75)]],
            contours={"coloring": "heatmap", "showlabels": True, "labelfont": {"color": colours.text}},
            line={"width": 0.7, "color": faint(colours.text, 0.45)},
            colorbar={
                "title": {"text": formats.axis_label(metric), "side": "right"},
                "thickness": 12,
                "tickfont": {"color": colours.text, "size": FONT_SIZE - 1},
                "exponentformat": "SI",
            },
            hovertext=_map_texts(found, metric),
            hoverinfo="text",
            connectgaps=False,
        )
    )
    measured = _measured(trials, [up, across, metric])
    for front, size, colour in ((False, 6, colours.dominated), (True, 9, colours.frontier)):
        part = measured[(measured["status"] == Status.FRONTIER) == front]
        figure.add_trace(
            go.Scatter(
                x=[_place(value) for value in part[across]],
                y=[_place(value) for value in part[up]],
                mode="markers",
                marker={"size": size, "color": colour, "line": {"color": colours.background, "width": 1}},
                customdata=part["trial"].tolist(),
                hovertext=[
                    f"trial {trial}<br>{told} {formats.metric(metric, value)}"
                    for trial, value in zip(part["trial"], part[metric], strict=True)
                ],
                hoverinfo="text",
                name="frontier" if front else "measured",
            )
        )
    title = f"{told[:1].upper()}{told[1:]} over {formats.label(across)} and {formats.label(up)}, as predicted"
    arrange(
        figure,
        colours,
        title=title,
        x=formats.axis_label(across),
        y=formats.axis_label(up),
        height=SURFACE_HEIGHT,
        revision=f"surface {up} {across} {metric}",
    )
    _mark(figure, "xaxis", across, found.columns, log)
    _mark(figure, "yaxis", up, found.rows, log)
    figure.add_trace(
        go.Scatter(
            x=[_place(centre[across])],
            y=[_place(centre[up])],
            mode="markers",
            marker={"symbol": "cross-thin", "size": 14, "line": {"color": colours.text, "width": 2}},
            hoverinfo="skip",
            name="all else as here",
        )
    )
    return figure


def _mark(figure: Any, axis: str, name: str, values: Any, log: frozenset[str]) -> None:  # noqa: ANN401
    if any(isinstance(value, str) for value in values):
        order = [str(value) for value in values]
        figure.update_layout({axis: {"type": "category", "categoryorder": "array", "categoryarray": order}})
    elif name in log:
        figure.update_layout({axis: {"type": "log", "tickformat": "~g", "dtick": 1}})


def _measured(trials: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Students with all of some columns, an even choice of at most ``MAX_POINTS`` and all of the frontier."""
    if not set(names) <= set(trials):
        return trials[:0].assign(**{name: [] for name in names})
    students = trials[~trials["status"].isin([Status.REFERENCE, Status.DATA])]
    done = students[students["state"] == "completed"].dropna(subset=names)
    front = done[done["status"] == Status.FRONTIER]
    rest = done[done["status"] != Status.FRONTIER]
    return pd.concat([rest.iloc[:: max(1, -(-len(rest) // MAX_POINTS))], front])


def _place(value: Value) -> float | str:
    return value if isinstance(value, str) else float(value)


def _texts(found: Slice, metric: str) -> list[str]:
    return [
        f"{formats.label(found.parameter)} {formats.parameter(value)}<br>{_told(metric, mean, low, high)}"
        for value, mean, low, high in zip(found.values, found.means, found.lows, found.highs, strict=True)
    ]


def _map_texts(found: Surface, metric: str) -> list[list[str]]:
    up, across = found.parameters
    return [
        [
            f"{formats.label(across)} {formats.parameter(column)}, {formats.label(up)} {formats.parameter(row)}<br>"
            + _told(metric, mean, low, high)
            for column, mean, low, high in zip(found.columns, means, lows, highs, strict=True)
        ]
        for row, means, lows, highs in zip(found.rows, found.means, found.lows, found.highs, strict=True)
    ]


def _told(metric: str, mean: float | None, low: float | None, high: float | None) -> str:
    if mean is None or low is None or high is None:
        return "no student can be built there"
    if low == high:
        return f"{formats.label(metric)} {formats.metric(metric, mean)}, exactly"
    return f"{formats.label(metric)} {formats.metric(metric, mean)} ({formats.span(metric, low, high)})"

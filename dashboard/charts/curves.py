"""Learning curves of one trial: parts of the loss, and metrics of its evaluations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.layout import FONT_SIZE, arrange, empty, faint
from dashboard.loss_parts import Part
from dashboard.palette import Palette
from engine.measured import NORMAL_95

STEP = "optimiser steps"
LOSS_TITLE = "Training loss and its parts"
NEAR_SHARE = 0.3
"""A level within this share of the largest value, or within the values' own range, is drawn beside them."""
BAND = "smallest to largest"
"""Name of the area behind a loss that is drawn as means."""


def loss_chart(steps: pd.DataFrame, parts: Sequence[Part], colours: Palette, *, height: int = 340) -> Any:  # noqa: ANN401
    """Loss against optimiser steps, with those of its parts that the training had.

    Args:
        steps: columns step, loss, and any of those of the parts; with steps, loss_low and loss_high (as
            ``storage.curves.steps_frame`` gives them) the spread behind means is drawn as an area.
        parts: that may be there; their weights are told in the legend.
        colours: the palette in force.
        height: in pixels.
    """
    if steps.empty:
        message = "The loss appears here as soon as training starts"
        return empty(colours, title=LOSS_TITLE, x=STEP, y="loss", height=height, message=message)
    styles = (
        (colours.predicted, "dash"),
        (colours.running, "dot"),
        (colours.reference, "dashdot"),
        (colours.baseline, "longdash"),
        (colours.dominated, "longdashdot"),
    )
    there = [
        (part, style)
        for part, style in zip(parts, styles, strict=True)
        if part.column in steps and steps[part.column].notna().any()
    ]
    if len(there) == 1 and there[0][0].weight == 1:
        there = []  # It is the loss itself.
    figure = go.Figure()
    if "steps" in steps and (steps["steps"] > 1).any():
        _draw_band(figure, steps, colours)
    for part, (colour, dash) in there:
        weight = "" if part.weight is None else f" \u00d7 {part.weight:.2g}"
        figure.add_trace(_line(steps, part.column, f"{part.words}{weight}", colour, dash, 1.5))
    figure.add_trace(_line(steps, "loss", "loss", colours.frontier, "solid", 2))
    arrange(figure, colours, title=LOSS_TITLE, x=STEP, y="loss", height=height, revision="loss")
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(hovermode="x unified")
    return figure


def _draw_band(figure: Any, steps: pd.DataFrame, colours: Palette) -> None:  # noqa: ANN401
    known = steps[steps["loss_low"].notna()]
    edge = {"width": 0, "color": colours.dominated}
    common = {"x": known["step"].tolist(), "mode": "lines", "line": edge, "hoverinfo": "skip"}
    figure.add_trace(go.Scatter(y=known["loss_low"].tolist(), showlegend=False, name=BAND, **common))
    filled = {"fill": "tonexty", "fillcolor": faint(colours.frontier)}
    figure.add_trace(go.Scatter(y=known["loss_high"].tolist(), name=BAND, **filled, **common))


def _line(steps: pd.DataFrame, column: str, name: str, colour: str, dash: str, width: float) -> Any:  # noqa: ANN401
    return go.Scatter(
        x=steps["step"].tolist(),
        y=steps[column].tolist(),
        mode="lines",
        name=name,
        line={"color": colour, "width": width, "dash": dash},
        hovertemplate="%{y:.3f}",
    )


def evaluation_chart(
    evaluations: pd.DataFrame,
    metric: str,
    colours: Palette,
    *,
    beside: Sequence[str] = (),
    over: str = "step",
    threshold: float | None = None,
    references: Mapping[str, float] | None = None,
    height: int = 340,
) -> Any:  # noqa: ANN401
    """A metric at each evaluation, with others in the same unit beside it; collapsed models are crossed out.

    Args:
        evaluations: columns step, name, value, standard_error; the name ``collapsed`` marks with 1 the evaluations of
            a model that gives everything the same answer.
        metric: the one that counts, drawn with 90 % intervals.
        colours: the palette in force.
        beside: metrics drawn as well, as far as they were measured.
        over: what the horizontal axis is: ``step``, or a metric such as ``train_flops``.
        threshold: drawn as a line if given and near.
        references: values of others in the metric, drawn as lines by name where they are near.
        height: in pixels.
    """
    title = f"{formats.label(metric)[:1].upper()}{formats.label(metric)[1:]} at each evaluation"
    x, y = STEP if over == "step" else formats.axis_label(over), formats.axis_label(metric)
    values = evaluations.pivot_table(index="step", columns="name", values="value")
    if metric not in values or (over != "step" and over not in values):
        message = "The first evaluation appears here"
        return empty(colours, title=title, x=x, y=y, height=height, message=message)
    errors = evaluations[evaluations["name"] == metric].set_index("step")["standard_error"]
    styles = (
        (colours.predicted, "dash", "square"),
        (colours.running, "dot", "diamond"),
        (colours.reference, "dashdot", "triangle-up"),
        (colours.dominated, "longdash", "cross"),
    )
    others = [name for name in beside if name in values]
    figure = go.Figure()
    for name, (colour, dash, symbol) in [
        *zip(others, styles, strict=False),
        (metric, (colours.frontier, "solid", "circle")),
    ]:
        part = values[values[name].notna()]
        reach = (NORMAL_95 * errors.reindex(part.index)).tolist() if name == metric else None
        figure.add_trace(
            go.Scatter(
                x=(part.index if over == "step" else part[over]).tolist(),
                y=part[name].tolist(),
                mode="lines+markers",
                name=formats.label(name).removeprefix(f"{formats.label(metric)}, "),
                line={"color": colour, "width": 2 if name == metric else 1.5, "dash": dash},
                marker={"size": 7, "symbol": symbol},
                error_y=None
                if reach is None
                else {"type": "data", "array": reach, "thickness": 1, "width": 4},
                hovertemplate=f"%{{y:.3~g}} {formats.unit_of(metric)}",
            )
        )
    if "collapsed" in values:
        _cross_out(figure, values[(values["collapsed"] > 0) & values[metric].notna()], metric, over, colours)
    arrange(figure, colours, title=title, x=x, y=y, height=height, revision=f"evaluations {over}")
    if threshold is not None and is_near(threshold, values[metric]):
        draw_level(figure, threshold, "threshold", colours)
    for name, value in (references or {}).items():
        if is_near(value, values[metric]):
            draw_level(figure, value, name, colours, dash="dot")
    figure.update_xaxes(exponentformat="SI")
    figure.update_layout(hovermode="x unified", showlegend=len(figure.data) > 1)
    return figure


def _cross_out(figure: Any, fallen: pd.DataFrame, metric: str, over: str, colours: Palette) -> None:  # noqa: ANN401
    if fallen.empty:
        return
    figure.add_trace(
        go.Scatter(
            x=(fallen.index if over == "step" else fallen[over]).tolist(),
            y=fallen[metric].tolist(),
            mode="markers",
            name="collapsed",
            marker={"symbol": "x-thin", "size": 13, "line": {"color": colours.failed, "width": 2.5}},
            hovertemplate="gives everything the same answer",
        )
    )


def is_near(level: float, values: pd.Series) -> bool:
    """Whether a level can be drawn beside values without squeezing them into a corner."""
    low, high = float(values.min()), float(values.max())
    reach = max(high - low, NEAR_SHARE * abs(high))
    return low - reach <= level <= high + reach


def draw_level(figure: Any, value: float, name: str, colours: Palette, *, dash: str = "dash") -> None:  # noqa: ANN401
    """Draw a horizontal line with its name at its left end."""
    figure.add_hline(
        y=value,
        line_dash=dash,
        line_width=1.5,
        line_color=colours.reference,
        annotation_text=name,
        annotation_font={"size": FONT_SIZE, "color": colours.reference},
        annotation_position="top left",
    )

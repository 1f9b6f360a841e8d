"""What can be reached under pins and budgets, over what was measured."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.hover import hover_texts
from dashboard.charts.layout import FONT_SIZE, arrange, empty, faint
from dashboard.charts.markers import LEGEND, marker
from dashboard.palette import Palette
from dashboard.tables import Status
from dashboard.whatif.words import INTERVAL, estimate_words
from engine.metrics import Metric
from engine.parameters import Value
from engine.whatif.answer import Answer, Estimate, Expected, FrontierPoint

WEBGL_POINTS = 2000
"""Beyond this number of points in a trace it is drawn by the graphics card."""

BEST = -1
"""Custom data of the answer's configuration; points of the predicted frontier count down from the next number."""

_MEASURED = (Status.BELOW_THRESHOLD, Status.DOMINATED, Status.FRONTIER, Status.BASELINE)
"""Trials that are drawn, from the back to the front."""


def whatif_chart(
    trials: pd.DataFrame,
    answer: Answer,
    metrics: Sequence[Metric],
    colours: Palette,
    *,
    front: Collection[int] = (),
    height: int = 420,
) -> Any:  # noqa: ANN401 - plotly is untyped
    """Measured trials, the best predicted quality at each cost with its interval, the answer, and the trial to ship.

    Args:
        trials: as ``tables.trials_frame`` gives it.
        answer: to the question.
        metrics: of the experiment.
        colours: the palette in force.
        front: measured trials that no other beats in quality and cost, to be joined by a line.
        height: in pixels.

    Returns:
        A figure whose measured points carry the trial's number as custom data, and whose predicted ones negative
        numbers, see ``predicted_settings``.
    """
    quality, cost = answer.quality, answer.cost
    title = "What can be reached, over what was measured"
    y = formats.axis_label(quality)
    if cost is None or quality not in trials or cost not in trials:
        message = "Appears once trials have a quality and a cost"
        return empty(colours, title=title, x="cost", y=y, height=height, message=message)
    drawn = trials[trials[quality].notna() & trials[cost].notna()]
    figure = go.Figure()
    for trace in _measured(drawn, answer, metrics, colours, front):
        figure.add_trace(trace)
    for trace in _reachable(answer.frontier, answer, colours):
        figure.add_trace(trace)
    if answer.shipment is not None:
        figure.add_trace(_shipped(drawn, answer, colours))
    if answer.best is not None and {quality, cost} <= answer.best.estimates.keys():
        figure.add_trace(_best(answer.best, answer, colours))
    arrange(
        figure,
        colours,
        title=title,
        x=formats.axis_label(cost),
        y=y,
        height=height,
        revision=f"what-if {quality}/{cost}",
    )
    figure.update_xaxes(exponentformat="SI")
    figure.update_yaxes(exponentformat="SI")
    _draw_budgets(figure, answer, colours)
    return figure


def predicted_settings(answer: Answer, number: int) -> Mapping[str, Value] | None:
    """The configuration that a predicted point's custom data stands for; None where there is none."""
    if number == BEST:
        return None if answer.best is None else answer.best.parameters
    place = BEST - 1 - number
    return answer.frontier[place].parameters if 0 <= place < len(answer.frontier) else None


def _measured(
    drawn: pd.DataFrame, answer: Answer, metrics: Sequence[Metric], colours: Palette, front: Collection[int]
) -> list[Any]:
    quality, cost = answer.quality, str(answer.cost)
    traces: list[Any] = []
    line = drawn[drawn["trial"].isin(list(front))].sort_values(cost)
    if len(line) > 1:
        traces.append(
            go.Scatter(
                x=line[cost].tolist(),
                y=line[quality].tolist(),
                mode="lines",
                line={"color": colours.frontier, "width": 2, "shape": "hv"},
                hoverinfo="skip",
                name="measured frontier",
            )
        )
    for status in _MEASURED:
        part = drawn[drawn["status"] == status]
        if part.empty:
            continue
        draw = go.Scatter if len(part) <= WEBGL_POINTS else go.Scattergl
        traces.append(
            draw(
                x=part[cost].tolist(),
                y=part[quality].tolist(),
                mode="markers",
                name=LEGEND[status],
                marker=marker(status, colours, on_frontier=bool(part["on_frontier"].any())),
                customdata=part["trial"].tolist(),
                hovertext=hover_texts(part, cost, quality, metrics, ()),
                hoverinfo="text",
            )
        )
    return traces


def _reachable(points: Sequence[FrontierPoint], answer: Answer, colours: Palette) -> list[Any]:
    """The predicted frontier as a dashed line with a band of its intervals."""
    if not points or (answer.is_fixed and answer.best is not None):
        return []
    costs = [point.cost.mean for point in points]
    band = [
        go.Scatter(
            x=costs,
            y=[getattr(point.quality, end) for point in points],
            mode="lines",
            line={"color": colours.predicted, "width": 0},
            fill=fill,
            fillcolor=faint(colours.predicted),
            hoverinfo="skip",
            showlegend=name is not None,
            name=name or "",
        )
        for end, fill, name in (("high", None, None), ("low", "tonexty", INTERVAL))
    ]
    line = go.Scatter(
        x=costs,
        y=[point.quality.mean for point in points],
        mode="lines+markers",
        name="predicted frontier",
        line={"color": colours.predicted, "width": 2, "dash": "dash"},
        marker={"color": colours.background, "size": 7, "line": {"color": colours.predicted, "width": 1.5}},
        customdata=[BEST - 1 - i for i in range(len(points))],
        hovertext=[_hover("predicted", point.parameters, _figures(answer, point)) for point in points],
        hoverinfo="text",
    )
    return [*band, line]


def _best(best: Expected, answer: Answer, colours: Palette) -> Any:  # noqa: ANN401
    quality, cost = best.estimates[answer.quality], best.estimates[str(answer.cost)]
    return go.Scatter(
        x=[cost.mean],
        y=[quality.mean],
        mode="markers",
        name="these settings" if answer.is_fixed else "best to be counted on",
        marker={
            "symbol": "star",
            "size": 16,
            "color": colours.predicted,
            "line": {"color": colours.background, "width": 1},
        },
        error_x=_bars(cost, colours),
        error_y=_bars(quality, colours),
        customdata=[BEST],
        hovertext=[_hover("predicted", best.parameters, best.estimates)],
        hoverinfo="text",
    )


def _bars(estimate: Estimate, colours: Palette) -> dict[str, Any] | None:
    if estimate.is_exact:
        return None
    return {
        "type": "data",
        "symmetric": False,
        "array": [estimate.high - estimate.mean],
        "arrayminus": [estimate.mean - estimate.low],
        "color": colours.predicted,
        "thickness": 1.5,
        "width": 5,
    }


def _shipped(drawn: pd.DataFrame, answer: Answer, colours: Palette) -> Any:  # noqa: ANN401
    assert answer.shipment is not None
    found = answer.shipment
    return go.Scatter(
        x=[found.metrics.get(str(answer.cost))],
        y=[found.metrics.get(answer.quality)],
        mode="markers",
        name=f"to ship: trial {found.trial}",
        marker={"symbol": "circle-open", "size": 20, "color": colours.text, "line": {"width": 2}},
        customdata=[found.trial],
        hoverinfo="skip" if (drawn["trial"] == found.trial).any() else "name",
    )


def _draw_budgets(figure: Any, answer: Answer, colours: Palette) -> None:  # noqa: ANN401
    for budget in answer.question.budgets:
        if budget.metric not in (answer.quality, answer.cost):
            continue
        upright = budget.metric == answer.cost
        word = "at most" if budget.kind == "max" else "at least"
        draw = figure.add_vline if upright else figure.add_hline
        draw(
            **{"x" if upright else "y": budget.limit},
            line_dash="dot",
            line_width=1.5,
            line_color=colours.running,
            annotation_text=f"{word} {formats.metric(budget.metric, budget.limit)}",
            annotation_font={"size": FONT_SIZE, "color": colours.running},
            annotation_position="top left" if upright else "bottom right",
        )


def _figures(answer: Answer, point: FrontierPoint) -> dict[str, Estimate]:
    return {answer.quality: point.quality, str(answer.cost): point.cost}


def _hover(title: str, settings: Mapping[str, Value], estimates: Mapping[str, Estimate]) -> str:
    lines = [f"<b>{title}</b>"]
    lines += [
        f"{formats.label(name)}: {estimate_words(name, estimate)}" for name, estimate in estimates.items()
    ]
    lines += [f"{name} = {escape(formats.parameter(value))}" for name, value in settings.items()]
    return "<br>".join([*lines, "<i>click to pin these settings</i>"])

"""Parallel coordinates: one line a trial through its parameters and metrics, with brushes on the axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.brushing import Axis, Range
from dashboard.charts.layout import FONT_SIZE, arrange, empty, faint
from dashboard.palette import Palette
from dashboard.tables import Status

TITLE = "Parallel coordinates: one line a completed trial; drag along an axis to filter"
MAX_LINES = 1000
"""Lines of one picture; of more trials all of the frontier and an even choice of the others."""
AXIS_WIDTH = 92
"""Room an axis needs, in pixels; in narrower windows the picture is scrolled sideways."""
MAX_TICKS = 12

_KINDS = (Status.BELOW_THRESHOLD, Status.DOMINATED, Status.FRONTIER, Status.BASELINE)
"""What is drawn, from the back to the front."""


def parallel_chart(
    trials: pd.DataFrame,
    axes: Sequence[Axis],
    brushes: Mapping[str, Sequence[Range]],
    colours: Palette,
    *,
    revision: str,
    height: int = 420,
) -> Any:  # noqa: ANN401 - plotly is untyped
    """Completed trials that have a place on every axis.

    Args:
        trials: as ``tables.trials_frame`` gives it.
        axes: from left to right.
        brushes: what is brushed on each axis, in its places.
        colours: the palette in force.
        revision: while it stays the same, brushes stay where a person left them.
        height: in pixels.

    Returns:
        A figure whose axes carry the name of their parameter or metric.
    """
    drawn = lines(trials, axes)
    if drawn.empty or not axes:
        message = "The first completed trials appear here"
        return empty(colours, title=TITLE, x="", y="", height=height, message=message)
    shades = (colours.below_threshold, colours.dominated, colours.frontier, colours.baseline)
    scale = [[place / 3, shade] for place, shade in enumerate(shades)]
    text = {"color": colours.text, "size": FONT_SIZE}
    figure = go.Figure(
        go.Parcoords(
            dimensions=[_dimension(axis, drawn, brushes.get(axis.name, ())) for axis in axes],
            line={
                "color": [float(_KINDS.index(Status(status))) for status in drawn["status"]],
                "colorscale": scale,
                "cmin": 0,
                "cmax": 3,
            },
            labelangle=-14,
            labelside="top",
            labelfont=text,
            tickfont=text | {"size": FONT_SIZE - 1},
            rangefont={"color": "rgba(0,0,0,0)", "size": 1},
            unselected={"line": {"color": faint(colours.dominated, 0.1)}},
        )
    )
    arrange(figure, colours, title=TITLE, x="", y="", height=height, revision=revision)
    figure.update_layout(margin={"l": 46, "r": 46, "t": 108, "b": 16})
    return figure


def lines(trials: pd.DataFrame, axes: Sequence[Axis]) -> pd.DataFrame:
    """Trials to be drawn, with a column ``on NAME`` for their place on each axis; the most important ones last."""
    kinds = {str(kind): order for order, kind in enumerate(_KINDS)}
    drawn = trials[trials["status"].isin(list(kinds))].copy()
    for axis in axes:
        drawn[f"on {axis.name}"] = axis.places(drawn[axis.name]) if axis.name in drawn else float("nan")
    drawn = drawn.dropna(subset=[f"on {axis.name}" for axis in axes])
    drawn = drawn.assign(order=drawn["status"].map(kinds)).sort_values(["order", "trial"])
    important = drawn["order"] >= kinds[str(Status.FRONTIER)]
    rest = drawn[~important]
    room = max(0, MAX_LINES - int(important.sum()))
    if len(rest) > room:
        rest = (
            rest.sort_values("trial").iloc[:: -(-len(rest) // max(1, room))].sort_values(["order", "trial"])
        )
    return pd.concat([rest, drawn[important]])


def _dimension(axis: Axis, drawn: pd.DataFrame, brushed: Sequence[Range]) -> dict[str, Any]:
    places = drawn[f"on {axis.name}"]
    low, high = float(places.min()), float(places.max())
    unit = formats.unit_of(axis.name)
    dimension: dict[str, Any] = {
        "name": axis.name,
        "label": f"{axis.name} ({unit})" if unit and unit not in axis.name else axis.name,
        "values": places.tolist(),
    }
    if axis.choices:
        dimension |= {
            "tickvals": list(range(len(axis.choices))),
            "ticktext": [formats.parameter(value) for value in axis.choices],
            "range": [-0.5, len(axis.choices) - 0.5],
        }
        low, high = dimension["range"]
    elif axis.log:
        ticks = [power + step for power in range(-20, 20) for step in (0.0, 0.30103, 0.69897)]
        shown = [tick for tick in ticks if low <= tick <= high]
        shown = shown if len(shown) <= MAX_TICKS else [tick for tick in shown if float(tick).is_integer()]
        dimension |= {"tickvals": shown, "ticktext": [f"{10**tick:.3g}" for tick in shown]}
    elif not axis.whole:
        dimension["tickformat"] = "~s" if high >= 1e4 else "~g"
    inside = [
        [max(start, low), min(end, high)] for start, end in brushed if max(start, low) <= min(end, high)
    ]
    if inside:
        dimension["constraintrange"] = inside[0] if len(inside) == 1 else inside
    return dimension

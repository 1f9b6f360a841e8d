"""Figures of the report: the frontier, how it grew, and pre-training side by side; pure functions from data to SVG."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashboard import formats
from dashboard.charts.markers import LEGEND
from dashboard.palette import LIGHT
from dashboard.report.axes import Axis, axis
from dashboard.report.drawing import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Look,
    Shape,
    figure,
    line,
    mark,
    words,
)
from dashboard.report.markup import Markup, element
from dashboard.tables import ERROR_PREFIX, Status
from engine.measured import NORMAL_95
from engine.metrics import Metric

MOST_POINTS = 1500
"""Points of a kind that are drawn; of more, an even sample."""

LOOKS = {
    Status.BELOW_THRESHOLD: Look("ring", LIGHT.below_threshold, 4, LEGEND[Status.BELOW_THRESHOLD]),
    Status.DOMINATED: Look("disc", LIGHT.dominated, 4, LEGEND[Status.DOMINATED]),
    Status.REFERENCE: Look("triangle", LIGHT.reference, 5, LEGEND[Status.REFERENCE]),
    Status.FRONTIER: Look("disc", LIGHT.frontier, 5.5, LEGEND[Status.FRONTIER]),
    Status.BASELINE: Look("diamond", LIGHT.baseline, 7, LEGEND[Status.BASELINE]),
}
"""Kinds of trials that are drawn, from the back to the front; as on screen."""

_SHAPES: tuple[Shape, ...] = ("disc", "diamond", "triangle", "ring", "cross")
_DASHES = (None, "8 4", "2 3", "8 3 2 3", "12 4", "4 4")


def frontier_figure(trials: pd.DataFrame, metrics: Sequence[Metric], x: str, y: str) -> Markup | None:
    """Every measured trial at two of its metrics, those on the frontier with their number and 90 % interval.

    Args:
        trials: as ``tables.trials_frame`` gives it.
        metrics: of the experiment.
        x: metric on the horizontal axis.
        y: metric on the vertical axis.

    Returns:
        None while nothing is measured.
    """
    if x not in trials or y not in trials:
        return None
    drawn = trials[trials[x].notna() & trials[y].notna() & trials["status"].isin(list(LOOKS))]
    if drawn.empty:
        return None
    across = axis(x, drawn[x].astype(float).tolist(), LEFT, WIDTH - RIGHT)
    up = axis(y, drawn[y].astype(float).tolist(), HEIGHT - BOTTOM, TOP)
    marks: list[str] = [*_thresholds(metrics, across, up), *_steps(drawn, metrics, across, up)]
    shown = []
    for status, look in LOOKS.items():
        part = _thinned(drawn[drawn["status"] == status])
        if part.empty:
            continue
        shown.append(look)
        for row in part.to_dict("records"):
            place = across.at(float(row[x])), up.at(float(row[y]))
            if row["on_frontier"]:
                marks += _interval(row.get(ERROR_PREFIX + y), float(row[y]), place[0], up, look.colour)
                marks.append(words(str(row["trial"]), place[0] + 7, place[1] - 6, LIGHT.text))
            told = f"trial {row['trial']}: {formats.metric(y, row[y])}, {formats.metric(x, row[x])}"
            marks.append(mark(look, *place, told))
    title = (
        f"{formats.label(y)[:1].upper()}{formats.label(y)[1:]} against {formats.label(x)}, one point a trial"
    )
    return figure(title, across, up, marks, shown, LIGHT)


def growth_figure(volumes: Sequence[float]) -> Markup | None:
    """How much of today's hypervolume the frontier covered after each trial; None before it covers anything."""
    if not volumes or volumes[-1] <= 0:
        return None
    places = np.unique(np.linspace(0, len(volumes) - 1, MOST_POINTS).round().astype(int))
    shares = [100 * volumes[place] / volumes[-1] for place in places]
    numbers = [float(place) + 1 for place in places]
    across = axis(
        "trials", numbers, LEFT, WIDTH - RIGHT, label="completed trials, in the order they ended", zero=True
    )
    up = axis("hypervolume", [0.0, 100.0], HEIGHT - BOTTOM, TOP, label="hypervolume (%)", zero=True)
    stairs: list[tuple[float, float]] = []
    for number, share in zip(numbers, shares, strict=True):
        if stairs:
            stairs.append((across.at(number), stairs[-1][1]))
        stairs.append((across.at(number), up.at(share)))
    title = "How much the frontier covered after each trial, as a share of today's"
    return figure(title, across, up, [line(stairs, LIGHT.frontier)], [], LIGHT)


def pretraining_figure(curves: pd.DataFrame, score: str) -> Markup | None:
    """Masked tokens guessed right by every trial as its training went on; None before the first evaluation.

    Args:
        curves: columns trial, name, step and the score.
        score: name of the metric.
    """
    if curves.empty or not {score, "step"} <= set(curves):
        return None
    found = curves.dropna(subset=[score, "step"])
    across = axis("step", found["step"].astype(float).tolist(), LEFT, WIDTH - RIGHT, label="optimiser steps")
    up = axis(score, found[score].astype(float).tolist(), HEIGHT - BOTTOM, TOP)
    names = list(dict.fromkeys(found["name"]))
    marks: list[str] = []
    looks = [
        Look(_SHAPES[place % len(_SHAPES)], LIGHT.series[place % len(LIGHT.series)], 4, str(name))
        for place, name in enumerate(names)
    ]
    for _, part in found.groupby("trial", sort=False):
        place = names.index(part["name"].iloc[0])
        ordered = part.sort_values("step")
        points = [
            (across.at(float(step)), up.at(float(value)))
            for step, value in zip(ordered["step"], ordered[score], strict=True)
        ]
        marks.append(line(points, looks[place].colour, dash=_DASHES[place % len(_DASHES)]))
        marks += [mark(looks[place], *point) for point in points]
    return figure(
        "Masked tokens guessed right as pre-training went on, one line a trial",
        across,
        up,
        marks,
        looks,
        LIGHT,
    )


def _thinned(part: pd.DataFrame) -> pd.DataFrame:
    if len(part) <= MOST_POINTS:
        return part
    return part.iloc[np.linspace(0, len(part) - 1, MOST_POINTS).round().astype(int)]


def _steps(drawn: pd.DataFrame, metrics: Sequence[Metric], across: Axis, up: Axis) -> list[Markup]:
    """The edge of what the frontier dominates, where the two axes are all that is optimised."""
    directions = {metric.name: metric.direction for metric in metrics if metric.role == "optimize"}
    front = drawn[drawn["on_frontier"]].sort_values(across.name)
    if set(directions) != {across.name, up.name} or len(front) < 2:
        return []
    stairs: list[tuple[float, float]] = []
    for row in front.to_dict("records"):
        place = across.at(float(row[across.name])), up.at(float(row[up.name]))
        if stairs:
            before = stairs[-1]
            # The better value is reached only where the next point lies.
            corner = (place[0], before[1]) if directions[across.name] == "minimize" else (before[0], place[1])
            stairs.append(corner)
        stairs.append(place)
    return [line(stairs, LIGHT.frontier)]


def _interval(error: object, value: float, at: float, up: Axis, colour: str) -> list[Markup]:
    if not isinstance(error, float) or not np.isfinite(error):
        return []
    ends = [up.at(min(max(value + sign * NORMAL_95 * error, up.low), up.high)) for sign in (-1, 1)]
    return [element("line", x1=at, x2=at, y1=ends[0], y2=ends[1], stroke=colour, stroke_width=1)]


def _thresholds(metrics: Sequence[Metric], across: Axis, up: Axis) -> list[Markup]:
    found: list[Markup] = []
    for metric in metrics:
        if metric.threshold is None:
            continue
        if metric.name == up.name and up.holds(metric.threshold):
            at = up.at(metric.threshold)
            found.append(line([(LEFT, at), (WIDTH - RIGHT, at)], LIGHT.reference, dash="5 4", width=1.2))
            found.append(words("threshold", WIDTH - RIGHT, at - 4, LIGHT.reference, anchor="end"))
        elif metric.name == across.name and across.holds(metric.threshold):
            at = across.at(metric.threshold)
            found.append(line([(at, TOP), (at, HEIGHT - BOTTOM)], LIGHT.reference, dash="5 4", width=1.2))
    return found

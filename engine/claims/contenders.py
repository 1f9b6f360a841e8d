"""The trials of a large experiment that claims can be about: those that may be on the frontier."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from engine.growth import Columns
from engine.metrics import Metric, objectives
from engine.tasks.bootstrap import FloatArray

CONTENDERS = 1000
"""Trials whose metrics are resampled; time and memory grow with them. Of more trials those farthest from the frontier
are left out: each is beaten by so much that no luck of its examples would put it there."""

FRONT_POINTS = 200
"""Trials of the frontier that the others are set against; of more of them an even choice."""

OUT_OF_REACH = 1e6
"""Standard errors away from the frontier: for trials whose exactly known metrics keep them off it."""


def contenders(
    metrics: Sequence[Metric],
    columns: Columns,
    front: Sequence[int],
    errors: Mapping[str, float],
    limit: int = CONTENDERS,
) -> list[int]:
    """Places of at most ``limit`` trials: those closest to the frontier, in the order given.

    How far a trial is from the frontier is how much luckier it would have to come out, in standard errors of the
    metrics that have them, to meet every threshold and to be beaten by none: for each trial of the frontier that beats
    it the metric counts in which it is least behind, and of these the largest.

    Args:
        metrics: those of the specification.
        columns: optimised and constrained metrics of completed students.
        front: places of the trials on the frontier.
        errors: usual standard error of each metric that has one; where none has, ranges take their place.
        limit: most trials.
    """
    targets = objectives(metrics)
    count = len(next(iter(columns.values()), ()))
    if count <= limit or not targets:
        return list(range(count))
    whole = np.flatnonzero(np.all([np.isfinite(values) for values in columns.values()], axis=0))
    scales = {name: errors.get(name, math.inf) for name in columns}
    if not np.isfinite([scales[metric.name] for metric in targets]).any():
        scales = {name: max(float(np.ptp(values[whole])), 1e-300) for name, values in columns.items()}
    gains = np.stack([metric.sign * columns[metric.name][whole] for metric in targets], axis=1)
    units = np.array([scales[metric.name] for metric in targets])
    distances = _short_of_thresholds(metrics, columns, scales)[whole]
    best = [metric.sign * columns[metric.name] for metric in targets]
    for place in front[:: max(1, math.ceil(len(front) / FRONT_POINTS))]:
        behind = np.array([values[place] for values in best]) - gains
        beaten = np.all(behind >= 0, axis=1) & np.any(behind > 0, axis=1)
        distances = np.maximum(
            distances, np.where(beaten, (behind / units)[:, np.isfinite(units)].min(axis=1), 0.0)
        )
    return sorted(whole[np.argsort(distances, kind="stable")[:limit]].tolist())


def _short_of_thresholds(
    metrics: Sequence[Metric], columns: Columns, scales: Mapping[str, float]
) -> FloatArray:
    """How far each trial is from meeting every threshold, in standard errors, shape (trials,)."""
    found = np.zeros(len(next(iter(columns.values()))))
    for metric in metrics:
        if metric.threshold is None or metric.role == "store":
            continue
        short = metric.sign * (metric.threshold - columns[metric.name])
        scale = scales[metric.name]
        found = np.maximum(found, short / scale if math.isfinite(scale) else OUT_OF_REACH * (short > 0))
    return found

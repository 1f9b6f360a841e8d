"""The trials of a large experiment that claims can be about: those closest to the frontier."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.frontier import frontier
from engine.measured import Measured
from engine.metrics import Metric, objectives
from engine.tasks.bootstrap import FloatArray

CONTENDERS = 1000
"""Trials whose metrics are resampled; time and memory grow with them. Of more trials those farthest from the frontier
are left out: each is beaten by so much that no luck of its examples would put it there."""

BLOCK = 10_000
"""Trials whose distance is computed at once."""


def contenders(
    metrics: Sequence[Metric], trials: Sequence[Measured], baseline: int | None, limit: int = CONTENDERS
) -> list[Measured]:
    """At most ``limit`` trials: the baseline and those closest to the frontier, in the order given.

    How far a trial is from the frontier is the least that all of its objectives would have to improve by, each as a
    share of its range, for no trial to beat it (the additive epsilon indicator of Zitzler et al. 2003, taken point by
    point). Thresholds count as little as they do for luck: the frontier is that of trials that meet them.

    Args:
        metrics: those of the specification.
        trials: completed students.
        baseline: number of the baseline's trial, which is always among them.
        limit: most trials.
    """
    targets = objectives(metrics)
    if len(trials) <= limit or not targets:
        return list(trials)
    whole = [
        trial
        for trial in trials
        if all(math.isfinite(trial.metrics.get(metric.name, math.nan)) for metric in targets)
    ]
    if not whole:
        return [trial for trial in trials if trial.number == baseline]
    points = np.array([[metric.sign * trial.metrics[metric.name] for metric in targets] for trial in whole])
    points /= np.maximum(np.ptp(points, axis=0), np.finfo(np.float64).tiny)
    best = frontier(metrics, {trial.number: trial.metrics for trial in whole})
    front = points[[trial.number in best for trial in whole]]
    distances = _distances(points, front) if len(front) else -points.sum(axis=1)
    order = np.argsort(distances, kind="stable")
    kept = {whole[place].number for place in order[: limit - 1]} | {baseline}
    return [trial for trial in whole if trial.number in kept]


def _distances(points: FloatArray, front: FloatArray) -> FloatArray:
    """The least improvement of all objectives that takes each point out of reach of the front, shape (points,)."""
    return np.concatenate(
        [
            (front[None] - points[start : start + BLOCK, None]).min(axis=2).max(axis=1)
            for start in range(0, len(points), BLOCK)
        ]
    )

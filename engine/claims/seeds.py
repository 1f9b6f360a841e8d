"""How much trainings of one configuration differ by their seeds, from the repeats an experiment has."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.tasks.bootstrap import FloatArray

MIN_REPEATS = 3
"""Repeats, over all configurations, from which a standard deviation is estimated; fewer say too little."""


def seed_deviation(
    points: FloatArray, draws: FloatArray | None, groups: Sequence[Sequence[int]]
) -> float | None:
    """Standard deviation of a metric over seeds of training, with what chance in the examples explains taken off.

    The pooled variance within configurations is that of the seeds plus, for trials measured on the same examples,
    half the variance of their difference over examples; the latter comes from the draws.

    Args:
        points: the metric of each trial, shape (trials,).
        draws: the same on resampled examples, shape (resamples, trials); None when that is not known.
        groups: places of the trials of each configuration.

    Returns:
        None with fewer than ``MIN_REPEATS`` repeats in all.
    """
    repeated = [list(group) for group in groups if len(group) > 1]
    repeats = sum(len(group) - 1 for group in repeated)
    if repeats < MIN_REPEATS:
        return None
    spread = sum(float(_squares(points[None, group])[0]) for group in repeated)
    if draws is not None:
        moved = draws - points
        spread -= sum(float(_squares(moved[:, group]).mean()) for group in repeated)
    return math.sqrt(max(spread, 0.0) / repeats)


def _squares(values: FloatArray) -> FloatArray:
    """Sums of squares around the mean of each row."""
    sums: FloatArray = np.square(values - values.mean(axis=1, keepdims=True)).sum(axis=1)
    return sums

"""Standard errors of scores: exact for means, by resampling whole groups for everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.tasks.example_scores import ExampleScores, by_group

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

REPLICATES = 500
"""Resamples of a bootstrap: the error of the standard error itself is then about 3 %."""
SEED = 0
# Numbers held at once while resampling, to bound memory.
BLOCK = 2_000_000


class Measured(NamedTuple):
    """A value in percent with its standard error, None where that cannot be known (a single group).

    A mean comes with what it is the mean of, one example a group.
    """

    value: float
    error: float | None
    examples: ExampleScores | None = None


def grouped_mean(values: FloatArray, group: IntArray) -> tuple[float, float | None]:
    """Mean of values with its exact standard error over groups, None where there is a single group.

    The error is that of a ratio of group sums to group sizes, sqrt(G / (G - 1) * sum_g (s_g - m n_g)^2) / n
    (Cochran, Sampling Techniques, section 2.11); for groups of one it is the usual s / sqrt(n).

    Args:
        values: Shape (n,).
        group: Number of the group of each value, from 0, shape (n,).
    """
    average = float(values.mean())
    residuals = np.bincount(group, weights=values - average)
    groups = len(residuals)
    if groups < 2:
        return average, None
    variance = groups / (groups - 1) * float(np.square(residuals).sum())
    return average, variance**0.5 / len(values)


def mean(values: FloatArray, group: IntArray, names: Sequence[str]) -> Measured:
    """``grouped_mean`` of values in [0, 1], in percent; ``names`` has one name a group."""
    average, error = grouped_mean(values, group)
    examples = by_group(names, values, group)
    return Measured(100 * average, None if error is None else 100 * error, examples)


def of_sums(statistics: FloatArray, group: IntArray, formula: Callable[[FloatArray], FloatArray]) -> Measured:
    """A score that depends on sums over examples only, with its bootstrap standard error.

    Args:
        statistics: What is summed, shape (examples, k).
        group: Number of the group of each example, from 0, shape (examples,).
        formula: Scores in [-1, 1] of shape (r,) from sums of shape (r, k).
    """
    groups = int(group.max()) + 1
    by_group = np.zeros((groups, statistics.shape[1]))
    np.add.at(by_group, group, statistics)
    value = float(formula(by_group.sum(axis=0, keepdims=True))[0])
    return Measured(100 * value, _error(groups, lambda weights: formula(weights @ by_group)))


def of_weights(group: IntArray, formula: Callable[[FloatArray], FloatArray]) -> Measured:
    """A score that needs every example, with its bootstrap standard error.

    Args:
        group: Number of the group of each example, from 0, shape (examples,).
        formula: Scores in [-1, 1] of shape (r,) from how often each example counts, shape (r, examples).
    """
    value = float(formula(np.ones((1, len(group))))[0])
    return Measured(100 * value, _error(int(group.max()) + 1, lambda weights: formula(weights[:, group])))


def _error(groups: int, score: Callable[[FloatArray], FloatArray]) -> float | None:
    if groups < 2:
        return None
    scores = np.concatenate([score(weights) for weights in resamples(groups)])
    return 100 * float(scores.std(ddof=1))


def resamples(groups: int, count: int = REPLICATES, seed: int = SEED) -> Iterator[FloatArray]:
    """How often each group is drawn, in blocks of shape (resamples, groups) that make up ``count`` resamples."""
    rng = np.random.default_rng(seed)
    block = max(1, min(count, BLOCK // groups))
    for first in range(0, count, block):
        rows = min(block, count - first)
        drawn = rng.integers(groups, size=(rows, groups)) + groups * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * groups)
        yield counts.reshape(rows, groups).astype(np.float64)

"""How a metric might have come out on other examples of the same kind: the bootstrap over examples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.tasks.bootstrap import FloatArray, resamples

RESAMPLES = 2000
"""Resamples of the examples. The ends of a 90 % interval are then off by about 1 % of probability."""
SEED = 0


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """A metric example by example, of trials that were measured on the same examples.

    Attributes:
        numbers: of the trials.
        values: shape (trials, examples).
        weights: how much each example counts, shape (examples,).
    """

    numbers: tuple[int, ...]
    values: NDArray[np.float32]
    weights: NDArray[np.float32]

    def means(self) -> FloatArray:
        """Weighted mean over the examples, shape (trials,)."""
        means: FloatArray = self.values.astype(np.float64) @ self.weights / self.weights.sum()
        return means

    @property
    def grain(self) -> float:
        """What a mean changes by when one more example is right instead of wrong, in the metric's unit."""
        return float(np.ptp(self.values) * self.weights.max() / self.weights.sum())


def resampled_means(paired: Paired, count: int = RESAMPLES, seed: int = SEED) -> FloatArray:
    """Weighted means over examples drawn with replacement, the same draw for all trials (Efron 1979).

    Two metrics on equally many examples see the same draws, so that they stay paired too.

    Returns:
        Shape (count, trials).
    """
    sums = np.ascontiguousarray((paired.values * paired.weights).T)
    blocks = []
    for counts in resamples(len(paired.weights), count, seed):
        drawn = counts.astype(np.float32)
        blocks.append((drawn @ sums) / (drawn @ paired.weights)[:, None])
    return np.concatenate(blocks).astype(np.float64)

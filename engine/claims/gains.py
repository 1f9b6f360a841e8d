"""Differences from the baseline with bounds that stay true of a trial picked out because it looked best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.claims.evidence import BoolArray, Evidence
from engine.measured import NORMAL_95
from engine.tasks.bootstrap import FloatArray

TAIL = 0.05
"""What each end of a 90 % interval leaves out."""

HOPELESS = 4.5
"""A trial so many standard errors behind the baseline never looks like one at no loss by chance (probability 3e-6)."""


@dataclass(frozen=True, slots=True, eq=False)
class Gains:
    """How much better than the baseline each trial is in one metric.

    Attributes:
        values: differences as measured, larger is better, shape (trials,).
        errors: their standard errors, paired where the trials are, shape (trials,). That of two trials that differ in
            no example is one example's worth: they would in others.
        known: trials whose difference has an error, shape (trials,).
        paired: trials measured on the baseline's examples, shape (trials,).
        luck: how far each resample's difference lies above the measured one, in standard errors, shape
            (resamples, trials).
    """

    values: FloatArray
    errors: FloatArray
    known: BoolArray
    paired: BoolArray
    luck: FloatArray

    def highest(self) -> FloatArray:
        """Upper bound of each difference by itself: it lies below with probability 95 %, shape (trials,)."""
        factors = np.maximum(np.quantile(-self.luck, 1 - TAIL, axis=0), NORMAL_95)
        reach: FloatArray = self.values + self.errors * factors
        return reach

    def lowest(self, candidates: BoolArray) -> FloatArray:
        """Lower bounds that all hold at once with probability 95 %, for trials chosen among the candidates.

        Single-step max-t over resamples (Westfall and Young 1993; Romano and Wolf 2005, section 3). Trials that are
        ``HOPELESS`` are left out of the maximum, since they would not have been chosen.

        Args:
            candidates: the trials one of which was or could have been picked out, shape (trials,).

        Returns:
            Shape (trials,).
        """
        return self.values - self.errors * self._factor(
            candidates & (self.values > -HOPELESS * self.errors), 1
        )

    def highest_of_all(self, candidates: BoolArray) -> FloatArray:
        """Upper bounds that all hold at once with probability 95 %; see ``lowest``."""
        return self.values + self.errors * self._factor(
            candidates & (self.values < HOPELESS * self.errors), -1
        )

    def _factor(self, candidates: BoolArray, sign: int) -> float:
        """Standard errors that the luckiest of the candidates exceeds with probability ``TAIL``.

        At least those of the normal distribution, which few differing examples do not fill.
        """
        counted = candidates & self.known & (self.errors > 0)
        if not counted.any():
            return NORMAL_95
        return max(NORMAL_95, float(np.quantile((sign * self.luck[:, counted]).max(axis=1), 1 - TAIL)))


def gains(evidence: Evidence, metric: str) -> Gains | None:
    """Differences from the baseline in a maximised metric; None while the baseline is not measured."""
    if evidence.baseline is None:
        return None
    points, base = evidence.points[metric], evidence.baseline
    values = points - points[base]
    none = np.zeros(len(points), dtype=bool)
    spread = evidence.spreads.get(metric)
    if spread is None:
        zeros = np.zeros(len(points))
        return Gains(values, zeros, none, none, zeros[None])
    moved = (spread.draws - points) - (spread.draws[:, [base]] - points[base])
    paired = spread.paired & spread.paired[base]
    errors = np.maximum(moved.std(axis=0, ddof=1), np.where(paired, spread.grain, 0.0))
    errors[base] = 0.0
    luck = np.divide(moved, errors, out=np.zeros_like(moved), where=errors > 0)
    return Gains(values, errors, spread.known & spread.known[base], paired, luck)

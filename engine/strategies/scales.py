"""Scales on which metrics are modelled: mean 0, variance 1, larger is better, and no single bad trial sets the unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.metrics import Metric

FENCE = 2.0
"""How many interquartile ranges below the median a value may lie before it counts as no worse than that."""

FENCED_FROM = 8
"""Trials from which quartiles mean something."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """Linear scale of a metric, on which larger is better.

    Attributes:
        mean: in the metric's unit, 0 on the scale.
        deviation: one unit of the scale, in the metric's unit.
        sign: +1 when larger is better, -1 when smaller is.
        floor: values below are taken as this, on the scale.
    """

    mean: float
    deviation: float
    sign: float
    floor: float = -np.inf

    def forward(self, value: float) -> float:
        """From the metric's unit to the scale; nothing is cut."""
        return self.sign * (value - self.mean) / self.deviation

    def back(self, value: Array) -> Array:
        """From the scale to the metric's unit."""
        return self.mean + self.sign * value * self.deviation

    def outcomes(self, values: Sequence[float]) -> Array:
        """Measured values on the scale, those below ``floor`` raised to it."""
        scaled = self.sign * (np.asarray(values, dtype=np.float64) - self.mean) / self.deviation
        return np.maximum(scaled, self.floor)


def exact_scale(metric: Metric, values: Sequence[float]) -> Scale:
    """Scale of a metric that is known exactly: nothing is cut."""
    mean, deviation = _moments(np.asarray(values, dtype=np.float64))
    return Scale(mean, deviation, metric.sign)


def learned_scale(metric: Metric, values: Sequence[float]) -> Scale:
    """Scale of a metric that a model learns.

    Values that are very bad, such as those of students that answer nothing, are raised to ``FENCE`` interquartile
    ranges below the median (but never above the threshold): that they are bad is all the search has to know, and
    unchanged they would take the model's whole resolution.
    """
    points = metric.sign * np.asarray(values, dtype=np.float64)
    floor = -np.inf
    if len(points) >= FENCED_FROM:
        low, middle, high = np.quantile(points, [0.25, 0.5, 0.75])
        if high > low:
            floor = middle - FENCE * (high - low)
            if metric.threshold is not None:
                floor = min(floor, metric.sign * metric.threshold - (high - low) / 2)
    mean, deviation = _moments(np.maximum(points, floor))
    return Scale(metric.sign * mean, deviation, metric.sign, (floor - mean) / deviation)


def _moments(values: Array) -> tuple[float, float]:
    mean, deviation = float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else 0.0
    # Equal values differ by rounding only; dividing by that would blow up noise.
    is_constant = deviation <= 1e-12 * max(1.0, float(np.abs(values).max()))
    return mean, 1.0 if is_constant else deviation

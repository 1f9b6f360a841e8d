"""Prediction of one number from a few others by least squares, with an uncertainty that is honest for few examples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Array = NDArray[np.float64]

MIN_FREEDOM = 2
"""Fewest examples a line needs beyond its coefficients; with one, the interval is as wide as the axis."""

EXAMPLES_EACH = 4
"""Examples for each coefficient before a line gets another one."""

SMALLEST_REST = 1e-9
"""Below this share of its own residual, an example decides a coefficient alone and cannot be left out."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A number that is not known yet, as a t distribution.

    Attributes:
        mean: its centre.
        scale: its scale, in the number's unit; 0 for a number that is known.
        freedom: degrees of freedom, infinite for a known number.
    """

    mean: float
    scale: float = 0.0
    freedom: float = math.inf

    @property
    def deviation(self) -> float:
        """Standard deviation; of fewer than three degrees of freedom that of three, for theirs is infinite."""
        if self.scale == 0:
            return 0.0
        freedom = max(self.freedom, 3.0)
        return self.scale * math.sqrt(freedom / (freedom - 2)) if math.isfinite(freedom) else self.scale

    def quantile(self, level: float) -> float:
        """The value that the number stays below with probability ``level``, strictly between 0 and 1."""
        return self.mean if self.scale == 0 else self.mean + self.scale * float(stdtrit(self.freedom, level))

    def probability_below(self, value: float) -> float:
        """Probability that the number is at most ``value``."""
        if self.scale == 0:
            return float(self.mean <= value)
        return float(stdtr(self.freedom, (value - self.mean) / self.scale))


@dataclass(frozen=True, slots=True)
class Column:
    """A figure that the number may depend on.

    Attributes:
        values: the figure in each example, shape (examples,).
        at: the figure where the number is to be predicted.
    """

    values: Array
    at: float


def predict(outcomes: Array, wanted: Sequence[Column], extra: Sequence[Column] = ()) -> Prediction | None:
    """Prediction by a straight line through the examples; None when they do not determine one.

    The line is one in the wanted columns and a constant. As long as there are ``EXAMPLES_EACH`` examples for each
    coefficient, the extra column that lowers the leave-one-out error most is added to it, if any does.

    The interval is that of a new observation in ordinary least squares: ``s^2 (1 + x' (X'X)^-1 x)`` with
    ``n - p`` degrees of freedom. Leave-one-out errors are the PRESS residuals ``e_i / (1 - h_ii)`` (Draper and
    Smith, Applied Regression Analysis, 3rd edition, sections 3.1 and 8.4).

    Args:
        outcomes: the number in each example, shape (examples,).
        wanted: columns that are used in any case.
        extra: columns to choose from.
    """
    if len(outcomes) > MIN_FREEDOM and np.ptp(outcomes) == 0:
        # What is the same in all examples, such as the size of one architecture, must not gain a rounding error.
        return Prediction(float(outcomes[0]))
    chosen = [Column(np.ones(len(outcomes)), 1.0), *wanted]
    best = _fitted(outcomes, chosen)
    left = list(extra)
    while best is not None and left and len(outcomes) >= EXAMPLES_EACH * (len(chosen) + 1):
        fits = [(_fitted(outcomes, [*chosen, column]), place) for place, column in enumerate(left)]
        better = [(fit, place) for fit, place in fits if fit is not None and fit[0] < best[0]]
        if not better:
            break
        best, place = min(better, key=lambda item: item[0][0])
        chosen.append(left.pop(place))
    return None if best is None else best[1]


def _fitted(outcomes: Array, columns: Sequence[Column]) -> tuple[float, Prediction] | None:
    """Mean squared leave-one-out error and prediction; None where the coefficients are not determined."""
    design = np.column_stack([column.values for column in columns])
    at = np.array([column.at for column in columns])
    count, coefficients = design.shape
    freedom = count - coefficients
    if freedom < MIN_FREEDOM or np.linalg.matrix_rank(design) < coefficients:
        return None
    inverse = np.linalg.pinv(design)
    solution = inverse @ outcomes
    residuals = outcomes - design @ solution
    left = 1 - np.einsum("ij,ji->i", design, inverse)
    if np.any(left < SMALLEST_REST):
        return None
    press = float(np.mean((residuals / left) ** 2))
    variance = float(residuals @ residuals) / freedom
    spread = float(np.sum((at @ inverse) ** 2))
    return press, Prediction(float(at @ solution), math.sqrt(variance * (1 + spread)), float(freedom))

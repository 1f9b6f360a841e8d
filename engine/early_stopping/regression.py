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
class Line:
    """A straight line through examples.

    Attributes:
        chosen: which columns it depends on.
        solution: its coefficients, that of the constant first.
        inverse: pseudo-inverse of the examples' columns, shape (coefficients, examples).
        variance: of the examples about it.
        freedom: examples beyond its coefficients.
    """

    chosen: tuple[int, ...]
    solution: Array
    inverse: Array
    variance: float
    freedom: int

    def predict(self, figures: Sequence[float]) -> Prediction:
        """The number where the columns have these figures.

        The interval is that of a new observation in ordinary least squares: ``s^2 (1 + x' (X'X)^-1 x)`` with
        ``n - p`` degrees of freedom (Draper and Smith, Applied Regression Analysis, 3rd edition, section 3.1).
        """
        if self.variance == 0:
            return Prediction(float(self.solution[0]))
        at = np.array([1.0, *(figures[column] for column in self.chosen)])
        spread = float(np.sum((at @ self.inverse) ** 2))
        return Prediction(
            float(at @ self.solution), math.sqrt(self.variance * (1 + spread)), float(self.freedom)
        )


def fit(outcomes: Array, columns: Sequence[Array], wanted: int) -> Line | None:
    """A straight line through examples; None when they do not determine one.

    It depends on the wanted columns. As long as there are ``EXAMPLES_EACH`` examples for each coefficient, the other
    column that lowers the leave-one-out error most is added, if any does. Leave-one-out errors are the PRESS
    residuals ``e_i / (1 - h_ii)`` (Draper and Smith, section 8.4).

    Args:
        outcomes: the number in each example, shape (examples,).
        columns: figures it may depend on, shape (examples,) each.
        wanted: how many of them, from the first on, are used in any case.
    """
    if len(outcomes) > MIN_FREEDOM and np.ptp(outcomes) == 0:
        # What is the same in all examples, such as the size of one architecture, must not gain a rounding error.
        return Line((), outcomes[:1], np.zeros((1, 1)), 0.0, len(outcomes) - 1)
    best = _fitted(outcomes, columns, tuple(range(wanted)))
    while best is not None and len(outcomes) >= EXAMPLES_EACH * (len(best[1].chosen) + 2):
        left = set(range(len(columns))) - set(best[1].chosen)
        fits = [_fitted(outcomes, columns, (*best[1].chosen, column)) for column in sorted(left)]
        better = [found for found in fits if found is not None and found[0] < best[0]]
        if not better:
            break
        best = min(better, key=lambda found: found[0])
    return None if best is None else best[1]


def _fitted(outcomes: Array, columns: Sequence[Array], chosen: tuple[int, ...]) -> tuple[float, Line] | None:
    """Mean squared leave-one-out error and line; None where the coefficients are not determined."""
    design = np.column_stack([np.ones(len(outcomes)), *(columns[column] for column in chosen)])
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
    # Examples on a line to the last digit leave a variance of rounding errors, not of nothing.
    variance = max(float(residuals @ residuals) / freedom, float(np.finfo(float).tiny))
    return press, Line(chosen, solution, inverse, variance, freedom)

"""Axes of printed figures: where values lie, and where ticks stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard import formats

TICKS = 6
"""About how many ticks an axis has."""
MARGIN = 0.05
"""How far an axis reaches beyond the data, as a share of their range."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear axis.

    Attributes:
        name: metric or words that it shows.
        label: its title, with unit.
        low: value at its beginning.
        high: value at its end.
        start: coordinate of its beginning.
        end: coordinate of its end.
    """

    name: str
    label: str
    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Coordinate of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Whether a value lies on it."""
        return self.low <= value <= self.high

    def ticks(self) -> list[tuple[float, str]]:
        """Round values with the words they are shown as, units left to the title."""
        step = nice_step((self.high - self.low) / TICKS)
        first = math.ceil(self.low / step - 1e-9)
        values = [step * number for number in range(first, math.floor(self.high / step + 1e-9) + 1)]
        return [(value, formats.count(round(value, 12))) for value in values]


def axis(
    name: str,
    values: Sequence[float],
    start: float,
    end: float,
    *,
    label: str | None = None,
    zero: bool = False,
) -> Axis:
    """An axis over some values.

    Args:
        name: of the metric.
        values: finite ones, at least one.
        start: coordinate of its beginning.
        end: coordinate of its end.
        label: its title; that of the metric if not given.
        zero: whether it begins at zero.
    """
    low, high = (0.0 if zero else min(values)), max(values)
    reach = (high - low) or abs(high) or 1.0
    low = 0.0 if zero else low - MARGIN * reach
    high += MARGIN * reach
    # An axis of sums and counts does not go below zero for the margin's sake.
    if min(values) >= 0 > low:
        low = 0.0
    return Axis(name, formats.axis_label(name) if label is None else label, low, high, start, end)


def nice_step(step: float) -> float:
    """The round number next above a step: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * (1 - 1e-9))

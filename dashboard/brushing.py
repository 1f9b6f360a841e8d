"""Axes of parallel coordinates: where values lie on them, and what a brush means as a condition, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from engine.overview import Overview
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter
from storage.trial_pages import Condition, Span

Range = tuple[float, float]
"""Two ends on an axis."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis.

    Attributes:
        name: of the parameter or metric.
        log: whether places on it are decimal logarithms.
        whole: whether its values are whole numbers.
        choices: its values where it has only a few, in order; places are then 0, 1, 2 ...
        is_text: whether these are words.
    """

    name: str
    log: bool = False
    whole: bool = False
    choices: tuple[float | int | str, ...] = ()
    is_text: bool = False

    def places(self, values: pd.Series[float]) -> pd.Series[float]:
        """Where values lie; NaN for those that have no place."""
        if self.choices:
            order = {value: float(place) for place, value in enumerate(self.choices)}
            return values.map(order).astype(float)
        numbers = pd.to_numeric(values, errors="coerce").astype(float)
        return numbers.where(numbers > 0).map(math.log10, na_action="ignore") if self.log else numbers

    def condition(self, ranges: Sequence[Range]) -> Condition | None:
        """What the trials between the ends of some brushes have in common; None where there are no such values."""
        if self.choices:
            inside = [
                value
                for place, value in enumerate(self.choices)
                if any(low <= place <= high for low, high in ranges)
            ]
            if not inside:
                return None
            if self.is_text:
                return Condition(self.name, words=tuple(str(value) for value in inside))
            return Condition(self.name, tuple(Span(float(value), float(value)) for value in inside))
        return Condition(self.name, tuple(self._span(low, high) for low, high in ranges))

    def ranges(self, conditions: Sequence[Condition]) -> list[Range]:
        """The brushes that stand for the conditions on this axis; none where there is none that can be drawn."""
        wanted = [c for c in conditions if c.name == self.name and not c.negated]
        if not wanted:
            return []
        if self.choices:
            return [
                (place - 0.4, place + 0.4)
                for place, value in enumerate(self.choices)
                if all(_holds(condition, value) for condition in wanted)
            ]
        found: list[Range] = [(-math.inf, math.inf)]
        for condition in wanted:
            ends = [(self._place(span.low), self._place(span.high)) for span in condition.spans]
            found = [
                (max(low, other[0]), min(high, other[1]))
                for low, high in found
                for other in ends
                if max(low, other[0]) <= min(high, other[1])
            ]
        return found

    def _span(self, low: float, high: float) -> Span:
        if self.log:
            low, high = 10**low, 10**high
        if self.whole and math.ceil(low) <= math.floor(high):
            return Span(math.ceil(low), math.floor(high))
        # As many digits as a person would write; outward, so that what was inside stays inside.
        step = 10.0 ** (math.floor(math.log10(max(abs(low), abs(high), 1e-300))) - 3)
        return Span(_rounded(math.floor(low / step) * step), _rounded(math.ceil(high / step) * step))

    def _place(self, value: float) -> float:
        if not self.log or math.isinf(value):
            return value
        return math.log10(value) if value > 0 else -math.inf


def axes(view: Overview, metrics: Sequence[str]) -> list[Axis]:
    """Axes of the parameters that vary, in their order, then of some metrics."""
    found = []
    for name, parameter in view.spec.parameters.items():
        match parameter:
            case CategoricalParameter(values=values):
                found.append(
                    Axis(name, choices=values, is_text=any(isinstance(value, str) for value in values))
                )
            case IntegerParameter() | FloatParameter():
                found.append(Axis(name, log=parameter.log, whole=isinstance(parameter, IntegerParameter)))
    return [*found, *(Axis(name) for name in metrics)]


def conditions_of(drawn: Sequence[Axis], brushes: Mapping[str, Sequence[float]]) -> dict[str, Condition]:
    """Conditions by axis from what a chart reports: the ends of each axis's brushes, one after the other."""
    by_name = {axis.name: axis for axis in drawn}
    found = {}
    for name, ends in brushes.items():
        ranges = [(float(low), float(high)) for low, high in zip(ends[::2], ends[1::2], strict=True)]
        condition = by_name[name].condition(ranges) if name in by_name and ranges else None
        if condition is not None:
            found[name] = condition
    return found


def _holds(condition: Condition, value: float | str) -> bool:
    if isinstance(value, str) or condition.words:
        return str(value) in condition.words
    return any(
        (span.low < value or (span.with_low and span.low == value))
        and (value < span.high or (span.with_high and span.high == value))
        for span in condition.spans
    )


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")

"""Learning curves: what a trial measured on its way, what was known of it before, and what it ended with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.parameters import CategoricalParameter, Value
from engine.space import SearchSpace

Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """A trial as early stopping sees it.

    Attributes:
        number: the trial's number.
        points: metrics of its evaluations so far, the first one first. All trials of an experiment are evaluated
            after the same shares of their trainings, and so compared evaluation by evaluation.
        settings: its configuration in numbers.
        known: metrics that are exact functions of its configuration.
        final: metrics of a completed trial; None of any other.
    """

    number: int
    points: tuple[Values, ...]
    settings: Values
    known: Values
    final: Values | None = None

    def point(self, place: int, metric: str) -> float | None:
        """A metric at an evaluation, counted from 0; None where there is no finite value."""
        if place >= len(self.points):
            return None
        return finite(self.points[place], metric)

    def upto(self, count: int) -> Curve:
        """The trial as it was after ``count`` evaluations, not complete yet."""
        return replace(self, points=self.points[:count], final=None)


def finite(values: Values, metric: str) -> float | None:
    """A metric's value, None where it is missing or not finite."""
    value = values.get(metric)
    return value if value is not None and math.isfinite(value) else None


def in_numbers(space: SearchSpace, configuration: Mapping[str, Value]) -> dict[str, float]:
    """A configuration as places in the ranges of its numbers, and as a 0 or 1 for each word that may be chosen."""
    numbers: dict[str, float] = {}
    for name, parameter in space.parameters.items():
        value = configuration[name]
        if isinstance(parameter, CategoricalParameter) and any(
            isinstance(item, str) for item in parameter.values
        ):
            numbers |= {f"{name} = {item}": float(value == item) for item in parameter.values}
        else:
            numbers[name] = parameter.to_unit(value)
    return numbers

"""Configurations as points for a model: numbers scaled to [0, 1], choices without an order one column a value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.parameters import CategoricalParameter, Configuration, FloatParameter, IntegerParameter, Value
from engine.space import SearchSpace

MAX_GRID = 20
"""Integers with more values than this are also moved as if continuous, and rounded."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Encoding:
    """Translates configurations of a space into rows of a matrix.

    A number has one column; so has a choice among positive numbers, whose place is its rank. Any other choice has one
    column for each of its values, 1 where it is taken. Choices with a single value have none. Columns of earlier
    experiments come last: 1 in the rows of that experiment's trials, 0 in this one's.

    Attributes:
        space: parameters and rules.
        sources: number of earlier experiments.
    """

    space: SearchSpace
    sources: int = 0

    @cached_property
    def columns(self) -> list[str]:
        """Parameter behind each column, in order, those of earlier experiments left out."""
        names = []
        for name, parameter in self.space.parameters.items():
            names += [name] * _width(parameter)
        return names

    @property
    def width(self) -> int:
        """Columns in all."""
        return len(self.columns) + self.sources

    @cached_property
    def continuous(self) -> dict[int, str]:
        """Columns that may be moved by a gradient: floats, and integers of more than ``MAX_GRID`` values."""
        return {
            index: name
            for index, name in enumerate(self.columns)
            if isinstance(parameter := self.space.parameters[name], FloatParameter)
            or (isinstance(parameter, IntegerParameter) and parameter.high - parameter.low >= MAX_GRID)
        }

    def encode(self, configurations: Sequence[Mapping[str, Value]], source: int = 0) -> Array:
        """Rows of shape (configurations, width), within [0, 1].

        Args:
            configurations: legal ones, conditions applied.
            source: the earlier experiment they are of, from 1; 0 for this one.
        """
        columns = [
            column
            for name, parameter in self.space.parameters.items()
            for column in _columns(parameter, [row[name] for row in configurations])
        ]
        columns += [np.full(len(configurations), float(i == source)) for i in range(1, self.sources + 1)]
        rows = np.array(columns, dtype=np.float64).T.reshape(len(configurations), self.width)
        return np.ascontiguousarray(rows)

    def moved(self, configuration: Configuration, row: Sequence[float]) -> Configuration:
        """The configuration with its continuous parameters taken from a row."""
        changed = dict(configuration)
        for index, name in self.continuous.items():
            changed[name] = _value(self.space.parameters[name], row[index])
        return self.space.canonical(changed)


def _is_ordered(parameter: CategoricalParameter) -> bool:
    return all(not isinstance(value, str) and value > 0 for value in parameter.values)


def _width(parameter: FloatParameter | IntegerParameter | CategoricalParameter) -> int:
    if not isinstance(parameter, CategoricalParameter):
        return 1
    if len(parameter.values) == 1:
        return 0
    return 1 if _is_ordered(parameter) else len(parameter.values)


def _columns(
    parameter: FloatParameter | IntegerParameter | CategoricalParameter, values: Sequence[Value]
) -> list[Array]:
    """The parameter's columns at some values, shape (values,) each."""
    if not isinstance(parameter, CategoricalParameter):
        return [_places(parameter, np.array(values, dtype=np.float64))]
    if len(parameter.values) == 1:
        return []
    if _is_ordered(parameter):
        ranked = np.sort(np.array(parameter.values, dtype=np.float64))
        below = np.searchsorted(ranked, np.array(values, dtype=np.float64), side="left")
        return [below / (len(ranked) - 1)]
    return [np.array([float(other == value) for value in values]) for other in parameter.values]


def _places(parameter: FloatParameter | IntegerParameter, numbers: Array) -> Array:
    low, high = float(parameter.low), float(parameter.high)
    if parameter.log:
        low, high, numbers = math.log(low), math.log(high), np.log(numbers)
    found: Array = np.clip((numbers - low) / (high - low), 0.0, 1.0)
    return found


def _value(parameter: FloatParameter | IntegerParameter | CategoricalParameter, place: float) -> Value:
    assert not isinstance(parameter, CategoricalParameter)
    if isinstance(parameter, FloatParameter):
        return parameter.from_unit(place)
    if parameter.log:
        low, high = math.log(parameter.low), math.log(parameter.high)
        return round(math.exp(low + place * (high - low)))
    return round(parameter.low + place * (parameter.high - parameter.low))

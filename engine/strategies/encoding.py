"""Configurations as points for a model: numbers scaled to [0, 1], categoricals as the index of their value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.space import (
    CategoricalParameter,
    Configuration,
    FloatParameter,
    IntegerParameter,
    SearchSpace,
    Value,
)

MAX_GRID = 20
"""Integers with more values than this are searched as if continuous, and rounded."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Encoding:
    """Translates between configurations of a space and rows of a matrix, one column a parameter.

    Categoricals with a single value have no column, for there is nothing to choose.
    """

    space: SearchSpace

    @property
    def columns(self) -> list[str]:
        """Parameter of each column."""
        return [
            name
            for name, parameter in self.space.parameters.items()
            if not (isinstance(parameter, CategoricalParameter) and len(parameter.values) == 1)
        ]

    @property
    def bounds(self) -> Array:
        """Smallest and largest value of each column, shape (2, columns)."""
        categories = self.categories
        high = [len(categories[i]) - 1.0 if i in categories else 1.0 for i in range(len(self.columns))]
        return np.array([[0.0] * len(high), high])

    @property
    def grids(self) -> dict[int, list[float]]:
        """Places of the values of each column that holds an integer of at most ``MAX_GRID`` values."""
        grids = {}
        for i, name in enumerate(self.columns):
            parameter = self.space.parameters[name]
            if isinstance(parameter, IntegerParameter) and parameter.high - parameter.low < MAX_GRID:
                grids[i] = [_place(parameter, v) for v in range(parameter.low, parameter.high + 1)]
        return grids

    @property
    def categories(self) -> dict[int, list[float]]:
        """Indices of the values of each categorical column."""
        return {
            i: [float(k) for k in range(len(parameter.values))]
            for i, name in enumerate(self.columns)
            if isinstance(parameter := self.space.parameters[name], CategoricalParameter)
        }

    def encode(self, configurations: Sequence[Mapping[str, Value]]) -> Array:
        """Rows of shape (configurations, columns), within ``bounds``."""
        columns = [(name, self.space.parameters[name]) for name in self.columns]
        rows = [[_place(parameter, row[name]) for name, parameter in columns] for row in configurations]
        return np.array(rows, dtype=np.float64).reshape(len(configurations), len(columns))

    def decode(self, row: Sequence[float]) -> Configuration:
        """The configuration at or nearest to a row; it need not meet the rules."""
        places = dict(zip(self.columns, row, strict=True))
        return {
            name: _value(parameter, places.get(name, 0.0))
            for name, parameter in self.space.parameters.items()
        }


def _place(parameter: FloatParameter | IntegerParameter | CategoricalParameter, value: Value) -> float:
    if isinstance(parameter, CategoricalParameter):
        return float(parameter.values.index(value))
    low, high, number = float(parameter.low), float(parameter.high), float(value)
    if parameter.log:
        low, high, number = math.log(low), math.log(high), math.log(number)
    return min(max((number - low) / (high - low), 0.0), 1.0)


def _value(parameter: FloatParameter | IntegerParameter | CategoricalParameter, place: float) -> Value:
    match parameter:
        case CategoricalParameter():
            return parameter.values[round(place)]
        case FloatParameter():
            return parameter.from_unit(place)
        case IntegerParameter(log=True):
            low, high = math.log(parameter.low), math.log(parameter.high)
            return round(math.exp(low + place * (high - low)))
        case _:
            return round(parameter.low + place * (parameter.high - parameter.low))

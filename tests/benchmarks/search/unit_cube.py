"""Configurations as points of a unit cube, for peers that work on vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.parameters import CategoricalParameter, Configuration, IntegerParameter, Value
from engine.space import SearchSpace

MAX_GRID = 20
"""Integers with more values than this are treated as continuous, and rounded."""


@dataclass(frozen=True, slots=True)
class UnitCube:
    """One coordinate a parameter: numbers in [0, 1], categoricals as the index of their value."""

    space: SearchSpace

    @property
    def grids(self) -> dict[int, list[float]]:
        """Coordinates of the values of each integer with few of them."""
        return {
            i: [parameter.to_unit(value) for value in range(parameter.low, parameter.high + 1)]
            for i, parameter in enumerate(self.space.parameters.values())
            if isinstance(parameter, IntegerParameter) and parameter.high - parameter.low < MAX_GRID
        }

    @property
    def categories(self) -> dict[int, list[float]]:
        """Indices of the values of each categorical."""
        return {
            i: [float(k) for k in range(len(parameter.values))]
            for i, parameter in enumerate(self.space.parameters.values())
            if isinstance(parameter, CategoricalParameter)
        }

    @property
    def bounds(self) -> list[list[float]]:
        """Smallest and largest value of each coordinate."""
        discrete = self.grids | self.categories
        columns = [discrete.get(i, [0.0, 1.0]) for i in range(len(self.space.parameters))]
        return [[column[0] for column in columns], [column[-1] for column in columns]]

    def encode(self, configuration: Mapping[str, Value]) -> list[float]:
        """The point of a configuration."""
        return [
            float(parameter.values.index(configuration[name]))
            if isinstance(parameter, CategoricalParameter)
            else parameter.to_unit(configuration[name])
            for name, parameter in self.space.parameters.items()
        ]

    def decode(self, point: Sequence[float]) -> Configuration:
        """The configuration of a point; it need not meet the rules."""
        return {
            name: parameter.values[round(place)]
            if isinstance(parameter, CategoricalParameter)
            else parameter.from_unit(place)
            for (name, parameter), place in zip(self.space.parameters.items(), point, strict=True)
        }

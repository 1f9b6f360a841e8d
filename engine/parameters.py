"""Parameters of a search: floats, integers and categoricals with their ranges, each mapped to and from [0, 1]."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from engine.errors import SettingError

Value = float | int | str
"""What a parameter may be set to."""

LARGEST_WHOLE = 2**53
"""Bound of whole numbers, up to which floats are exact."""

Configuration = dict[str, Value]
"""One value for every parameter of a space."""


class FloatParameter(BaseModel):
    """A real number between two bounds, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["float"] = "float"
    low: float = Field(description="Smallest value.", allow_inf_nan=False)
    high: float = Field(description="Largest value.", allow_inf_nan=False)
    log: bool = Field(
        default=False, description="Search the logarithm, for ranges over several powers of ten."
    )

    @model_validator(mode="after")
    def _range(self) -> Self:
        _check_range(self)
        return self

    def from_unit(self, unit: float) -> float:
        """Value at a place of the unit interval; 0 is ``low``, 1 is ``high``."""
        if self.log:
            low, high = math.log(self.low), math.log(self.high)
            return min(max(math.exp(low + unit * (high - low)), self.low), self.high)
        return min(max(self.low + unit * (self.high - self.low), self.low), self.high)

    def to_unit(self, value: Value) -> float:
        """Place of a value in the unit interval."""
        number = float(value)
        if self.log:
            return (math.log(number) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return (number - self.low) / (self.high - self.low)

    def contains(self, value: Value) -> bool:
        """Whether the value lies within the bounds."""
        return not isinstance(value, str) and self.low <= value <= self.high


class IntegerParameter(BaseModel):
    """A whole number between two bounds, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["int"] = "int"
    low: int = Field(description="Smallest value.", ge=-LARGEST_WHOLE)
    high: int = Field(description="Largest value.", le=LARGEST_WHOLE)
    log: bool = Field(default=False, description="Search the logarithm.")

    @model_validator(mode="after")
    def _range(self) -> Self:
        _check_range(self)
        return self

    def from_unit(self, unit: float) -> int:
        """Value at a place of the unit interval; every whole number owns an equal share."""
        if self.log:
            low, high = math.log(self.low - 0.5), math.log(self.high + 0.5)
            value = round(math.exp(low + unit * (high - low)))
        else:
            value = self.low + math.floor(unit * (self.high - self.low + 1))
        return min(max(value, self.low), self.high)

    def to_unit(self, value: Value) -> float:
        """Middle of the share of the unit interval that the value owns."""
        if self.log:
            low, high = math.log(self.low - 0.5), math.log(self.high + 0.5)
            return (math.log(float(value)) - low) / (high - low)
        return (float(value) - self.low + 0.5) / (self.high - self.low + 1)

    def contains(self, value: Value) -> bool:
        """Whether the value is a whole number within the bounds."""
        return not isinstance(value, str) and float(value).is_integer() and self.low <= value <= self.high


class CategoricalParameter(BaseModel):
    """One of a few values without an order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["categorical"] = "categorical"
    values: tuple[int | float | str, ...] = Field(min_length=1, description="The values to choose from.")

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len(set(self.values)) != len(self.values):
            raise ValueError(f"values {list(self.values)} repeat themselves; list each value once")
        return self

    def from_unit(self, unit: float) -> Value:
        """Value at a place of the unit interval; every value owns an equal share."""
        return self.values[min(int(unit * len(self.values)), len(self.values) - 1)]

    def to_unit(self, value: Value) -> float:
        """Middle of the share of the unit interval that the value owns."""
        return (self.values.index(value) + 0.5) / len(self.values)

    def contains(self, value: Value) -> bool:
        """Whether the value is one of the choices."""
        return value in self.values


Parameter = Annotated[FloatParameter | IntegerParameter | CategoricalParameter, Field(discriminator="type")]


_ADAPTER: TypeAdapter[FloatParameter | IntegerParameter | CategoricalParameter] = TypeAdapter(Parameter)


def parameter_from_dict(
    name: str, settings: Mapping[str, Any]
) -> FloatParameter | IntegerParameter | CategoricalParameter:
    """A parameter from a plain dictionary.

    Raises:
        SettingError: naming the parameter and what is wrong with it.
    """
    try:
        return _ADAPTER.validate_python(settings)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        raise SettingError(
            f"parameter {name}{f', {where}' if where else ''}: {first['msg']}; "
            "write {'type': 'float', 'low': ..., 'high': ...}, the same with 'int', or "
            "{'type': 'categorical', 'values': [...]}"
        ) from error


def configuration_key(configuration: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
    """Hashable form of a configuration, equal for equal settings; floats count as equal to 9 digits."""
    return tuple(
        (name, float(f"{value:.9g}") if isinstance(value, float) else value)
        for name, value in sorted(configuration.items())
    )


def _check_range(parameter: FloatParameter | IntegerParameter) -> None:
    if parameter.low >= parameter.high:
        raise ValueError(f"low {parameter.low:g} must be below high {parameter.high:g}")
    if parameter.log and parameter.low <= 0:
        raise ValueError(f"low {parameter.low:g} must be above 0 when log = true")

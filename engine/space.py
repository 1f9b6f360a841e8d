"""Search spaces: floats, integers and categoricals with their ranges, and rules over them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from engine.errors import SettingError
from engine.rules import Rule

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


@dataclass(frozen=True, slots=True)
class Condition:
    """When a parameter counts at all, such as a temperature only where ``alpha > 0``.

    Attributes:
        rule: over other parameters; the parameter counts where it holds.
        otherwise: value it has where the rule does not hold, so that configurations that differ in nothing that
            counts are the same.
    """

    rule: Rule
    otherwise: Value


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """Parameters by name, with rules over them and conditions on them.

    Raises:
        SettingError: when a rule or condition reads a name that is not a parameter, or a condition has a value
            outside its parameter's range.
    """

    parameters: Mapping[str, FloatParameter | IntegerParameter | CategoricalParameter]
    rules: tuple[Rule, ...] = ()
    conditions: Mapping[str, Condition] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for rule in (*self.rules, *(condition.rule for condition in self.conditions.values())):
            rule.check_names(self.parameters)
        for name, condition in self.conditions.items():
            parameter = self.parameters.get(name)
            if parameter is None:
                raise SettingError(f"condition {name}: there is no such parameter")
            if name in condition.rule.names:
                raise SettingError(f"condition {condition.rule.text!r} of {name} reads {name} itself")
            if not parameter.contains(condition.otherwise):
                raise SettingError(
                    f"condition of {name}: its value {condition.otherwise} is outside its range"
                )

    @classmethod
    def from_dict(cls, parameters: Mapping[str, Mapping[str, Any]], rules: Sequence[str] = ()) -> SearchSpace:
        """A space from plain dictionaries.

        Args:
            parameters: by name, such as ``{"type": "float", "low": 1e-6, "high": 1e-2, "log": True}``,
                ``{"type": "int", "low": 1, "high": 12}`` or ``{"type": "categorical", "values": [256, 512]}``; with
                ``"when": "alpha > 0"`` a parameter counts only where that holds, and has the value of
                ``"otherwise"`` (if left out, its lowest or first value) elsewhere.
            rules: conditions every configuration must meet, such as ``"hidden_size % n_heads == 0"``.

        Raises:
            SettingError: naming the parameter and what is wrong with it.
        """
        made: dict[str, FloatParameter | IntegerParameter | CategoricalParameter] = {}
        conditions = {}
        for name, given in parameters.items():
            settings = dict(given)
            when, otherwise = settings.pop("when", None), settings.pop("otherwise", None)
            made[name] = _parameter(name, settings)
            if when is not None:
                conditions[name] = Condition(
                    Rule(when), made[name].from_unit(0.0) if otherwise is None else otherwise
                )
        return cls(made, tuple(Rule(text) for text in rules), conditions)

    def canonical(self, configuration: Mapping[str, Value]) -> Configuration:
        """The configuration with every parameter that does not count at its condition's value.

        Conditions are gone through in their order, each seeing what those before it changed.
        """
        found = dict(configuration)
        for name, condition in self.conditions.items():
            if not condition.rule.allows(found):
                found[name] = condition.otherwise
        return found

    def allows(self, configuration: Mapping[str, Value]) -> bool:
        """Whether the configuration is within all ranges and meets all rules."""
        return all(
            name in configuration and parameter.contains(configuration[name])
            for name, parameter in self.parameters.items()
        ) and self.meets_rules(configuration)

    def meets_rules(self, configuration: Mapping[str, Value]) -> bool:
        """Whether the configuration meets all rules, whatever the ranges."""
        return all(rule.allows(configuration) for rule in self.rules)

    def from_unit(self, point: list[float]) -> Configuration:
        """Configuration at a point of the unit cube, one coordinate a parameter in the order of the space."""
        return self.canonical(
            {
                name: parameter.from_unit(unit)
                for (name, parameter), unit in zip(self.parameters.items(), point, strict=True)
            }
        )

    def size(self) -> float:
        """Number of configurations before the rules; infinite as soon as a float takes part."""
        total = 1.0
        for parameter in self.parameters.values():
            match parameter:
                case FloatParameter():
                    return math.inf
                case IntegerParameter():
                    total *= parameter.high - parameter.low + 1
                case CategoricalParameter():
                    total *= len(parameter.values)
        return total


_PARAMETER: TypeAdapter[FloatParameter | IntegerParameter | CategoricalParameter] = TypeAdapter(Parameter)


def _parameter(
    name: str, settings: Mapping[str, Any]
) -> FloatParameter | IntegerParameter | CategoricalParameter:
    try:
        return _PARAMETER.validate_python(settings)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        raise SettingError(
            f"parameter {name}{f', {where}' if where else ''}: {first['msg']}; "
            "write {'type': 'float', 'low': ..., 'high': ...}, the same with 'int', or "
            "{'type': 'categorical', 'values': [...]}"
        ) from error


def _check_range(parameter: FloatParameter | IntegerParameter) -> None:
    if parameter.low >= parameter.high:
        raise ValueError(f"low {parameter.low:g} must be below high {parameter.high:g}")
    if parameter.log and parameter.low <= 0:
        raise ValueError(f"low {parameter.low:g} must be above 0 when log = true")


def configuration_key(configuration: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
    """Hashable form of a configuration, equal for equal settings; floats count as equal to 9 digits."""
    return tuple(
        (name, float(f"{value:.9g}") if isinstance(value, float) else value)
        for name, value in sorted(configuration.items())
    )


def checked_configuration(space: SearchSpace, configuration: Mapping[str, Value], what: str) -> Configuration:
    """The configuration, its conditions applied, when it names every parameter within its range.

    Raises:
        SettingError: naming ``what`` and the parameter at fault.
    """
    for name in configuration:
        if name not in space.parameters:
            raise SettingError(f"{what}: {name} is no parameter of the space ({', '.join(space.parameters)})")
    for name, parameter in space.parameters.items():
        if name not in configuration:
            raise SettingError(f"{what}: no value for parameter {name}")
        if not parameter.contains(configuration[name]):
            raise SettingError(f"{what}: {name} = {configuration[name]} is outside its range in the space")
    for rule in space.rules:
        if not rule.allows(configuration):
            raise SettingError(f"{what} does not meet the rule {rule.text!r}")
    return space.canonical(configuration)

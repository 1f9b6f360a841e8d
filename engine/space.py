"""Search spaces: parameters with rules over them and conditions on when each counts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.errors import SettingError
from engine.parameters import (
    CategoricalParameter,
    Configuration,
    FloatParameter,
    IntegerParameter,
    Value,
    parameter_from_dict,
)
from engine.rules import Rule


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
            made[name] = parameter_from_dict(name, settings)
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

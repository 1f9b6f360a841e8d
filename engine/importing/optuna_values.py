"""Optuna's ranges and numbers in the program's own terms."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import SettingError
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter, Value

AnyParameter = FloatParameter | IntegerParameter | CategoricalParameter

_KINDS = {
    "FloatDistribution": "float",
    "UniformDistribution": "float",
    "LogUniformDistribution": "float",
    "DiscreteUniformDistribution": "float",
    "IntDistribution": "int",
    "IntUniformDistribution": "int",
    "IntLogUniformDistribution": "int",
    "CategoricalDistribution": "categorical",
}
_LOGARITHMIC = ("LogUniformDistribution", "IntLogUniformDistribution")


@dataclass(frozen=True, slots=True)
class Range:
    """What a trial could have set a parameter to.

    Attributes:
        kind: float, int or categorical.
        low: smallest number.
        high: largest number.
        log: whether the logarithm was searched.
        choices: of a categorical, as the program knows them.
    """

    kind: str
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    choices: tuple[Value, ...] = ()

    def value(self, internal: float) -> Value:
        """A value from the number Optuna keeps for it."""
        if self.kind == "categorical":
            return self.choices[int(internal)]
        return int(internal) if self.kind == "int" else float(internal)


def parse_range(text: str) -> Range:
    """A range from Optuna's JSON, of version 1 or later.

    Raises:
        SettingError: when it is of a kind that is not known.
    """
    found: dict[str, Any] = json.loads(text)
    name, settings = str(found.get("name", "")), found.get("attributes", found)
    kind = _KINDS.get(name, str(found.get("type", "")))
    if kind == "categorical":
        return Range(kind, choices=_choices(settings["choices"]))
    if kind not in ("float", "int"):
        raise SettingError(f"Optuna's distribution {name or text!r} is not known here")
    log = bool(settings.get("log", False)) or name in _LOGARITHMIC
    return Range(kind, float(settings["low"]), float(settings["high"]), log)


def joined(ranges: Iterable[Range]) -> AnyParameter:
    """One parameter that holds every value of several ranges; a single value becomes a choice of one."""
    found = list(dict.fromkeys(ranges))
    kinds = {item.kind for item in found}
    if "categorical" in kinds:
        values = [choice for item in found for choice in (item.choices or (item.low, item.high))]
        return CategoricalParameter(values=tuple(dict.fromkeys(values)))
    low, high = min(item.low for item in found), max(item.high for item in found)
    whole = kinds == {"int"}
    if low == high:
        return CategoricalParameter(values=(int(low) if whole else low,))
    log = all(item.log for item in found) and low > 0
    if whole:
        return IntegerParameter(low=int(low), high=int(high), log=log)
    return FloatParameter(low=low, high=high, log=log)


def finite_numbers(attributes: Mapping[str, Any]) -> dict[str, float]:
    """Those of a trial's attributes that are finite numbers."""
    return {
        name: float(value)
        for name, value in attributes.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    }


def _choices(given: Iterable[Any]) -> tuple[Value, ...]:
    """Choices as numbers where all are, else as texts, in their order."""
    listed = list(given)
    if all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in listed):
        return tuple(listed)
    return tuple(item if isinstance(item, str) else json.dumps(item) for item in listed)

"""Known metrics given as plain functions of the parameters, such as a price or a size a user has a formula for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.errors import SettingError
from engine.parameters import Configuration, Value

KnownFunction = Callable[[Configuration], float]


@dataclass(frozen=True, slots=True)
class KnownFunctions:
    """One function for each known metric.

    Attributes:
        functions: by name of the metric; each takes a configuration and gives the metric's value.
    """

    functions: Mapping[str, KnownFunction]

    @property
    def metrics(self) -> frozenset[str]:
        """Names of the metrics."""
        return frozenset(self.functions)

    @property
    def parameters(self) -> None:
        """A function may read any parameter."""
        return

    def values(self, configuration: Mapping[str, Value]) -> Mapping[str, float]:
        """Value of each function.

        Raises:
            SettingError: when a function gives something other than a finite number.
        """
        return {
            name: _finite(name, function(dict(configuration)), configuration)
            for name, function in self.functions.items()
        }


def _finite(name: str, value: float, configuration: Mapping[str, Value]) -> float:
    if isinstance(value, (int, float)) and math.isfinite(value):
        return float(value)
    raise SettingError(
        f"metric {name}: its function gave {value!r} for {dict(configuration)}; it must give a finite number, and a "
        "rule of the space must exclude configurations that have none"
    )

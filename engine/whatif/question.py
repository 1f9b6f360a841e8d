"""What is asked: settings pinned to a value or a range, and budgets that metrics have to keep."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.errors import SettingError
from engine.parameters import CategoricalParameter, Configuration, FloatParameter, IntegerParameter, Value
from engine.space import SearchSpace

AnyParameter = FloatParameter | IntegerParameter | CategoricalParameter

RANGE_SIGN = ".."
"""Stands between the ends of a range, as in ``n_layers=3..6``."""


@dataclass(frozen=True, slots=True)
class Range:
    """Values a setting is held to, both ends included."""

    low: float
    high: float

    def __contains__(self, value: Value) -> bool:
        return not isinstance(value, str) and self.low <= value <= self.high


Pin = Value | Range
"""What a setting is held to."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A bound that a metric has to keep: at most (``max``) or at least (``min``) a limit in the metric's unit."""

    metric: str
    kind: Literal["max", "min"]
    limit: float

    @property
    def sign(self) -> float:
        """+1 when values above the limit break the budget, -1 when values below do."""
        return 1.0 if self.kind == "max" else -1.0

    def keeps(self, value: float) -> bool:
        """Whether a value is within the budget."""
        return self.sign * (value - self.limit) <= 0


@dataclass(frozen=True, slots=True)
class Question:
    """What a person wants to know.

    Attributes:
        pinned: settings that are held to a value or a range; the others are free.
        budgets: bounds on metrics, whatever their role in the search.
    """

    pinned: Mapping[str, Pin] = field(default_factory=dict)
    budgets: Sequence[Budget] = ()

    def check(self, space: SearchSpace, metrics: Sequence[str]) -> None:
        """Check a question against what was searched and measured.

        Args:
            space: the search space.
            metrics: names of the metrics that can be asked for.

        Raises:
            SettingError: naming the parameter or metric at fault, and what there is instead.
        """
        for name, pin in self.pinned.items():
            if name not in space.parameters:
                listed = ", ".join(f"{known} ({told(known, space)})" for known in space.parameters)
                raise SettingError(f"{name} is not searched, so it cannot be pinned; searched are {listed}")
            _check_pin(name, pin, space)
        for budget in self.budgets:
            if budget.metric not in metrics:
                raise SettingError(
                    f"no trial reports the metric {budget.metric!r}; known are {', '.join(metrics)}"
                )
            if not math.isfinite(budget.limit):
                raise SettingError(f"the budget of {budget.metric} is {budget.limit}; give a finite number")


def parse_pin(text: str, space: SearchSpace) -> tuple[str, Pin]:
    """A pin from ``NAME=VALUE`` or ``NAME=LOW..HIGH``.

    Raises:
        SettingError: when the text has another form, the parameter is unknown, or the value is not of its kind.
    """
    name, sign, value = (part.strip() for part in text.partition("="))
    if not (name and sign and value):
        raise SettingError(f"{text!r} pins nothing; write NAME=VALUE or NAME=LOW{RANGE_SIGN}HIGH")
    if name not in space.parameters:
        Question({name: value}).check(space, ())
    parameter = space.parameters[name]
    if isinstance(parameter, CategoricalParameter):
        chosen = next((choice for choice in parameter.values if _names(value, choice)), None)
        if chosen is not None:
            return name, chosen
    low, sign, high = value.partition(RANGE_SIGN)
    try:
        if sign:
            return name, Range(float(low), float(high))
        number = float(value)
    except ValueError as error:
        raise SettingError(f"{name} cannot be {value!r}; it is {told(name, space)}") from error
    return name, int(number) if isinstance(parameter, IntegerParameter) and number.is_integer() else number


def parse_budget(text: str, kind: Literal["max", "min"]) -> Budget:
    """A budget from ``METRIC=NUMBER``.

    Raises:
        SettingError: when the text has another form.
    """
    name, _, value = (part.strip() for part in text.partition("="))
    try:
        limit = float(value)
    except ValueError:
        limit = math.nan
    if not name or not math.isfinite(limit):
        raise SettingError(f"{text!r} is no budget; write METRIC=NUMBER, such as num_parameters=45e6")
    return Budget(name, kind, limit)


def pinned_space(space: SearchSpace, pinned: Mapping[str, Pin]) -> SearchSpace:
    """The part of a space that pins leave, without its conditions: apply the space's own to what is drawn from it."""
    return SearchSpace(
        {
            name: _narrowed(parameter, pinned[name]) if name in pinned else parameter
            for name, parameter in space.parameters.items()
        },
        space.rules,
    )


def fixed_configuration(space: SearchSpace, pinned: Mapping[str, Pin]) -> Configuration | None:
    """The configuration when every parameter is pinned to one value, else None."""
    values: Configuration = {}
    for name in space.parameters:
        pin = pinned.get(name)
        if pin is None or isinstance(pin, Range):
            return None
        values[name] = pin
    return space.canonical(values)


def told(name: str, space: SearchSpace) -> str:
    """What a parameter may be, in words, such as "1 to 12" or "first, last or random"."""
    parameter = space.parameters[name]
    if isinstance(parameter, CategoricalParameter):
        *others, last = [str(value) for value in parameter.values]
        return f"{', '.join(others)} or {last}" if others else last
    return f"{parameter.low:g} to {parameter.high:g}"


def _names(text: str, choice: Value) -> bool:
    """Whether a text stands for a choice; 256.0 stands for 256."""
    if isinstance(choice, str):
        return text == choice
    try:
        return float(text) == choice
    except ValueError:
        return False


def _check_pin(name: str, pin: Pin, space: SearchSpace) -> None:
    parameter = space.parameters[name]
    if not isinstance(pin, Range):
        if not parameter.contains(pin):
            raise SettingError(f"{name} = {pin} was not searched; it is {told(name, space)}")
        return
    if isinstance(parameter, CategoricalParameter):
        if not any(value in pin for value in parameter.values):
            raise SettingError(
                f"{name} has no value from {pin.low:g} to {pin.high:g}; it is {told(name, space)}"
            )
    elif pin.low > pin.high:
        raise SettingError(f"the range of {name} ends ({pin.high:g}) before it begins ({pin.low:g})")
    elif not (parameter.low <= pin.low and pin.high <= parameter.high):
        raise SettingError(
            f"{name} from {pin.low:g} to {pin.high:g} reaches beyond what was searched; it is {told(name, space)}"
        )
    elif isinstance(parameter, IntegerParameter) and math.ceil(pin.low) > math.floor(pin.high):
        raise SettingError(f"{name} has no whole number from {pin.low:g} to {pin.high:g}")


def _narrowed(parameter: AnyParameter, pin: Pin) -> AnyParameter:
    if not isinstance(pin, Range):
        return CategoricalParameter(values=(pin,))
    match parameter:
        case CategoricalParameter():
            return CategoricalParameter(values=tuple(value for value in parameter.values if value in pin))
        case IntegerParameter():
            low, high = math.ceil(pin.low), math.floor(pin.high)
            if low == high:
                return CategoricalParameter(values=(low,))
            return IntegerParameter(low=low, high=high, log=parameter.log)
        case _:
            if pin.low == pin.high:
                return CategoricalParameter(values=(pin.low,))
            return FloatParameter(low=pin.low, high=pin.high, log=parameter.log)

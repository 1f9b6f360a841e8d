"""Questions as query parameters of an address, such as ``n_layers=4&alpha=0.2..0.6&max.num_parameters=45e6``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from dashboard.access.sharing import LINK_PARAMETER
from engine.errors import SettingError
from engine.parameters import CategoricalParameter, Value
from engine.space import SearchSpace
from engine.whatif.question import (
    RANGE_SIGN,
    AnyParameter,
    Budget,
    Pin,
    Question,
    Range,
    parse_budget,
    parse_pin,
)

EXPERIMENT = "experiment"
"""Parameter of the address that names the experiment."""

OTHERS = frozenset({EXPERIMENT, LINK_PARAMETER, "embed", "embed_options"})
"""Parameters of the address that say nothing of the question."""


@dataclass(frozen=True, slots=True)
class Read:
    """What an address asks.

    Attributes:
        question: as far as it could be read; checked.
        problems: what could not be, in sentences.
    """

    question: Question
    problems: tuple[str, ...]


def read_question(query: Mapping[str, str], space: SearchSpace, metrics: Collection[str]) -> Read:
    """The question of an address; what does not fit the experiment is left out and told.

    Args:
        query: parameters of the address.
        space: what was searched.
        metrics: names of the metrics that can be asked for.
    """
    pinned: dict[str, Pin] = {}
    budgets: list[Budget] = []
    problems: list[str] = []
    for name, text in query.items():
        if name in OTHERS:
            continue
        try:
            one = _read_one(name, text, space)
            part = Question({}, [one]) if isinstance(one, Budget) else Question(dict([one]))
            part.check(space, list(metrics))
        except SettingError as error:
            problems.append(str(error))
            continue
        if isinstance(one, Budget):
            budgets.append(one)
        else:
            pinned[one[0]] = one[1]
    return Read(Question(pinned, budgets), tuple(problems))


def _read_one(name: str, text: str, space: SearchSpace) -> Budget | tuple[str, Pin]:
    kind, dot, metric = name.partition(".")
    if dot and kind in ("max", "min"):
        return parse_budget(f"{metric}={text}", "max" if kind == "max" else "min")
    return parse_pin(f"{name}={text}", space)


def pin_text(pin: Pin) -> str:
    """A pin as the address has it, from which the same pin is read."""
    if isinstance(pin, Range):
        return f"{number_text(pin.low)}{RANGE_SIGN}{number_text(pin.high)}"
    return number_text(pin) if isinstance(pin, float) else str(pin)


def budget_name(metric: str, kind: Literal["max", "min"]) -> str:
    """Parameter of the address that a budget has."""
    return f"{kind}.{metric}"


def number_text(number: float) -> str:
    """The shortest text from which the same number is read."""
    return repr(float(number)).removesuffix(".0")


def pinned_to(configuration: Mapping[str, Value], space: SearchSpace) -> dict[str, str]:
    """Parameters of the address that pin every setting to a configuration's, numbers in six digits."""
    return {
        name: pin_text(_short(configuration[name], parameter)) for name, parameter in space.parameters.items()
    }


def _short(value: Value, parameter: AnyParameter) -> Value:
    """The value in six digits, unless that leads beyond what was searched."""
    if not isinstance(value, float) or isinstance(parameter, CategoricalParameter):
        return value
    short = float(f"{value:.6g}")
    return short if parameter.contains(short) else value


def address(experiment: str, question: Question) -> dict[str, str]:
    """Parameters of the address that asks a question."""
    pins = {name: pin_text(pin) for name, pin in question.pinned.items()}
    limits = {budget_name(one.metric, one.kind): number_text(one.limit) for one in question.budgets}
    return {EXPERIMENT: experiment, **pins, **limits}

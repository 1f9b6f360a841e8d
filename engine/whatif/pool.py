"""The legal configurations that pins leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from engine.errors import SettingError
from engine.parameters import Configuration, Value, configuration_key
from engine.strategies.interface import SearchProblem
from engine.strategies.sobol import legal_points
from engine.strategies.trials import Key
from engine.whatif.question import Pin, Range, fixed_configuration, pinned_space


def legal_pool(problem: SearchProblem, pinned: Mapping[str, Pin], count: int) -> list[Configuration]:
    """Up to ``count`` legal configurations under the pins, evenly spread; all there are of a small space.

    Raises:
        SettingError: when there is none.
    """
    fixed = fixed_configuration(problem.space, pinned)
    if fixed is not None:
        _check_legal(problem, fixed)
        return [fixed]
    space = pinned_space(problem.space, pinned)
    drawn = legal_points(space, problem.seed, 0, set(), lambda one: is_legal(problem, one))
    found = distinct(problem, islice(drawn, count), set())
    if not found:
        pins = " and ".join(f"{name} = {_told(pin)}" for name, pin in pinned.items()) or "nothing pinned"
        raise SettingError(f"no legal configuration was found with {pins}{_rules(problem)}; pin less")
    return found


def is_legal(problem: SearchProblem, configuration: Configuration) -> bool:
    """Whether a configuration is legal once the conditions of the space are applied."""
    return problem.is_legal(problem.space.canonical(configuration))


def distinct(
    problem: SearchProblem, configurations: Iterable[Configuration], seen: set[Key]
) -> list[Configuration]:
    """The configurations, conditions applied, that are not in ``seen``, each once; ``seen`` is updated."""
    found = []
    for configuration in configurations:
        canonical = problem.space.canonical(configuration)
        key = configuration_key(canonical)
        if key not in seen:
            seen.add(key)
            found.append(canonical)
    return found


def matches(problem: SearchProblem, configuration: Mapping[str, Value], pinned: Mapping[str, Pin]) -> bool:
    """Whether a measured configuration is one of those the pins leave; pins of settings that do not count are met."""
    values = problem.space.canonical({**configuration, **_single(pinned)})
    measured = problem.space.canonical(dict(configuration))
    return configuration_key(values) == configuration_key(measured) and all(
        measured[name] in pin for name, pin in pinned.items() if isinstance(pin, Range)
    )


def _single(pinned: Mapping[str, Pin]) -> dict[str, Value]:
    return {name: pin for name, pin in pinned.items() if not isinstance(pin, Range)}


def _check_legal(problem: SearchProblem, configuration: Configuration) -> None:
    for rule in problem.space.rules:
        if not rule.allows(configuration):
            raise SettingError(
                f"these settings do not meet the rule {rule.text!r}; change or free one of them"
            )
    if not problem.is_legal(configuration):
        raise SettingError("no student can be built with these settings; change or free one of them")


def _told(pin: Pin) -> str:
    return f"{pin.low:g} to {pin.high:g}" if isinstance(pin, Range) else str(pin)


def _rules(problem: SearchProblem) -> str:
    rules = ", ".join(repr(rule.text) for rule in problem.space.rules)
    return f" (rules: {rules})" if rules else ""

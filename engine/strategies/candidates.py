"""Legal configurations near good ones, for where an acquisition function has to be compared point by point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from engine.parameters import (
    CategoricalParameter,
    Configuration,
    FloatParameter,
    IntegerParameter,
    configuration_key,
)
from engine.space import SearchSpace
from engine.strategies.trials import Key

STEPS = (0.15, 0.05)
"""Standard deviations of steps, in turns, as shares of the parameter's range (of its logarithm if searched so)."""

MAX_CHANGES = 3
"""Parameters changed at once."""

_TRIES = 20
"""Attempts for each neighbour wanted; rules and earlier trials may rule out most of them."""


def neighbours(
    space: SearchSpace,
    centres: Sequence[Configuration],
    count: int,
    tried: set[Key],
    random: np.random.Generator,
    is_wanted: Callable[[Configuration], bool],
) -> list[Configuration]:
    """Up to ``count`` distinct legal configurations that differ from a centre in a few parameters.

    Args:
        space: parameters and rules; the centres themselves need not meet the rules.
        centres: configurations to start from; without any the result is empty.
        count: how many are wanted.
        tried: keys to leave out.
        random: source of the steps.
        is_wanted: whether a configuration is legal and worth a look.
    """
    found: list[Configuration] = []
    seen = set(tried)
    for neighbour in _steps(space, centres, count * _TRIES, random):
        key = configuration_key(neighbour)
        if key not in seen and is_wanted(neighbour):
            seen.add(key)
            found.append(neighbour)
        if len(found) >= count:
            break
    return found


def _steps(
    space: SearchSpace, centres: Sequence[Configuration], count: int, random: np.random.Generator
) -> Iterator[Configuration]:
    names = list(space.parameters)
    for i in range(count if centres else 0):
        neighbour = dict(centres[i % len(centres)])
        changes = random.integers(1, min(MAX_CHANGES, len(names)) + 1)
        for name in random.choice(names, size=changes, replace=False):
            _step(space, neighbour, str(name), STEPS[i % len(STEPS)], random)
        yield space.canonical(neighbour)


def _step(
    space: SearchSpace, configuration: Configuration, name: str, size: float, random: np.random.Generator
) -> None:
    parameter = space.parameters[name]
    match parameter:
        case CategoricalParameter():
            configuration[name] = parameter.values[random.integers(len(parameter.values))]
        case FloatParameter() | IntegerParameter():
            place = parameter.to_unit(configuration[name]) + size * random.normal()
            value = parameter.from_unit(float(np.clip(place, 0.0, 1.0)))
            if value == configuration[name] and isinstance(parameter, IntegerParameter):
                # A short step on a coarse grid would round back to where it began.
                value = int(np.clip(int(value) + random.choice([-1, 1]), parameter.low, parameter.high))
            configuration[name] = value

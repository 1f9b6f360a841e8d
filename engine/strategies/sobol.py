"""Quasi-random search: the points of a scrambled Sobol sequence that the rules allow and no trial has had yet."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence

from scipy.stats import qmc

from engine.errors import SettingError
from engine.parameters import Configuration, FloatParameter, IntegerParameter, Value, configuration_key
from engine.space import SearchSpace
from engine.strategies.interface import Observation, SearchProblem, Suggestion
from engine.strategies.trials import Key, tried_keys

MAX_DRAWS = 10_000
"""Points drawn in a row without a legal, new one before the space is searched otherwise or given up."""

MAX_ENUMERATION = 50_000
"""Largest space that is listed in full when drawing finds nothing."""

_BATCH = 64


def suggest(
    problem: SearchProblem, observations: Sequence[Observation], note: str | None = None
) -> Suggestion:
    """The next legal point of the sequence, other than every earlier trial where the space allows it.

    The sequence is scrambled by ``problem.seed`` and read from the number of trials so far onwards, so that
    the same trials always lead to the same suggestion.

    Raises:
        SettingError: when no configuration that meets the rules is found.
    """
    start = time.perf_counter()
    tried = tried_keys(observations)
    first = len(observations)
    parameters = next(legal_points(problem.space, problem.seed, first, tried, problem.is_legal), None)
    if parameters is None:
        parameters = next(legal_points(problem.space, problem.seed, first, set(), problem.is_legal), None)
        repeat = "every configuration found has been tried; this repeats one"
        note = repeat if note is None else f"{note}; {repeat}"
    if parameters is None:
        raise SettingError(_impossible(problem.space))
    return Suggestion(parameters, "sobol", seconds=time.perf_counter() - start, note=note)


def legal_points(
    space: SearchSpace,
    seed: int,
    first: int,
    tried: set[Key],
    is_wanted: Callable[[Configuration], bool],
) -> Iterator[Configuration]:
    """Distinct wanted configurations that are not in ``tried``, along the sequence.

    Ends when ``MAX_DRAWS`` points in a row hold nothing new; a space of at most ``MAX_ENUMERATION``
    configurations is then gone through in full, so that none is missed.

    Args:
        space: the parameters.
        seed: scrambles the sequence.
        first: index of the first point of the sequence to use.
        tried: keys to leave out.
        is_wanted: whether a configuration is legal and worth a look.
    """
    seen = set(tried)
    barren = 0
    for configuration in _sequence(space, seed, first):
        key = configuration_key(configuration)
        if key not in seen and is_wanted(configuration):
            seen.add(key)
            barren = 0
            yield configuration
        else:
            barren += 1
        if barren >= MAX_DRAWS or len(seen) >= space.size():
            break
    if space.size() <= MAX_ENUMERATION:
        for configuration in _every(space):
            key = configuration_key(configuration)
            if key not in seen and is_wanted(configuration):
                seen.add(key)
                yield configuration


def _sequence(space: SearchSpace, seed: int, first: int) -> Iterator[Configuration]:
    engine = qmc.Sobol(len(space.parameters), scramble=True, rng=seed)
    if first:
        engine.fast_forward(first)
    while True:
        for point in engine.random(_BATCH):
            yield space.from_unit(point.tolist())


def _every(space: SearchSpace) -> Iterator[Configuration]:
    choices: list[Sequence[Value]] = []
    for parameter in space.parameters.values():
        match parameter:
            case IntegerParameter():
                choices.append(range(parameter.low, parameter.high + 1))
            case FloatParameter():
                raise AssertionError("a space with a float has no end")
            case _:
                choices.append(parameter.values)
    for values in itertools.product(*choices):
        yield space.canonical(dict(zip(space.parameters, values, strict=True)))


def _impossible(space: SearchSpace) -> str:
    rules = ", ".join(repr(rule.text) for rule in space.rules)
    return (
        f"no configuration that meets the rules was found in {MAX_DRAWS} draws from the space (rules: {rules}); "
        "loosen a rule or the ranges of its parameters"
    )

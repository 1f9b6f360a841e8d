"""Views of the trials so far that all strategies share: which configurations are taken, which trials teach."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.parameters import Value, configuration_key
from engine.strategies.interface import Observation, SearchProblem, Suggestion

Key = tuple[tuple[str, Value], ...]
"""A configuration in hashable form."""


def tried_keys(observations: Sequence[Observation]) -> set[Key]:
    """Keys of all configurations that trials have had, whatever became of them."""
    return {configuration_key(observation.parameters) for observation in observations}


def usable(problem: SearchProblem, observations: Sequence[Observation]) -> list[Observation]:
    """Completed trials with a finite value of every optimised and constrained metric, by number."""
    names = [metric.name for metric in problem.metrics if metric.role != "store"]
    return [
        observation
        for observation in in_state(observations, "completed")
        if all(math.isfinite(observation.metrics.get(name, math.nan)) for name in names)
    ]


def forecast(problem: SearchProblem, observations: Sequence[Observation]) -> list[Observation]:
    """Trials stopped early whose expected end says something of every optimised and constrained metric, by number."""
    names = {metric.name for metric in problem.metrics if metric.role != "store"}
    names -= problem.known.metrics if problem.known else frozenset()
    return [
        observation
        for observation in in_state(observations, "stopped")
        if names and all(math.isfinite(observation.metrics.get(name, math.nan)) for name in names)
    ]


def in_state(observations: Sequence[Observation], state: str) -> list[Observation]:
    """Trials in one state, by number."""
    return sorted(
        (observation for observation in observations if observation.state == state),
        key=lambda observation: observation.number,
    )


def with_pending(observations: Sequence[Observation], made: Sequence[Suggestion]) -> list[Observation]:
    """The observations followed by the suggestions as pending trials."""
    first = max((observation.number for observation in observations), default=0) + 1
    return [
        *observations,
        *(Observation(first + i, suggestion.parameters, "pending") for i, suggestion in enumerate(made)),
    ]

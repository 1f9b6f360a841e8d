"""Optimal subarchitecture extraction: some architectures of the sorted space, evenly spread."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import SettingError
from engine.extraction.candidates import architectures, hyperparameter_sets
from engine.extraction.coefficient import Costs
from engine.extraction.options import Extraction
from engine.extraction.partition import partition, sorted_by
from engine.parameters import Configuration, configuration_key
from engine.strategies.interface import Observation, SearchProblem, Suggestion
from engine.strategies.trials import tried_keys

SIZE, SPEED = "lemma_parameters", "lemma_operations"
"""Known metrics that the space is sorted by."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An architecture of the space.

    Attributes:
        place: in the order, from 0.
        architecture: its parameters.
        costs: its parameters and operations by Bort's lemmas.
        trained: whether the partition has it.
    """

    place: int
    architecture: Configuration
    costs: Costs
    trained: bool


def ordered_space(problem: SearchProblem) -> list[Candidate]:
    """All legal architectures in their order.

    Raises:
        SettingError: The space cannot be listed, sizes are not known, or an architecture cannot be built.
    """
    options = problem.extraction or Extraction()
    listed = architectures(problem.space, options.fixed)
    costs = [_costs(problem, point) for point in listed]
    order = sorted_by(options.order, costs, options.maximum)
    trained = set(partition(len(listed), options.interval))
    return [
        Candidate(place, listed[number], costs[number], place in trained)
        for place, number in enumerate(order)
    ]


def suggest(problem: SearchProblem, observations: Sequence[Observation]) -> Suggestion | None:
    """The next candidate that no trial has had, or None at the end: set by set, each through the whole partition."""
    start = time.perf_counter()
    had = tried_keys(observations)
    space = ordered_space(problem)
    for settings in hyperparameter_sets(problem.space):
        for candidate in space:
            # In the order of the space's parameters, as every other strategy gives them.
            chosen = {**candidate.architecture, **settings}
            point = {name: chosen[name] for name in problem.space.parameters}
            if candidate.trained and configuration_key(point) not in had:
                return Suggestion(
                    point,
                    "extract",
                    predicted={SIZE: (candidate.costs.size, 0.0), SPEED: (candidate.costs.speed, 0.0)},
                    seconds=time.perf_counter() - start,
                    note=f"place {candidate.place + 1} of {len(space)} in the order of the space",
                )
    return None


def _costs(problem: SearchProblem, architecture: Configuration) -> Costs:
    if problem.known is None or not problem.known.metrics >= {SIZE, SPEED}:
        raise SettingError("an extraction sorts architectures by their sizes, and these are not known")
    sizes = problem.known.values(architecture)
    if sizes is None:
        told = ", ".join(f"{name} = {value}" for name, value in architecture.items())
        raise SettingError(f"no student can be built with {told}; exclude it by a rule")
    return Costs(sizes[SIZE], sizes[SPEED])

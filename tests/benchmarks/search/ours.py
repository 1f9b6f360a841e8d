"""This program's Bayesian search, fed as its runner feeds it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.parameters import Configuration
from engine.strategies import registry
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.processes import Memory
from tests.benchmarks.search.problem import Metrics, SearchTask


class Ours:
    """The strategy ``nehvi``: it knows the rules, the thresholds and the exact sizes, and learns from failures."""

    def __init__(self, task: SearchTask, seed: int) -> None:
        self.problem = SearchProblem(task.space, task.metrics, seed=seed, known=task.known)
        self.observations: list[Observation] = []
        self.memory = Memory()

    def ask(self) -> Configuration:
        [suggestion] = registry.suggest("nehvi", self.problem, self.observations, 1, self.memory)
        return suggestion.parameters

    def tell(
        self, configuration: Configuration, metrics: Metrics | None, errors: Mapping[str, float] | None = None
    ) -> None:
        number = len(self.observations) + 1
        state = "failed" if metrics is None else "completed"
        self.observations.append(Observation(number, configuration, state, metrics or {}, errors or {}))

    add = tell

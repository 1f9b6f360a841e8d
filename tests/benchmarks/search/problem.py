"""What a search benchmark is made of: a space, metrics, a noisy evaluation, and the largest possible hypervolume."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.frontier import hypervolume
from engine.metrics import Metric, objectives
from engine.parameters import Configuration, Value
from engine.space import SearchSpace
from engine.strategies.interface import Known

Metrics = dict[str, float]


@dataclass(frozen=True, slots=True)
class KnownSizes:
    """Metrics that are given to a strategy as exact functions of the configuration.

    Attributes:
        function: all of them for a legal configuration.
        metrics: their names.
        parameters: the parameters they are computed from.
    """

    function: Callable[[Mapping[str, Value]], Metrics]
    metrics: frozenset[str]
    parameters: frozenset[str]

    def values(self, configuration: Mapping[str, Value]) -> Metrics:
        """Every known metric of the configuration."""
        return self.function(configuration)


@dataclass(frozen=True, slots=True)
class SearchTask:
    """What a method is told of a search before it begins.

    Attributes:
        name: as in the tables.
        space: parameters and rules.
        metrics: objectives and constrained metrics, all with thresholds. Those of the objectives are the reference
            point of the hypervolume.
        known: metrics exact by formula, or None without any.
        can_fail: whether there are illegal configurations or failing trials.
    """

    name: str
    space: SearchSpace
    metrics: tuple[Metric, ...]
    known: Known | None = None
    can_fail: bool = False

    @property
    def reference(self) -> Metrics:
        """Reference point of the hypervolume."""
        return {m.name: m.threshold for m in objectives(self.metrics) if m.threshold is not None}


@dataclass(frozen=True, slots=True)
class BenchmarkProblem:
    """A search with a known answer.

    Attributes:
        task: what methods are told.
        true: noise-free metrics of a legal configuration, or None where its training fails.
        attainable: largest possible hypervolume, computed when asked for.
        noise: standard deviation of the measurement of each noisy metric, in its unit.
    """

    task: SearchTask
    true: Callable[[Mapping[str, Value]], Metrics | None]
    attainable: Callable[[], float]
    noise: Mapping[str, float]

    def measure(self, configuration: Configuration, random: np.random.Generator) -> Metrics | None:
        """What a trial reports: the true metrics with noise, or None where it fails."""
        values = self.true(configuration)
        if values is None:
            return None
        return {name: value + self.noise.get(name, 0.0) * random.normal() for name, value in values.items()}

    def share(self, values: Mapping[int, Metrics]) -> float:
        """Hypervolume of true metrics by trial, in per cent of the attainable one."""
        return 100.0 * hypervolume(self.task.metrics, values, self.task.reference) / self.attainable()

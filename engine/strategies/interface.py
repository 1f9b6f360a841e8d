"""What every strategy takes and gives back: the problem, the trials so far, and suggestions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from engine.extraction.options import Extraction
from engine.metrics import Metric
from engine.parameters import Configuration, Value
from engine.space import SearchSpace

INITIAL_TRIALS = 5
"""Quasi-random trials before a model is used: few, for a model of five trials already chooses better than chance."""


class Known(Protocol):
    """Metrics that are exact functions of a configuration, so that no model has to learn them."""

    @property
    def metrics(self) -> frozenset[str]:
        """Names of the metrics it gives."""

    @property
    def parameters(self) -> frozenset[str] | None:
        """The parameters it reads; None when that is not known, and it may read all."""

    def values(self, configuration: Mapping[str, Value]) -> Mapping[str, float] | None:
        """Every metric of ``metrics``, or None for a configuration that cannot be built."""


@dataclass(frozen=True, slots=True)
class SearchProblem:
    """What is searched and for what.

    Attributes:
        space: parameters and rules.
        metrics: every metric with its role; those with role ``optimize`` are the objectives.
        seed: all randomness of the strategy derives from it and the number of trials so far.
        known: metrics that are functions of the configuration; None when all have to be measured.
        baseline: the reference configuration, suggested first.
        initial_trials: quasi-random trials, the baseline included, before a model is used.
        levels: values of each numeric parameter in a grid.
        repeats: trainings of each configuration of a grid.
        earlier: completed and failed trials of other experiments on the same space, to learn from.
        extraction: settings of the strategy ``extract``; None with any other.
    """

    space: SearchSpace
    metrics: tuple[Metric, ...]
    seed: int = 0
    known: Known | None = None
    baseline: Configuration | None = None
    initial_trials: int = INITIAL_TRIALS
    levels: int = 3
    repeats: int = 1
    earlier: tuple[Observation, ...] = ()
    extraction: Extraction | None = None

    def known_values(self, configuration: Mapping[str, Value]) -> Mapping[str, float] | None:
        """Exact metrics of a configuration: empty when none are known, None when it cannot be built."""
        return {} if self.known is None else self.known.values(configuration)

    def is_legal(self, configuration: Mapping[str, Value]) -> bool:
        """Whether the configuration meets the rules and can be built, whatever the ranges."""
        return self.space.meets_rules(configuration) and self.known_values(configuration) is not None


@dataclass(frozen=True, slots=True)
class Observation:
    """One trial as a strategy sees it.

    ``pending`` covers queued and running trials. ``failed`` trials teach where not to go. ``stopped`` ones are not
    suggested again, and teach what they are expected to have ended with, if that can be told. Lost ones are queued
    again, and so pending.

    Attributes:
        number: the trial's number.
        parameters: its configuration.
        state: what became of it.
        metrics: measured values by name of completed trials, expected ones of stopped trials.
        standard_errors: of the metrics that have one.
        source: which earlier experiment it comes from, from 1; 0 for the experiment's own trials.
    """

    number: int
    parameters: Mapping[str, Value]
    state: Literal["completed", "failed", "pending", "stopped"]
    metrics: Mapping[str, float] = field(default_factory=dict)
    standard_errors: Mapping[str, float] = field(default_factory=dict)
    source: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A configuration to try and why.

    Attributes:
        parameters: one value for every parameter, legal under the rules.
        strategy: what made it: ``baseline``, or the strategy's name.
        acquisition_value: value of the acquisition function, where there is one.
        predicted: mean and standard deviation the model expects for each modelled metric.
        seconds: time taken.
        note: what a reader should know, such as why a fallback was used.
        model: what the models were fitted to and what they found, JSON-ready; None when no model was used.
    """

    parameters: Configuration
    strategy: str
    acquisition_value: float | None = None
    predicted: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    seconds: float = 0.0
    note: str | None = None
    model: Mapping[str, Any] | None = None

"""What every strategy takes and gives back: the problem, the trials so far, and suggestions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.metrics import Metric
from engine.space import Configuration, SearchSpace, Value


@dataclass(frozen=True, slots=True)
class SearchProblem:
    """What is searched and for what.

    Attributes:
        space: parameters and rules.
        metrics: every metric with its role; those with role ``optimize`` are the objectives.
        seed: all randomness of the strategy derives from it and the number of trials so far.
        baseline: the reference configuration, suggested first.
        initial_trials: quasi-random trials, the baseline included, before a model is used.
        levels: values of each numeric parameter in a grid.
        repeats: trainings of each configuration of a grid.
    """

    space: SearchSpace
    metrics: tuple[Metric, ...]
    seed: int = 0
    baseline: Configuration | None = None
    initial_trials: int = 6
    levels: int = 3
    repeats: int = 1


@dataclass(frozen=True, slots=True)
class Observation:
    """One trial as a strategy sees it.

    ``pending`` covers queued and running trials. ``failed`` trials teach where not to go; lost and
    stopped ones are never shown to a strategy.
    """

    number: int
    parameters: Mapping[str, Value]
    state: Literal["completed", "failed", "pending"]
    metrics: Mapping[str, float] = field(default_factory=dict)
    standard_errors: Mapping[str, float] = field(default_factory=dict)


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
    """

    parameters: Configuration
    strategy: str
    acquisition_value: float | None = None
    predicted: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    seconds: float = 0.0
    note: str | None = None

"""The models a question is put to: what is known, and one model for each metric that has to be learned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from engine.kept import Kept
from engine.metric_catalogue import METRICS
from engine.metrics import Metric
from engine.parameters import Configuration, configuration_key
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.nehvi import NUMERICAL_FAILURES
from engine.strategies.trials import forecast, in_state, usable
from engine.whatif.answer import MIN_TRIALS, Estimate
from engine.whatif.learned import Learned, learn_metric
from engine.whatif.question import Budget

if TYPE_CHECKING:
    from engine.whatif.exploring import Start

MODEL_TRIALS = 400
"""Most trials of a kind (completed, stopped early, failed) that a model learns from, so that it answers at once."""

KEPT_STARTS = 8
"""Searches whose beginning is kept."""

BEST_SHARE = 0.4
"""Share of these that are the best ones; the others are spread evenly over the rest."""

Array = npt.NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Models:
    """What is known and what was learned of an experiment.

    Attributes:
        problem: what was searched.
        observations: all trials, as strategies see them.
        learned: by metric.
        missing: different configurations still to be measured before a metric can be learned, by metric.
        refused: what went wrong where a model could not be fitted, by metric.
        passed_over: completed trials that a model was not shown because there are very many, by metric.
        starts: where the last few searches began, for questions that differ in their budgets alone.
    """

    problem: SearchProblem
    observations: tuple[Observation, ...]
    learned: Mapping[str, Learned]
    missing: Mapping[str, int]
    refused: Mapping[str, str]
    passed_over: Mapping[str, int]
    starts: Kept[Start] = field(default_factory=lambda: Kept(KEPT_STARTS), compare=False, repr=False)

    @property
    def completed(self) -> list[Observation]:
        """The experiment's own completed trials, by number."""
        return in_state(self.observations, "completed")

    def shown(self, name: str) -> Sequence[Observation]:
        """The completed trials that the model of a metric was shown; all of them where there is no such model."""
        return self.learned[name].surrogate.trials if name in self.learned else self.completed

    @property
    def known(self) -> frozenset[str]:
        """Metrics that follow from a configuration by formula."""
        return frozenset() if self.problem.known is None else self.problem.known.metrics

    def predictable(self, names: Iterable[str]) -> list[str]:
        """Those among some metrics that can be predicted."""
        return [name for name in names if name in self.known or name in self.learned]

    def predict(self, names: Sequence[str], configurations: Sequence[Configuration]) -> tuple[Array, Array]:
        """Means of true values in own units, and standard deviations in the models' units, 0 where they are known.

        Args:
            names: predictable metrics.
            configurations: legal ones.

        Returns:
            Two arrays of shape (configurations, names).
        """
        means = np.zeros((len(configurations), len(names)))
        deviations = np.zeros_like(means)
        exact = [self.problem.known_values(one) or {} for one in configurations] if self.known else []
        for column, name in enumerate(names):
            if name in self.known:
                means[:, column] = [row[name] for row in exact]
            else:
                means[:, column], deviations[:, column] = self.learned[name].predict(configurations)
        return means, deviations

    def disagreement(self, names: Sequence[str], configurations: Sequence[Configuration]) -> Array:
        """Standard deviation of the judges' means in the models' units, shape (configurations, names)."""
        found = np.zeros((len(configurations), len(names)))
        for column, name in enumerate(names):
            if name in self.learned and configurations:
                found[:, column] = self.learned[name].disagreement(configurations)
        return found

    def success(self, quality: str, configurations: Sequence[Configuration]) -> Array:
        """Probability that each runs through, shape (configurations,); 1 where nothing is known of failures."""
        found = self.learned[quality].surrogate.chance(configurations) if quality in self.learned else None
        return np.ones(len(configurations)) if found is None else found

    def draws(self, name: str, configurations: Sequence[Configuration], count: int, seed: int) -> Array:
        """Joint draws of a predictable metric's true values in its own unit, shape (count, configurations).

        Of a known metric there is one.
        """
        if name in self.known:
            return self.predict([name], configurations)[0].T
        # Models of different metrics are independent, and so must their random numbers be.
        return self.learned[name].draws(configurations, count, seed + 7919 * sorted(self.learned).index(name))

    def prudent(self, metric: Metric, means: Array, deviations: Array) -> Array:
        """What true values of a predictable metric can be counted on to reach, larger being better."""
        if metric.name in self.known:
            return metric.sign * means
        return self.learned[metric.name].prudent(means, deviations)

    def estimate(self, name: str, mean: float, deviation: float) -> Estimate:
        """The interval of a new measurement of a predictable metric, from what ``predict`` gives."""
        if name in self.known:
            return Estimate(mean, mean, mean, is_exact=True)
        return self.learned[name].estimate(mean, deviation)

    def room(self, limit: Budget, means: Array) -> Array:
        """How far predicted means of a predictable metric are within a budget, in the model's unit."""
        if limit.metric in self.known:
            return limit.sign * (limit.limit - means)
        learned = self.learned[limit.metric]
        return limit.sign * (learned.forward(np.array(limit.limit)) - learned.forward(means))


def learn(
    problem: SearchProblem, observations: Sequence[Observation], quality: str, names: Iterable[str]
) -> Models:
    """Fit a model to each of some metrics that is not known.

    Every metric has a fit of its own, from the trials that report it: a metric that some trials lack takes nothing
    from the others, and one that is only stored is learned like an objective.

    Args:
        problem: what was searched.
        observations: its trials.
        quality: the metric whose model also learns of failures.
        names: metrics asked for, the quality among them or not.
    """
    return learn_more(Models(problem, tuple(observations), {}, {}, {}, {}), quality, [quality, *names])


def learn_more(models: Models, quality: str, names: Iterable[str]) -> Models:
    """The models with those of further metrics, as far as they lack them."""
    looked_at = {*models.known, *models.learned, *models.missing, *models.refused}
    learned, missing, refused = dict(models.learned), dict(models.missing), dict(models.refused)
    passed_over = dict(models.passed_over)
    for name in dict.fromkeys(names):
        if name in looked_at:
            continue
        single = _problem_of(models.problem, name)
        trials = usable(single, models.observations)
        lacking = MIN_TRIALS - len({configuration_key(trial.parameters) for trial in trials})
        if lacking > 0:
            missing[name] = lacking
            continue
        chosen = telling(single.metrics[0], trials)
        shown = [*chosen, *_spread(forecast(single, models.observations), MODEL_TRIALS)]
        if name == quality:
            shown += _spread(in_state(models.observations, "failed"), MODEL_TRIALS)
        else:
            single = replace(single, earlier=tuple(in_state(models.problem.earlier, "completed")))
        try:
            learned[name] = learn_metric(single, shown)
        except NUMERICAL_FAILURES as error:
            refused[name] = str(error)
        if len(chosen) < len(trials):
            passed_over[name] = len(trials) - len(chosen)
    return replace(models, learned=learned, missing=missing, refused=refused, passed_over=passed_over)


def telling(metric: Metric, trials: Sequence[Observation]) -> list[Observation]:
    """At most ``MODEL_TRIALS`` of some trials, in their order: the best ones, and an even spread of the others.

    The cost of an answer grows with the trials a model was shown; where the best are is what is asked of it.

    Args:
        metric: what is to be learned.
        trials: all of which have it.
    """
    if len(trials) <= MODEL_TRIALS:
        return list(trials)
    order = sorted(range(len(trials)), key=lambda i: -metric.sign * trials[i].metrics[metric.name])
    best = order[: round(BEST_SHARE * MODEL_TRIALS)]
    taken = set(best)
    rest = [i for i in range(len(trials)) if i not in taken]
    return [trials[i] for i in sorted([*best, *_spread(rest, MODEL_TRIALS - len(best))])]


def _spread(items: Sequence[T], most: int) -> list[T]:
    """At most so many of the items, evenly spread."""
    if len(items) <= most:
        return list(items)
    return [items[round(i)] for i in np.linspace(0, len(items) - 1, most)]


def _problem_of(problem: SearchProblem, name: str) -> SearchProblem:
    """The problem with one metric as its only objective, and nothing known."""
    listed = next((metric for metric in problem.metrics if metric.name == name), None)
    direction = listed.direction if listed else None
    if direction is None:
        direction = (METRICS[name].better if name in METRICS else None) or "maximize"
    metric = Metric(name=name, direction=direction, threshold=listed.threshold if listed else None)
    return replace(problem, metrics=(metric,), known=None)

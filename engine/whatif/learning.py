"""The models a question is put to: what is known, and one model for each metric that has to be learned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.metric_catalogue import METRICS
from engine.metrics import Metric
from engine.space import Configuration, configuration_key
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.nehvi import NUMERICAL_FAILURES
from engine.strategies.trials import forecast, in_state, usable
from engine.whatif.answer import Estimate
from engine.whatif.learned import Learned, learn_metric
from engine.whatif.question import Budget

MIN_TRIALS = 5
"""Different configurations measured before a model is used; fewer say nothing that an interval could hold."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Models:
    """What is known and what was learned of an experiment.

    Attributes:
        problem: what was searched.
        observations: all trials, as strategies see them.
        learned: by metric.
        missing: different configurations still to be measured before a metric can be learned, by metric.
        refused: what went wrong where a model could not be fitted, by metric.
    """

    problem: SearchProblem
    observations: tuple[Observation, ...]
    learned: Mapping[str, Learned]
    missing: Mapping[str, int]
    refused: Mapping[str, str]

    @property
    def completed(self) -> list[Observation]:
        """The experiment's own completed trials, by number."""
        return in_state(self.observations, "completed")

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
        found = None
        if quality in self.learned:
            found = self.learned[quality].surrogate.predict(configurations).success
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
    known = frozenset() if problem.known is None else problem.known.metrics
    learned: dict[str, Learned] = {}
    missing: dict[str, int] = {}
    refused: dict[str, str] = {}
    for name in dict.fromkeys([quality, *names]):
        if name in known:
            continue
        single = _problem_of(problem, name)
        trials = usable(single, observations)
        lacking = MIN_TRIALS - len({configuration_key(trial.parameters) for trial in trials})
        if lacking > 0:
            missing[name] = lacking
            continue
        shown = [*trials, *forecast(single, observations)]
        if name == quality:
            shown += in_state(observations, "failed")
        else:
            single = replace(single, earlier=tuple(in_state(problem.earlier, "completed")))
        try:
            learned[name] = learn_metric(single, shown)
        except NUMERICAL_FAILURES as error:
            refused[name] = str(error)
    return Models(problem, tuple(observations), learned, missing, refused)


def _problem_of(problem: SearchProblem, name: str) -> SearchProblem:
    """The problem with one metric as its only objective, and nothing known."""
    listed = next((metric for metric in problem.metrics if metric.name == name), None)
    direction = listed.direction if listed else None
    if direction is None:
        direction = (METRICS[name].better if name in METRICS else None) or "maximize"
    metric = Metric(name=name, direction=direction, threshold=listed.threshold if listed else None)
    return replace(problem, metrics=(metric,), known=None)

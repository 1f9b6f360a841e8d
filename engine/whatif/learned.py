"""The model of one metric, with intervals that reach as far as errors on trials left out ask for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from engine.metric_catalogue import METRICS
from engine.metrics import Metric
from engine.parameters import Configuration
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.models import Surrogate, fit
from engine.strategies.trials import forecast, usable
from engine.whatif.answer import LEVEL, Estimate, Reliability
from engine.whatif.model_quality import held_out, leave_one_out, verdict

LOG_RATIO = 3.0
"""A positive metric to be minimised, such as a latency, is learned as its logarithm if its values differ so much."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Learned:
    """The model of one metric.

    Means are given in the metric's own unit, standard deviations in that of the model: the metric's own, or that of
    its natural logarithm if ``is_log``.

    Attributes:
        metric: its name, direction and threshold.
        surrogate: the fitted model of this metric alone.
        judges: models fitted with a group of trials left out each, which judge what was chosen by the first.
        is_log: whether the model is of the logarithm, so that no predicted latency is below 0.
        noise: standard deviation of a new measurement about the true value, in the model's unit: what training adds
            by chance, and the typical standard error of an evaluation.
        reach: how many standard deviations an interval reaches to either side.
        worst: the worst measured value; where the model knows only "very bad", intervals reach there at least.
        reliability: how well it predicts trials it was not shown.
    """

    metric: Metric
    surrogate: Surrogate
    judges: tuple[Surrogate, ...]
    is_log: bool
    noise: float
    reach: float
    worst: float
    reliability: Reliability

    def predict(self, configurations: Sequence[Configuration]) -> tuple[Array, Array]:
        """Means and standard deviations of true values, shapes (configurations,)."""
        means, deviations = self.surrogate.values(configurations)
        return self.back(means[:, 0]), deviations[:, 0]

    def disagreement(self, configurations: Sequence[Configuration]) -> Array:
        """Standard deviation of the judges' means in the model's unit, shape (configurations,)."""
        found: Array = np.std([judge.values(configurations)[0][:, 0] for judge in self.judges], axis=0)
        return found

    def draws(self, configurations: Sequence[Configuration], count: int, seed: int) -> Array:
        """Joint draws of true values in own units by the judges in turns, shape (count, configurations).

        A configuration that a model chose as the best looks better to that model than it is, above all by the luck of
        its hyperparameters. Models with other trials and hyperparameters of their own share less of that luck, and
        where they disagree, their draws are spread as they should be.
        """
        share = math.ceil(count / len(self.judges))
        drawn = [
            judge.samples(configurations, share, seed + i)[..., 0] for i, judge in enumerate(self.judges)
        ]
        return self.back(np.concatenate(drawn)[:count])

    def spread(self, deviation: Array) -> Array:
        """Standard deviation of a new measurement in the model's unit, widened as intervals are."""
        return self.reach / float(stats.norm.ppf(0.5 + LEVEL / 2)) * np.hypot(deviation, self.noise)

    def estimate(self, mean: float, deviation: float) -> Estimate:
        """The interval of a new measurement where the true value has this mean and standard deviation."""
        half = self.reach * math.hypot(deviation, self.noise)
        centre = self.forward(np.array(mean))
        low, high = float(self.back(centre - half)), float(self.back(centre + half))
        scale = self.surrogate.scales[0]
        if math.isfinite(scale.floor):
            # The model was told "this bad or worse" of very bad trials, so it cannot tell how bad.
            floor = float(self.back(scale.back(np.array(scale.floor))))
            if self.metric.sign > 0 and low <= floor:
                low = min(low, self._worst_possible())
            elif self.metric.sign < 0 and high >= floor:
                high = max(high, self._worst_possible())
        return Estimate(self.possible(mean), self.possible(low), self.possible(high))

    def possible(self, value: float) -> float:
        """The value, or the nearest one that the metric can have."""
        least, most = _limits(self.metric.name)
        return min(max(value, least), most)

    def _worst_possible(self) -> float:
        """The worst value the metric can have, or the worst measured where there is no end to it."""
        end = self.possible(-self.metric.sign * math.inf)
        return end if math.isfinite(end) else self.worst

    def forward(self, values: Array) -> Array:
        """From the metric's unit to the model's; minus infinity for what has no logarithm."""
        if not self.is_log:
            return values
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.maximum(values, 0.0)))

    def prudent(self, means: Array, deviations: Array) -> Array:
        """What true values can be counted on to reach: their lower end, in the model's unit, larger being better."""
        reach = self.reliability.widening * float(stats.norm.ppf(0.5 + LEVEL / 2))
        return self.metric.sign * self.forward(means) - reach * deviations

    def back(self, values: Array) -> Array:
        """From the model's unit to the metric's."""
        return np.exp(values) if self.is_log else values


def learn_metric(problem: SearchProblem, observations: Sequence[Observation]) -> Learned:
    """Fit the model of one metric and see how it does on trials left out.

    An interval reaches the Student quantile of the number of trials left out, times the root mean square of their
    errors in units of their predicted standard deviation, where that is above 1. Small experiments so pay both for
    few trials and for hyperparameters that fit these too well.

    Args:
        problem: with the metric as its only one, nothing known.
        observations: trials to learn from: completed ones, those stopped early as what they are expected to have ended
            with, and failed ones where the model is to know of failures.

    Raises:
        botorch.exceptions.errors.ModelFittingError: when a likelihood cannot be maximised.
    """
    metric = problem.metrics[0]
    values = [trial.metrics[metric.name] for trial in usable(problem, observations)]
    is_log = metric.sign < 0 and min(values) > 0 and max(values) >= LOG_RATIO * min(values)
    if is_log:
        problem, observations = _in_logarithms(problem, observations)
    surrogate = fit(problem, observations)
    trials = surrogate.trials
    errors = [trial.standard_errors.get(metric.name, 0.0) for trial in trials]
    alone = leave_one_out(surrogate)
    folds, judges = held_out(problem, trials, forecast(problem, observations))
    widening = max(1.0, math.sqrt(float(np.mean(np.square(folds.scores)))))
    if is_log:
        folds, alone = folds.exponential(), alone.exponential()
    return Learned(
        metric=metric,
        surrogate=surrogate,
        judges=tuple(judges),
        is_log=is_log,
        noise=math.hypot(surrogate.noise()[0], math.sqrt(float(np.mean(np.square(errors))))),
        reach=widening * float(stats.t.ppf(0.5 + LEVEL / 2, len(folds.scores) - 1)),
        worst=min(values, key=lambda value: metric.sign * value),
        reliability=Reliability(
            trials=len(trials),
            error=alone.error,
            r2=alone.r2,
            held_out_r2=folds.r2,
            held=folds.held,
            widening=widening,
            words=verdict(metric.name, folds, alone, widening),
        ),
    )


def _in_logarithms(
    problem: SearchProblem, observations: Sequence[Observation]
) -> tuple[SearchProblem, list[Observation]]:
    metric = problem.metrics[0]
    threshold = math.log(metric.threshold) if metric.threshold and metric.threshold > 0 else None
    changed = replace(
        problem,
        metrics=(metric.model_copy(update={"threshold": threshold}),),
        earlier=tuple(_logarithm(trial, metric.name) for trial in problem.earlier),
    )
    return changed, [_logarithm(trial, metric.name) for trial in observations]


def _logarithm(trial: Observation, name: str) -> Observation:
    """A trial with the logarithm of a metric; its standard error becomes relative (the delta method)."""
    value = trial.metrics.get(name, math.nan)
    if not value > 0:
        return replace(trial, metrics={}, standard_errors={})
    error = {name: trial.standard_errors[name] / value} if name in trial.standard_errors else {}
    return replace(trial, metrics={name: math.log(value)}, standard_errors=error)


def _limits(name: str) -> tuple[float, float]:
    """Values that a metric can have at all."""
    info = METRICS.get(name)
    if info is None or info.better is None:
        return -math.inf, math.inf
    if info.unit == "%":
        # Correlations are stored times 100.
        return (-100.0, 100.0) if "correlation" in info.label else (0.0, 100.0)
    return 0.0, math.inf

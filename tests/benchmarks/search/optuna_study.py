"""Optuna's samplers behind ask and tell, with thresholds as constraints and everything else at its default."""

from __future__ import annotations

from collections.abc import Mapping

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, GPSampler, NSGAIISampler, TPESampler
from optuna.trial import create_trial

from engine.metrics import objectives
from engine.parameters import CategoricalParameter, Configuration, FloatParameter
from engine.space import SearchSpace
from tests.benchmarks.search.method import instead_of_failure
from tests.benchmarks.search.problem import Metrics, SearchTask

SAMPLERS: dict[str, type[BaseSampler]] = {"tpe": TPESampler, "nsga2": NSGAIISampler, "gp-sampler": GPSampler}


class OptunaStudy:
    """One study; each threshold is a constraint, and so is that a trial runs.

    Rules cannot be expressed: an illegal proposal is a trial that does not run. Told as FAIL, such trials would be
    left out of account by the samplers; they are told as infeasible instead.
    """

    def __init__(self, task: SearchTask, seed: int, sampler: str) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.task = task
        self.objectives = objectives(task.metrics)
        self.distributions = distributions(task.space)
        self.study = optuna.create_study(
            directions=[metric.direction for metric in self.objectives], sampler=SAMPLERS[sampler](seed=seed)
        )
        self.trial: optuna.Trial | None = None

    def ask(self) -> Configuration:
        self.trial = self.study.ask(self.distributions)
        return dict(self.trial.params)

    def tell(
        self, configuration: Configuration, metrics: Metrics | None, errors: Mapping[str, float] | None = None
    ) -> None:
        assert self.trial is not None
        values, excess = self._outcome(configuration, metrics)
        for name, amount in excess.items():
            self.trial.set_constraint(name, amount)
        self.study.tell(self.trial, values)

    def add(
        self, configuration: Configuration, metrics: Metrics | None, errors: Mapping[str, float] | None = None
    ) -> None:
        values, excess = self._outcome(configuration, metrics)
        trial = create_trial(
            params=configuration,
            distributions=self.distributions,
            values=values,
            system_attrs={f"constraints:{name}": amount for name, amount in excess.items()},
        )
        self.study.add_trial(trial)

    def _outcome(
        self, configuration: Configuration, metrics: Metrics | None
    ) -> tuple[list[float], dict[str, float]]:
        """Values of the objectives, and how far each constraint is exceeded (at most 0 where it is met)."""
        values = metrics or instead_of_failure(self.task, configuration)
        excess = {
            metric.name: metric.sign * (metric.threshold - values[metric.name])
            for metric in self.task.metrics
            if metric.threshold is not None
        }
        if self.task.can_fail:
            excess["runs"] = 1.0 if metrics is None else -1.0
        return [values[metric.name] for metric in self.objectives], excess


def distributions(space: SearchSpace) -> dict[str, BaseDistribution]:
    """The parameters as Optuna has them."""
    found: dict[str, BaseDistribution] = {}
    for name, parameter in space.parameters.items():
        if isinstance(parameter, CategoricalParameter):
            found[name] = CategoricalDistribution(parameter.values)
        elif isinstance(parameter, FloatParameter):
            found[name] = FloatDistribution(parameter.low, parameter.high, log=parameter.log)
        else:
            found[name] = IntDistribution(parameter.low, parameter.high, log=parameter.log)
    return found

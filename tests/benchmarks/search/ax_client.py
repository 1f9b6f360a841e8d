"""Ax's client with its default strategy: the centre, a few quasi-random points, then BoTorch as Ax sets it up."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping

from ax.api.client import Client
from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig

from engine.metrics import objectives
from engine.parameters import CategoricalParameter, Configuration, FloatParameter
from engine.space import SearchSpace
from tests.benchmarks.search.problem import Metrics, SearchTask


class AxClient:
    """One experiment; thresholds are objective thresholds and outcome constraints.

    Rules cannot be expressed. Illegal and failed trials are abandoned, which is how Ax is kept from proposing them
    again.
    """

    def __init__(self, task: SearchTask, seed: int) -> None:
        warnings.simplefilter("ignore")
        self.client = Client(random_seed=seed)
        # Ax sets the level of each of its loggers when it is imported.
        logging.disable(logging.WARNING)
        self.client.configure_experiment(name=task.name, parameters=parameters(task.space))
        self.client.configure_optimization(
            objective=", ".join(
                metric.name if metric.sign > 0 else f"-{metric.name}" for metric in objectives(task.metrics)
            ),
            outcome_constraints=[
                f"{metric.name} {'>=' if metric.sign > 0 else '<='} {metric.threshold!r}"
                for metric in task.metrics
                if metric.threshold is not None
            ],
        )
        self.client.configure_generation_strategy(initialization_random_seed=seed)
        self.index = -1

    def ask(self) -> Configuration:
        [(self.index, configuration)] = self.client.get_next_trials(max_trials=1).items()
        return dict(configuration)

    def tell(
        self, configuration: Configuration, metrics: Metrics | None, errors: Mapping[str, float] | None = None
    ) -> None:
        if metrics is None:
            self.client.mark_trial_abandoned(self.index)
        else:
            self.client.complete_trial(self.index, metrics)

    def add(
        self, configuration: Configuration, metrics: Metrics | None, errors: Mapping[str, float] | None = None
    ) -> None:
        self.index = self.client.attach_trial(configuration)
        self.tell(configuration, metrics)


def parameters(space: SearchSpace) -> list[RangeParameterConfig | ChoiceParameterConfig]:
    """The parameters as Ax has them."""
    found: list[RangeParameterConfig | ChoiceParameterConfig] = []
    for name, parameter in space.parameters.items():
        if isinstance(parameter, CategoricalParameter):
            kind = "str" if isinstance(parameter.values[0], str) else "int"
            found.append(ChoiceParameterConfig(name, list(parameter.values), kind))
        else:
            kind = "float" if isinstance(parameter, FloatParameter) else "int"
            scaling = "log" if parameter.log else "linear"
            found.append(RangeParameterConfig(name, (parameter.low, parameter.high), kind, scaling=scaling))
    return found

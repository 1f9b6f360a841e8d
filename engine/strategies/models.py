"""What a search believes of each metric and of success.

Metrics that have to be learned have a Gaussian process each, known ones enter exactly, and a model of failures tells
where trials run through at all.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from botorch.exceptions.warnings import BotorchWarning
from botorch.models.gp_regression import SingleTaskGP
from botorch.sampling.normal import SobolQMCNormalSampler
from torch import Tensor

from engine.metrics import Metric, objectives
from engine.parameters import Value
from engine.strategies.encoding import Encoding
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.marginals import Marginals, solved
from engine.strategies.processes import Memory, fitted, length_scales, noise_variance
from engine.strategies.scales import Scale, exact_scale, learned_scale
from engine.strategies.success import SuccessModel, learn_success
from engine.strategies.trials import forecast, in_state, usable

IMPOSSIBLE = -10.0
"""Known metrics of a configuration that cannot be built, on their scale: worse than anything."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Predictions:
    """What is expected of some configurations, in the metrics' own units.

    Attributes:
        means: shape (configurations, metrics).
        deviations: of the true value, noise of its measurement left out; 0 for known metrics. Shape as ``means``.
        success: probability that each runs through, shape (configurations,); None while no trial has failed.
    """

    means: Array
    deviations: Array
    success: Array | None


@dataclass(frozen=True, slots=True)
class Surrogate:
    """Fitted models with what is needed to read them.

    Attributes:
        problem: what is searched.
        encoding: of its configurations.
        metrics: the objectives, then the constrained metrics.
        scales: scale of each of ``metrics``.
        learned: which of ``metrics`` are learned.
        processes: one for each learned metric, on its scale.
        marginals: of each of ``processes``, for predictions point by point.
        success: where trials run through; None while none has failed.
        trials: the experiment's own completed trials, by number.
        points: their encoded configurations, shape (trials, columns).
        outcomes: their metrics on the scales, shape (trials, metrics).
        from_scratch: whether hyperparameters were found anew.
    """

    problem: SearchProblem
    encoding: Encoding
    metrics: tuple[Metric, ...]
    scales: tuple[Scale, ...]
    learned: tuple[int, ...]
    processes: tuple[SingleTaskGP, ...]
    marginals: tuple[Marginals, ...]
    success: SuccessModel | None
    trials: tuple[Observation, ...]
    points: Tensor
    outcomes: Tensor
    from_scratch: bool

    def encode(self, configurations: Sequence[Mapping[str, Value]]) -> Tensor:
        """Encoded configurations, shape (configurations, columns)."""
        return torch.as_tensor(self.encoding.encode(configurations))

    def thresholds(self) -> list[float | None]:
        """Threshold of each metric on its scale."""
        return [
            None if metric.threshold is None else scale.forward(metric.threshold)
            for metric, scale in zip(self.metrics, self.scales, strict=True)
        ]

    def noise(self) -> list[float]:
        """Standard deviation of a measurement of each metric in its own unit, beyond its standard error; 0 if known."""
        found = [0.0] * len(self.metrics)
        for position, process in zip(self.learned, self.processes, strict=True):
            found[position] = math.sqrt(noise_variance(process)) * self.scales[position].deviation
        return found

    def known_scaled(self, configuration: Mapping[str, Value]) -> list[float]:
        """Each metric of a configuration on its scale if it is known, 0 in the place of those that are learned."""
        values = self.problem.known_values(configuration)
        return [
            0.0
            if position in self.learned
            else IMPOSSIBLE
            if values is None
            else scale.forward(values[metric.name])
            for position, (metric, scale) in enumerate(zip(self.metrics, self.scales, strict=True))
        ]

    def predict(self, configurations: Sequence[Mapping[str, Value]]) -> Predictions:
        """What is expected of configurations that can be built."""
        means, deviations = self.values(configurations)
        return Predictions(means, deviations, self.chance(configurations))

    def values(self, configurations: Sequence[Mapping[str, Value]]) -> tuple[Array, Array]:
        """Means and standard deviations, as ``predict`` gives them, without the probability of running through."""
        points = self.encode(configurations)
        scaled = np.array([self.known_scaled(configuration) for configuration in configurations])
        deviations = np.zeros_like(scaled)
        for position, marginals in zip(self.learned, self.marginals, strict=True):
            scaled[:, position], deviation = marginals.moments(points)
            deviations[:, position] = deviation * self.scales[position].deviation
        return self._in_units(scaled), deviations

    def chance(self, configurations: Sequence[Mapping[str, Value]]) -> Array | None:
        """Probability that each configuration runs through; None while no trial has failed."""
        return None if self.success is None else self.success.probability(self.encode(configurations).numpy())

    def samples(self, configurations: Sequence[Mapping[str, Value]], count: int, seed: int) -> Array:
        """Joint draws of all metrics of configurations, in own units, shape (count, configurations, metrics)."""
        points = self.encode(configurations)
        known = np.array([self.known_scaled(configuration) for configuration in configurations])
        scaled = np.repeat(known[None], count, axis=0)
        for i, (position, process) in enumerate(zip(self.learned, self.processes, strict=True)):
            sampler = SobolQMCNormalSampler(torch.Size([count]), seed=seed + i)
            with torch.no_grad(), quiet():
                scaled[..., position] = sampler(process.posterior(points))[..., 0].numpy()
        return self._in_units(scaled)

    def summary(self) -> dict[str, Any]:
        """What a reader may want to know of the models, JSON-ready."""
        columns = self.encoding.columns
        told: dict[str, Any] = {}
        for position, process in zip(self.learned, self.processes, strict=True):
            shortest: dict[str, float] = {}
            for column, length in zip(columns, length_scales(process), strict=False):
                shortest[column] = min(length, shortest.get(column, math.inf))
            noise = math.sqrt(noise_variance(process)) * self.scales[position].deviation
            told[self.metrics[position].name] = {
                "noise": float(f"{noise:.4g}"),
                "length_scales": {name: float(f"{length:.3g}") for name, length in shortest.items()},
            }
        return {
            "trials": len(self.trials),
            "fit": "from scratch" if self.from_scratch else "warm",
            "known": [metric.name for i, metric in enumerate(self.metrics) if i not in self.learned],
            "learned": told,
            "models_failures": self.success is not None,
        }

    def _in_units(self, scaled: Array) -> Array:
        return np.stack([scale.back(scaled[..., i]) for i, scale in enumerate(self.scales)], axis=-1)


@dataclass(frozen=True, slots=True)
class _Data:
    """Trials that teach, this experiment's own and those of earlier ones."""

    trials: list[Observation]
    failed: list[Observation]
    encoding: Encoding

    def points(self, trials: Sequence[Observation]) -> Tensor:
        rows = [self.encoding.encode([trial.parameters], trial.source) for trial in trials]
        return torch.as_tensor(np.concatenate(rows))


def fit(
    problem: SearchProblem, observations: Sequence[Observation], memory: Memory | None = None
) -> Surrogate:
    """Fit a model to every metric that is not known, and one to failures when there are any.

    A trial's standard error is the variance its value has at least; a common variance for what training itself adds is
    learned on top. Trials of earlier experiments
    stand beside the experiment's own, each experiment with a column of its own, whose length scale says how much they
    have in common; they are centred to this experiment's mean. Trials stopped early count as what they are expected to
    have ended with, as unsure as that is.

    Args:
        problem: what is searched.
        observations: at least two usable completed trials.
        memory: hyperparameters of the last fit; updated.

    Raises:
        botorch.exceptions.errors.ModelFittingError: when a likelihood cannot be maximised.
    """
    memory = Memory() if memory is None else memory
    own = usable(problem, observations)
    data = _Data(
        [*usable(problem, problem.earlier), *own, *forecast(problem, observations)],
        [*in_state(problem.earlier, "failed"), *in_state(observations, "failed")],
        Encoding(problem.space, max((trial.source for trial in problem.earlier), default=0)),
    )
    metrics = (*objectives(problem.metrics), *(m for m in problem.metrics if m.role == "constrain"))
    known = frozenset() if problem.known is None else problem.known.metrics
    learned = tuple(i for i, metric in enumerate(metrics) if metric.name not in known) or (0,)
    scales = tuple(
        (learned_scale if i in learned else exact_scale)(metric, [t.metrics[metric.name] for t in own])
        for i, metric in enumerate(metrics)
    )
    with quiet():
        found = [_learn(data, metrics[i], scales[i], memory) for i in learned]
    success = None
    if data.failed:
        success = learn_success(data.points(data.trials).numpy(), data.points(data.failed).numpy())
    outcomes = np.stack(
        [s.outcomes([t.metrics[m.name] for t in own]) for m, s in zip(metrics, scales, strict=True)], -1
    )
    return Surrogate(
        problem=problem,
        encoding=data.encoding,
        metrics=metrics,
        scales=scales,
        learned=learned,
        processes=tuple(process for process, _ in found),
        marginals=tuple(solved(process) for process, _ in found),
        success=success,
        trials=tuple(own),
        points=data.points(own),
        outcomes=torch.as_tensor(outcomes),
        from_scratch=any(anew for _, anew in found),
    )


def _learn(data: _Data, metric: Metric, scale: Scale, memory: Memory) -> tuple[SingleTaskGP, bool]:
    values = np.concatenate(
        [_centred(data.trials, source, metric, scale) for source in range(data.encoding.sources, -1, -1)]
    )
    ordered = sorted(data.trials, key=lambda trial: -trial.source)
    errors = np.array([trial.standard_errors.get(metric.name, 0.0) for trial in ordered]) / scale.deviation
    noise = torch.as_tensor(errors).square() if errors.any() else None
    return fitted(metric.name, data.points(ordered), torch.as_tensor(values), noise, memory)


def _centred(trials: Sequence[Observation], source: int, metric: Metric, scale: Scale) -> Array:
    """Values of one experiment's trials on the scale; an earlier experiment's moved to mean 0."""
    values = scale.outcomes([trial.metrics[metric.name] for trial in trials if trial.source == source])
    return values - values.mean() if source and len(values) else values


@contextmanager
def quiet() -> Iterator[None]:
    """No numerical warnings: jitter added to a matrix, or a search that ended early, where the best found counts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BotorchWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        yield

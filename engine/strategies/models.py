"""Gaussian processes of a search: one for each optimised or constrained metric, one for whether a trial fails."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from botorch.fit import fit_gpytorch_mll
from botorch.models.gp_regression import SingleTaskGP
from botorch.models.model_list_gp_regression import ModelListGP
from botorch.models.transforms.input import NumericToCategoricalEncoding
from gpytorch.mlls import SumMarginalLogLikelihood
from torch import Tensor

from engine.metrics import Metric, objectives
from engine.strategies.encoding import Encoding
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.trials import in_state, usable

FIT_ITERATIONS = 75
"""Steps of the likelihood's optimiser; more barely change held-out errors and take several times as long."""

MIN_NOISE_VARIANCE = 1e-6
"""Smallest noise variance given to a model, for metrics scaled to variance 1; exact zeros break the algebra."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Linear scale on which a metric has mean 0 and variance 1 over the trials, and larger is better."""

    mean: float
    deviation: float
    sign: float

    def forward(self, value: float) -> float:
        """From the metric's unit to the scale."""
        return self.sign * (value - self.mean) / self.deviation

    def back(self, value: float) -> float:
        """From the scale to the metric's unit."""
        return self.mean + self.sign * value * self.deviation


@dataclass(frozen=True, slots=True)
class Surrogate:
    """Fitted models with what is needed to read them.

    Attributes:
        model: one output for each of ``metrics``, on its scale; if ``knows_failures`` a last one that is
            about 1 where trials run through and 0 where they fail.
        metrics: modelled metrics, the objectives first, then the constrained ones.
        scales: scale of each of ``metrics``.
        completed: encoded configurations of the completed trials, shape (trials, columns).
        outcomes: measured metrics on their scales, shape (trials, metrics).
        knows_failures: whether the last output tells of failures.
    """

    model: ModelListGP
    metrics: tuple[Metric, ...]
    scales: tuple[Scale, ...]
    completed: Tensor
    outcomes: Tensor
    knows_failures: bool

    def thresholds(self) -> list[float | None]:
        """Threshold of each metric on its scale."""
        return [
            None if metric.threshold is None else scale.forward(metric.threshold)
            for metric, scale in zip(self.metrics, self.scales, strict=True)
        ]

    def predict(self, point: Tensor) -> dict[str, tuple[float, float]]:
        """Mean and standard deviation expected for each metric, noise of the measurement left out.

        Args:
            point: encoded configuration, shape (1, columns).
        """
        with torch.no_grad():
            posterior = self.model.posterior(point)
        means, deviations = posterior.mean[0].tolist(), posterior.variance[0].sqrt().tolist()
        return {
            metric.name: (scale.back(means[i]), deviations[i] * scale.deviation)
            for i, (metric, scale) in enumerate(zip(self.metrics, self.scales, strict=True))
        }

    def success_probability(self, point: Tensor) -> float | None:
        """Probability that a trial runs through, or None when none has failed yet."""
        if not self.knows_failures:
            return None
        with torch.no_grad():
            posterior = self.model.posterior(point)
        mean, variance = float(posterior.mean[0, -1]), float(posterior.variance[0, -1])
        distance = (mean - 0.5) / math.sqrt(2 * variance)
        return 0.5 * (1 + math.erf(distance))


def fit(problem: SearchProblem, encoding: Encoding, observations: Sequence[Observation]) -> Surrogate:
    """Fit all models to the completed and failed trials.

    A metric's noise is fixed to the squared standard errors where every completed trial has one, and
    learned otherwise. Failures are modelled by regression on 1 (completed) and 0 (failed); a point counts
    as feasible with the probability that the process exceeds one half.

    Raises:
        botorch.exceptions.errors.ModelFittingError: when the likelihood cannot be maximised.
    """
    trials = usable(problem, observations)
    failed = in_state(observations, "failed")
    metrics = (*objectives(problem.metrics), *(m for m in problem.metrics if m.role == "constrain"))
    scales = tuple(_scale(metric, trials) for metric in metrics)
    completed = torch.as_tensor(encoding.encode([trial.parameters for trial in trials]))
    outcomes = torch.tensor(
        [[s.forward(t.metrics[m.name]) for m, s in zip(metrics, scales, strict=True)] for t in trials],
        dtype=torch.double,
    )
    models = [
        _process(encoding, completed, outcomes[:, i : i + 1], _noise(metric.name, scales[i], trials))
        for i, metric in enumerate(metrics)
    ]
    if failed:
        refused = torch.as_tensor(encoding.encode([trial.parameters for trial in failed]))
        success = torch.cat([torch.ones(len(completed), 1), torch.zeros(len(refused), 1)]).double()
        models.append(_process(encoding, torch.cat([completed, refused]), success, None))
    model = ModelListGP(*models)
    fit_gpytorch_mll(
        SumMarginalLogLikelihood(model.likelihood, model),
        optimizer_kwargs={"options": {"maxiter": FIT_ITERATIONS}},
    )
    return Surrogate(model, metrics, scales, completed, outcomes, bool(failed))


def _scale(metric: Metric, trials: Sequence[Observation]) -> Scale:
    values = torch.tensor([trial.metrics[metric.name] for trial in trials], dtype=torch.double)
    deviation = float(values.std())
    # Equal values differ by rounding only; dividing by that would blow up noise.
    is_constant = deviation <= 1e-12 * max(1.0, float(values.abs().max()))
    return Scale(float(values.mean()), 1.0 if is_constant else deviation, metric.sign)


def _noise(name: str, scale: Scale, trials: Sequence[Observation]) -> Tensor | None:
    """Noise variance of each trial on the metric's scale, or None when a standard error is missing."""
    errors = [trial.standard_errors.get(name, math.nan) for trial in trials]
    if not all(math.isfinite(error) for error in errors):
        return None
    deviations = torch.tensor(errors, dtype=torch.double).unsqueeze(-1) / scale.deviation
    return deviations.square().clamp_min(MIN_NOISE_VARIANCE)


def _process(encoding: Encoding, points: Tensor, values: Tensor, noise: Tensor | None) -> SingleTaskGP:
    # Metrics come standardised already; success is left as 0 and 1 so that one half keeps its meaning.
    return SingleTaskGP(
        points, values, train_Yvar=noise, outcome_transform=None, input_transform=_one_hot(encoding)
    )


def _one_hot(encoding: Encoding) -> NumericToCategoricalEncoding | None:
    sizes = {column: len(choices) for column, choices in encoding.categories.items()}
    if not sizes:
        return None
    return NumericToCategoricalEncoding(
        dim=len(encoding.columns),
        categorical_features=sizes,
        encoders={column: _OneHot(size) for column, size in sizes.items()},
    )


@dataclass(frozen=True, slots=True)
class _OneHot:
    size: int

    def __call__(self, codes: Tensor) -> Tensor:
        return torch.nn.functional.one_hot(codes.round().long(), self.size).double()

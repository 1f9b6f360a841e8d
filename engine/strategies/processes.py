"""Gaussian processes of single metrics: how one is built, and how its hyperparameters are found and kept."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from botorch.fit import fit_gpytorch_mll
from botorch.models.gp_regression import SingleTaskGP
from botorch.models.utils.gpytorch_modules import get_gaussian_likelihood_with_lognormal_prior
from gpytorch.constraints import GreaterThan
from gpytorch.likelihoods import FixedNoiseGaussianLikelihood
from gpytorch.mlls import ExactMarginalLogLikelihood
from gpytorch.priors import LogNormalPrior
from torch import Tensor

MIN_NOISE_VARIANCE = 1e-4
"""Smallest noise variance of a metric scaled to variance 1; smaller ones break the algebra."""

SCRATCH_ITERATIONS = 75
WARM_ITERATIONS = 20
"""Steps of the likelihood's optimiser from default values and from those of the last fit. More barely change
held-out errors and take several times as long."""

SCRATCH_EVERY = 10
"""New trials after which hyperparameters are found from default values again, lest they stay in a poor optimum."""

FIT_POINTS = 250
"""Most trials that hyperparameters are found from, the latest and an even spread of the others; predictions use all.
The likelihood costs the cube of their number."""


@dataclass(slots=True)
class Memory:
    """Hyperparameters of the last fit, by metric, from which the next one starts."""

    states: dict[str, _State] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _State:
    values: dict[str, Tensor]
    trials: int
    scratch_at: int


def fitted(
    name: str, points: Tensor, outcomes: Tensor, noise: Tensor | None, memory: Memory
) -> tuple[SingleTaskGP, bool]:
    """A process with fitted hyperparameters, and whether they were found from default values.

    The kernel is an RBF with one length scale a column, the mean a constant, priors those of Hvarfner et al. 2024
    (arXiv 2402.02229), which scale with the number of columns.

    Args:
        name: key in the memory.
        points: encoded configurations, shape (trials, columns).
        outcomes: values of about variance 1, shape (trials,).
        noise: variance of each value, shape (trials,), in addition to which one common variance is learned; None
            learns that one alone.
        memory: read and updated.

    Raises:
        botorch.exceptions.errors.ModelFittingError: when the likelihood cannot be maximised.
    """
    last = memory.states.get(name)
    count = len(points)
    is_known = last is not None and _fits(last, points)
    if last is not None and is_known and last.trials == count:
        return _with(last.values, points, outcomes, noise), False
    from_scratch = last is None or not is_known or count - last.scratch_at >= max(SCRATCH_EVERY, count // 5)
    some = _some(count)
    start = _process(points[some], outcomes[some], None if noise is None else noise[some])
    if last is not None and not from_scratch:
        start.load_state_dict(last.values, strict=False)
    fit_gpytorch_mll(
        ExactMarginalLogLikelihood(start.likelihood, start),
        optimizer_kwargs={
            "options": {"maxiter": SCRATCH_ITERATIONS if from_scratch else WARM_ITERATIONS},
        },
    )
    values = {key: value.detach().clone() for key, value in start.state_dict().items()}
    scratch_at = count if from_scratch or last is None else last.scratch_at
    memory.states[name] = _State(values, count, scratch_at)
    if len(some) == count:
        return start, from_scratch
    return _with(values, points, outcomes, noise), from_scratch


def noise_variance(process: SingleTaskGP) -> float:
    """Learned variance of a measurement, without what each trial's standard error adds."""
    likelihood = process.likelihood
    if isinstance(likelihood, FixedNoiseGaussianLikelihood):
        return float(likelihood.second_noise.detach())
    return float(likelihood.noise.detach())


def noise_variances(process: SingleTaskGP) -> Tensor:
    """Variance of each trial's value, shape (trials,)."""
    likelihood = process.likelihood
    if isinstance(likelihood, FixedNoiseGaussianLikelihood):
        # Its noise includes the common one.
        found: Tensor = likelihood.noise.detach()
        return found
    return torch.full_like(process.train_targets, noise_variance(process))


def length_scales(process: SingleTaskGP) -> list[float]:
    """Length scale of each column; a column matters the more the shorter it is."""
    scales: list[float] = process.covar_module.lengthscale.detach().flatten().tolist()
    return scales


def _with(values: dict[str, Tensor], points: Tensor, outcomes: Tensor, noise: Tensor | None) -> SingleTaskGP:
    process = _process(points, outcomes, noise)
    process.load_state_dict(values, strict=False)
    process.eval()
    return process


def _process(points: Tensor, outcomes: Tensor, noise: Tensor | None) -> SingleTaskGP:
    likelihood = (
        get_gaussian_likelihood_with_lognormal_prior()
        if noise is None
        else FixedNoiseGaussianLikelihood(
            noise=noise.clamp_min(MIN_NOISE_VARIANCE),
            learn_additional_noise=True,
            noise_prior=LogNormalPrior(loc=-4.0, scale=1.0),
            noise_constraint=GreaterThan(MIN_NOISE_VARIANCE, initial_value=0.01),
        )
    )
    return SingleTaskGP(points, outcomes.unsqueeze(-1), likelihood=likelihood, outcome_transform=None)


def _fits(state: _State, points: Tensor) -> bool:
    scales = state.values["covar_module.raw_lengthscale"]
    return state.trials <= len(points) and scales.shape[-1] == points.shape[-1]


def _some(count: int) -> list[int]:
    """Which trials hyperparameters are found from."""
    if count <= FIT_POINTS:
        return list(range(count))
    latest = FIT_POINTS // 3
    rest = np.unique(np.linspace(0, count - latest - 1, FIT_POINTS - latest).round().astype(int)).tolist()
    return [*rest, *range(count - latest, count)]

"""The acquisition function of the Bayesian search: how much a configuration is expected to improve the frontier."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from botorch.acquisition.acquisition import AcquisitionFunction
from botorch.acquisition.logei import qLogNoisyExpectedImprovement
from botorch.acquisition.multi_objective.logei import qLogNoisyExpectedHypervolumeImprovement
from botorch.acquisition.multi_objective.objective import IdentityMCMultiOutputObjective
from botorch.acquisition.objective import GenericMCObjective
from botorch.sampling.normal import SobolQMCNormalSampler
from torch import Tensor

from engine.strategies.models import Surrogate

SAMPLES = 64
"""Posterior samples of the Monte Carlo expectation."""

REFERENCE_MARGIN = 0.1
"""Reference point beyond the worst of the frontier, as a share of its range (at least of one standard deviation)."""


def acquisition(surrogate: Surrogate, pending: Tensor | None, seed: int) -> AcquisitionFunction:
    """Expected improvement: qLogNEHVI for several objectives, qLogNEI for one.

    Thresholds of constrained metrics and the model of failures enter as outcome constraints. Thresholds of
    objectives are the reference point, beyond which nothing counts; with a single objective, a constraint.

    Sources: Daulton et al. 2021, arXiv 2105.08195 (NEHVI); Ament et al. 2023, arXiv 2310.20708 (logarithm).

    Args:
        surrogate: fitted models.
        pending: encoded configurations of pending trials, shape (trials, columns), or None without any.
        seed: of the posterior samples.
    """
    thresholds = surrogate.thresholds()
    count = sum(metric.role == "optimize" for metric in surrogate.metrics)
    bounded = range(0 if count == 1 else count, len(thresholds))
    limits = [(i, limit) for i in bounded if (limit := thresholds[i]) is not None]
    if surrogate.knows_failures:
        limits.append((len(thresholds), 0.5))
    constraints = _constraints(limits)
    sampler = SobolQMCNormalSampler(torch.Size([SAMPLES]), seed=seed)
    if count == 1:
        return qLogNoisyExpectedImprovement(
            model=surrogate.model,
            X_baseline=surrogate.completed,
            sampler=sampler,
            objective=GenericMCObjective(_first),
            constraints=constraints,
            X_pending=pending,
            prune_baseline=True,
        )
    return qLogNoisyExpectedHypervolumeImprovement(
        model=surrogate.model,
        ref_point=reference(surrogate.outcomes, thresholds, count),
        X_baseline=surrogate.completed,
        sampler=sampler,
        objective=IdentityMCMultiOutputObjective(outcomes=list(range(count))),
        constraints=constraints,
        X_pending=pending,
        prune_baseline=True,
    )


def reference(outcomes: Tensor, thresholds: list[float | None], count: int) -> list[float]:
    """Reference point of the first ``count`` outcomes, all to be maximised.

    An objective's threshold where it has one; else the worst value on the frontier of the trials that
    meet all thresholds (of all trials while none does), less ``REFERENCE_MARGIN`` of its range.
    """
    limits = torch.tensor([-torch.inf if t is None else t for t in thresholds], dtype=outcomes.dtype)
    feasible = (outcomes >= limits).all(dim=-1)
    points = outcomes[feasible][:, :count] if feasible.any() else outcomes[:, :count]
    beats = (points.unsqueeze(1) >= points).all(-1) & (points.unsqueeze(1) > points).any(-1)
    front = points[~beats.any(dim=0)]
    worst, best = front.min(dim=0).values, front.max(dim=0).values
    nadir = worst - REFERENCE_MARGIN * (best - worst).clamp_min(1.0)
    point: list[float] = torch.where(limits[:count].isinf(), nadir, limits[:count]).tolist()
    return point


def _constraints(limits: list[tuple[int, float]]) -> list[Callable[[Tensor], Tensor]] | None:
    """For each (output, lower limit) how far the output stays below; at most 0 where the limit is met."""
    return [partial(_shortfall, output, limit) for output, limit in limits] or None


def _first(samples: Tensor, X: Tensor | None = None) -> Tensor:  # noqa: ARG001, N803 - BoTorch's signature
    return samples[..., 0]


def _shortfall(output: int, limit: float, samples: Tensor) -> Tensor:
    return limit - samples[..., output]

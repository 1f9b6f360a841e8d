"""The acquisition function of the Bayesian search: how much a configuration is expected to improve the frontier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from botorch.utils.multi_objective.pareto import is_non_dominated
from botorch.utils.safe_math import log_fatplus, logmeanexp
from torch import Tensor

from engine.parameters import Configuration
from engine.strategies.cells import boxes
from engine.strategies.known_points import KnownPoints
from engine.strategies.models import Surrogate
from engine.strategies.paths import Paths, draw
from engine.strategies.success import SuccessModel

DRAWS = {1: 64, 2: 64, 3: 32, 4: 16}
"""Functions drawn from the posterior, by number of objectives; boxes multiply with both."""

REFERENCE_MARGIN = 0.1
"""Reference point beyond the worst of the frontier, as a share of its range (at least of one standard deviation)."""

SOFTNESS = 1e-3
"""Width, in standard deviations, of the smooth step from no improvement to some, so that there is always a slope."""

FEASIBLE_SOFTNESS = 0.03
"""Width of the smooth step from breaking a constraint to meeting it."""


@dataclass(frozen=True, slots=True)
class Improvement:
    """Logarithm of the expected gain in hypervolume from a trial, with noisy and pending trials in mind.

    Each draw of the posterior has its own true values at the trials so far, pending ones included, hence its own
    frontier; the gain of a point is the hypervolume its value in that draw adds, averaged over the draws. Known
    objectives are the same in every draw. With one objective this is the expected improvement.

    Sources: Daulton et al. 2021, arXiv 2105.08195 (noisy expected hypervolume improvement); Ament et al. 2023,
    arXiv 2310.20708 (its logarithm, smoothed); Wilson et al. 2020, arXiv 2002.09309 (draws as functions).

    Attributes:
        known: known metrics of encoded configurations.
        paths: draws of each learned metric.
        learned: position of each learned metric among the metrics.
        count: number of objectives, the first of the metrics.
        limits: for outputs of ``paths`` that are constrained, the least value allowed.
        success: where trials run through, if any has failed; its steps have no slope.
        lower: lower corners of the boxes beyond each draw's frontier, shape (draws, boxes, objectives).
        upper: upper corners.
    """

    known: KnownPoints
    paths: tuple[Paths, ...]
    learned: tuple[int, ...]
    count: int
    limits: tuple[tuple[int, float], ...]
    success: SuccessModel | None
    lower: Tensor
    upper: Tensor

    def __call__(self, points: Tensor) -> Tensor:
        """Logarithm of the expected gain at encoded configurations of shape (points, columns)."""
        outputs = [path(points) for path in self.paths]
        objectives = _objectives(outputs, self.known(points), self.learned, self.count)
        room = (self.upper - self.lower).clamp_min(1e-12).log()
        beyond = log_fatplus(objectives.unsqueeze(-2) - self.lower.unsqueeze(1), tau=SOFTNESS)
        gains = torch.minimum(beyond, room.unsqueeze(1)).sum(dim=-1)
        logs = torch.logsumexp(gains, dim=-1)
        for output, limit in self.limits:
            logs = logs + torch.nn.functional.logsigmoid((outputs[output] - limit) / FEASIBLE_SOFTNESS)
        total: Tensor = logmeanexp(logs, dim=0)
        if self.success is None or points.requires_grad:
            return total
        return total + torch.as_tensor(self.success.probability(points.numpy())).log()


def improvement(
    surrogate: Surrogate, known: KnownPoints, pending: Sequence[Configuration], seed: int
) -> Improvement:
    """The acquisition function for the trials so far.

    Thresholds of constrained metrics that are learned are constraints; those of known metrics are for the caller to
    keep to. Thresholds of objectives are the reference point, beyond which nothing counts. The gain is weighed with
    the probability that the trial runs through.

    Args:
        surrogate: fitted models.
        known: told of every configuration whose point is asked for.
        pending: trials that are queued or running.
        seed: of the draws.
    """
    thresholds = surrogate.thresholds()
    count = sum(metric.role == "optimize" for metric in surrogate.metrics)
    paths = tuple(draw(process, DRAWS[count], seed + i) for i, process in enumerate(surrogate.processes))
    limits = [
        (output, limit)
        for output, position in enumerate(surrogate.learned)
        if position >= count and (limit := thresholds[position]) is not None
    ]
    points = torch.cat(
        [
            known.remember([dict(trial.parameters) for trial in surrogate.trials]),
            known.remember(pending),
        ]
    )
    outputs = [path(points) for path in paths]
    outcomes = _objectives(outputs, known(points), surrogate.learned, count)
    feasible = torch.ones(outcomes.shape[:-1], dtype=torch.bool)
    for output, limit in limits:
        feasible &= outputs[output] >= limit
    level = torch.tensor(reference(surrogate.outcomes, thresholds, count), dtype=points.dtype)
    lower, upper = boxes(outcomes, feasible, level)
    return Improvement(known, paths, surrogate.learned, count, tuple(limits), surrogate.success, lower, upper)


def reference(outcomes: Tensor, thresholds: list[float | None], count: int) -> list[float]:
    """Reference point of the first ``count`` outcomes, all to be maximised.

    An objective's threshold where it has one; else the worst value on the frontier of the trials that
    meet all thresholds (of all trials while none does), less ``REFERENCE_MARGIN`` of its range.
    """
    limits = torch.tensor([-torch.inf if t is None else t for t in thresholds], dtype=outcomes.dtype)
    feasible = (outcomes >= limits).all(dim=-1)
    points = outcomes[feasible][:, :count] if feasible.any() else outcomes[:, :count]
    front = points[is_non_dominated(points)]
    worst, best = front.min(dim=0).values, front.max(dim=0).values
    nadir = worst - REFERENCE_MARGIN * (best - worst).clamp_min(1.0)
    point: list[float] = torch.where(limits[:count].isinf(), nadir, limits[:count]).tolist()
    return point


def _objectives(outputs: list[Tensor], exact: Tensor, learned: tuple[int, ...], count: int) -> Tensor:
    """Objectives of each draw at each point, shape (draws, points, count)."""
    places = {position: output for output, position in enumerate(learned)}
    draws = outputs[0].shape[0]
    return torch.stack(
        [outputs[places[i]] if i in places else exact[:, i].expand(draws, -1) for i in range(count)],
        dim=-1,
    )

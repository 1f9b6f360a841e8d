"""Where an acquisition function is highest among the configurations that are legal and not yet tried."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from botorch.acquisition.acquisition import AcquisitionFunction
from botorch.optim.optimize_mixed import optimize_acqf_mixed_alternating
from torch import Tensor

from engine.space import Configuration, configuration_key
from engine.strategies.candidates import neighbours
from engine.strategies.encoding import Encoding
from engine.strategies.interface import SearchProblem
from engine.strategies.sobol import legal_points
from engine.strategies.trials import Key

RESTARTS = 4
RAW_SAMPLES = 128
ALTERNATIONS = 8
"""Effort of the mixed optimiser: starts, points to choose them from, rounds of discrete and continuous steps."""

POOL = 256
"""Legal points compared when the optimiser ends at a point that is illegal or taken."""

CLIMBS = 4
CLIMB_POINTS = 64
"""Rounds of neighbours of the best of the pool, and neighbours a round."""

BATCH = 64
"""Configurations evaluated at once; more cost memory and no less time."""

PENALTY = 100.0
"""Taken off the logarithm of the improvement where a configuration is illegal or taken."""


@dataclass(frozen=True, slots=True)
class Search:
    """Where the acquisition function is to be maximised.

    Attributes:
        problem: space, rules and seed.
        encoding: of the problem's space.
        tried: configurations that are taken.
        seed: of everything random in this suggestion.
    """

    problem: SearchProblem
    encoding: Encoding
    tried: set[Key]
    seed: int

    def is_free(self, configuration: Configuration) -> bool:
        """Whether the configuration meets the rules and no trial has had it."""
        return (
            self.problem.space.meets_rules(configuration)
            and configuration_key(configuration) not in self.tried
        )


class _Restricted(AcquisitionFunction):  # type: ignore[misc, unused-ignore]
    """An acquisition function that is lower by a constant where a configuration is not free.

    Rules over integers and categoricals thus steer the optimiser's choice of starts and its discrete steps.
    Its continuous steps, the only calls with a gradient, see the plain function: there the constant would
    only cost digits, and L-BFGS would give up for want of them.
    """

    def __init__(self, inner: AcquisitionFunction, search: Search) -> None:
        super().__init__(model=inner.model)
        self.inner = inner
        self.search = search

    def forward(self, X: Tensor) -> Tensor:  # noqa: N803 - BoTorch passes it by this name
        values: Tensor = self.inner(X)
        if X.requires_grad:
            return values
        rows = X[..., 0, :]
        free = [
            self.search.is_free(self.search.encoding.decode(row))
            for row in rows.reshape(-1, rows.shape[-1]).tolist()
        ]
        penalty = torch.tensor([0.0 if f else PENALTY for f in free], dtype=X.dtype).reshape(rows.shape[:-1])
        return values - penalty


def maximise(
    acq: AcquisitionFunction, search: Search, centres: list[Configuration]
) -> tuple[Configuration, float] | None:
    """The free configuration with the highest acquisition value, and that value.

    The mixed optimiser's end point is taken where it is free. Where it is not, a pool of legal points
    (Sobol points and neighbours of the centres and of the end point) is compared and the best is improved
    by a few rounds of legal neighbours.

    Args:
        acq: function of encoded configurations.
        search: where to look.
        centres: good configurations, such as those of the frontier.

    Returns:
        None when no free configuration is found.
    """
    found = _optimised(acq, search)
    if search.is_free(found):
        return found, float(_values(acq, search, [found])[0])
    return _best_of_pool(acq, search, [found, *centres])


def _optimised(acq: AcquisitionFunction, search: Search) -> Configuration:
    encoding = search.encoding
    candidate, _ = optimize_acqf_mixed_alternating(
        _Restricted(acq, search),
        bounds=torch.as_tensor(encoding.bounds),
        discrete_dims=encoding.grids,
        cat_dims=encoding.categories,
        q=1,
        raw_samples=RAW_SAMPLES,
        num_restarts=RESTARTS,
        options={"maxiter_alternating": ALTERNATIONS, "batch_limit": 8, "init_batch_limit": BATCH},
    )
    return encoding.decode(candidate[0].tolist())


def _best_of_pool(
    acq: AcquisitionFunction, search: Search, centres: list[Configuration]
) -> tuple[Configuration, float] | None:
    space, random = search.problem.space, np.random.default_rng(search.seed)
    pool = list(islice(legal_points(space, search.problem.seed, len(search.tried), search.tried), POOL))
    pool += neighbours(space, centres, POOL, search.tried, random)
    best: tuple[Configuration, float] | None = None
    for _ in range(1 + CLIMBS):
        if not pool:
            break
        values = _values(acq, search, pool)
        if best is None or float(values.max()) > best[1]:
            best = pool[int(values.argmax())], float(values.max())
        pool = neighbours(space, [best[0]], CLIMB_POINTS, search.tried, random)
    return best


def _values(acq: AcquisitionFunction, search: Search, pool: list[Configuration]) -> Tensor:
    """Acquisition value of each configuration of a pool that is not empty."""
    points = torch.as_tensor(search.encoding.encode(pool)).unsqueeze(1)
    with torch.no_grad():
        return torch.cat([acq(points[i : i + BATCH]) for i in range(0, len(points), BATCH)])

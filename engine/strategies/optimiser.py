"""Where an acquisition function is highest among the configurations that are legal and not yet tried."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import cast

import numpy as np
import torch
from botorch.acquisition.acquisition import AcquisitionFunction
from botorch.generation.gen import gen_candidates_scipy
from torch import Tensor

from engine.parameters import CategoricalParameter, Configuration, IntegerParameter, Value, configuration_key
from engine.strategies.acquisition import Improvement
from engine.strategies.candidates import neighbours
from engine.strategies.encoding import Encoding
from engine.strategies.interface import SearchProblem
from engine.strategies.known_points import KnownPoints
from engine.strategies.sobol import legal_points
from engine.strategies.trials import Key

POOL = 128
"""Points of the Sobol sequence, and as many neighbours of good configurations, that starts are chosen from."""

STARTS = 4
"""Starts that are improved: the best of the pool, differing from each other in a discrete parameter if possible."""

ROUNDS = 4
"""Most rounds of discrete and continuous steps."""

GRADIENT_ITERATIONS = 10
"""Steps of L-BFGS-B over the continuous parameters in a round."""

WAY = (1.0, 0.6, 0.3, 0.1)
"""Shares of the way to where L-BFGS-B ended that are looked at."""

DISCRETE_POINTS = 40
"""Most discrete neighbours of a start looked at in a round."""

BATCH = 64
"""Configurations evaluated at once; more cost memory and no less time."""

GAIN = 1e-3
"""Improvement of the logarithm below which a round was the last."""


@dataclass(frozen=True, slots=True)
class Search:
    """Where the acquisition function is to be maximised.

    Attributes:
        problem: space, rules, known metrics and seed.
        encoding: of the problem's space.
        tried: configurations that are taken.
        seed: of everything random in this suggestion.
        within_thresholds: whether known metrics have to meet their thresholds.
    """

    problem: SearchProblem
    encoding: Encoding
    tried: set[Key]
    seed: int
    within_thresholds: bool = True

    def is_free(self, configuration: Configuration) -> bool:
        """Whether the configuration is legal, may be on the frontier by what is known, and no trial has had it."""
        return configuration_key(configuration) not in self.tried and self.is_wanted(configuration)

    def is_wanted(self, configuration: Configuration) -> bool:
        """Whether the configuration is legal and meets the thresholds of known metrics."""
        if not self.problem.space.meets_rules(configuration):
            return False
        known = self.problem.known_values(configuration)
        if known is None:
            return False
        return not self.within_thresholds or all(
            metric.meets_threshold(known[metric.name])
            for metric in self.problem.metrics
            if metric.role != "store" and metric.name in known
        )


@dataclass(frozen=True, slots=True)
class _Climb:
    """The function, the search, and what turns configurations into points."""

    acq: Improvement
    search: Search
    known: KnownPoints

    def values(self, configurations: list[Configuration]) -> Tensor:
        points = self.known.remember(configurations)
        with torch.no_grad():
            return torch.cat([self.acq(points[i : i + BATCH]) for i in range(0, len(points), BATCH)])


def maximise(
    acq: Improvement, search: Search, known: KnownPoints, centres: list[Configuration]
) -> tuple[Configuration, float] | None:
    """The free configuration with the highest acquisition value found, and that value.

    The best of a pool (points of the Sobol sequence, neighbours of good configurations) are improved in turns: their
    continuous parameters by gradient, their discrete ones by comparing neighbours. Every configuration looked at is
    free, so that none found has to be thrown away.

    Args:
        acq: function of encoded configurations.
        search: where to look.
        known: known metrics of points; told every configuration that is looked at.
        centres: good configurations, such as those of the frontier.

    Returns:
        None when no free configuration is found.
    """
    climb = _Climb(acq, search, known)
    pool = _pool(search, centres)
    if not pool:
        return None
    starts = _starts(pool, climb.values(pool))
    for round_number in range(ROUNDS):
        before = max(value for _, value in starts)
        starts = _moved(climb, starts)
        starts = _stepped(climb, starts, round_number)
        if max(value for _, value in starts) < before + GAIN:
            break
        # Later rounds polish the best two; the others had their chance.
        starts = sorted(starts, key=lambda start: -start[1])[:2]
    return max(starts, key=lambda start: start[1])


def _pool(search: Search, centres: list[Configuration]) -> list[Configuration]:
    problem = search.problem
    random = np.random.default_rng(search.seed)
    spread = legal_points(problem.space, search.seed, 0, search.tried, search.is_wanted)
    near = neighbours(problem.space, centres, POOL, search.tried, random, search.is_wanted)
    return [*islice(spread, POOL), *near]


def _starts(pool: list[Configuration], values: Tensor) -> list[tuple[Configuration, float]]:
    """The best of the pool; of those that differ in floats only, the best one, while there are others."""
    order = torch.argsort(values, descending=True).tolist()
    chosen: list[int] = []
    seen: set[Key] = set()
    for index in order:
        shape = configuration_key({k: v for k, v in pool[index].items() if not isinstance(v, float)})
        if shape not in seen:
            seen.add(shape)
            chosen.append(index)
    chosen += [index for index in order if index not in chosen]
    return [(pool[index], float(values[index])) for index in chosen[:STARTS]]


def _moved(climb: _Climb, starts: list[tuple[Configuration, float]]) -> list[tuple[Configuration, float]]:
    """Continuous parameters moved along the gradient, wherever that leads to a free and better configuration."""
    encoding = climb.search.encoding
    if not encoding.continuous:
        return starts
    points = climb.known.remember([configuration for configuration, _ in starts]).unsqueeze(1)
    fixed = {
        column: points[:, :, column]
        for column in range(points.shape[-1])
        if column not in encoding.continuous
    }
    # Recorded, not ignored: BoTorch insists on warning of a line search that ended at a kink, where the best counts.
    with warnings.catch_warnings(record=True):
        ends, _ = gen_candidates_scipy(
            points,
            cast("AcquisitionFunction", lambda point: climb.acq(point.squeeze(1))),
            lower_bounds=torch.zeros(points.shape[-1], dtype=points.dtype),
            upper_bounds=torch.ones(points.shape[-1], dtype=points.dtype),
            fixed_features=fixed,
            options={"maxiter": GRADIENT_ITERATIONS},
        )
    return [_best_on_the_way(climb, start, end) for start, end in zip(starts, ends[:, 0], strict=True)]


def _best_on_the_way(
    climb: _Climb, start: tuple[Configuration, float], end: Tensor
) -> tuple[Configuration, float]:
    """The start or the best free configuration on the line to where the gradient led, which sees no failures."""
    encoding, begin = climb.search.encoding, climb.known.remember([start[0]])[0]
    moved = [encoding.moved(start[0], (begin + share * (end - begin)).tolist()) for share in WAY]
    free = [configuration for configuration in moved if climb.search.is_free(configuration)]
    if not free:
        return start
    values = climb.values(free)
    best = int(values.argmax())
    return (free[best], float(values[best])) if float(values[best]) > start[1] else start


def _stepped(
    climb: _Climb, starts: list[tuple[Configuration, float]], round_number: int
) -> list[tuple[Configuration, float]]:
    """Each start or the best of its discrete neighbours."""
    random = np.random.default_rng((climb.search.seed, round_number))
    around = [_discrete_neighbours(climb.search, configuration, random) for configuration, _ in starts]
    flat = [configuration for some in around for configuration in some]
    if not flat:
        return starts
    values = iter(climb.values(flat).tolist())
    result = []
    for start, some in zip(starts, around, strict=True):
        found = [(configuration, next(values)) for configuration in some]
        result.append(max([start, *found], key=lambda pair: pair[1]))
    return result


def _discrete_neighbours(
    search: Search, configuration: Configuration, random: np.random.Generator
) -> list[Configuration]:
    """Free configurations that differ in one discrete parameter, or in two that only together are legal."""
    space = search.problem.space
    singles = [
        space.canonical({**configuration, name: value})
        for name, parameter in space.parameters.items()
        if not isinstance(configuration[name], float) or isinstance(parameter, CategoricalParameter)
        for value in _other_values(parameter, configuration[name], random)
    ]
    free = [single for single in singles if search.is_free(single)]
    blocked = [single for single in singles if not space.meets_rules(single)]
    if blocked:
        picked = [blocked[i] for i in random.permutation(len(blocked))[:DISCRETE_POINTS]]
        free += neighbours(space, picked, len(picked), search.tried, random, search.is_wanted)
    if len(free) <= DISCRETE_POINTS:
        return free
    return [free[i] for i in random.permutation(len(free))[:DISCRETE_POINTS]]


def _other_values(parameter: object, value: Value, random: np.random.Generator) -> Iterator[Value]:
    match parameter:
        case CategoricalParameter(values=values):
            yield from (other for other in values if other != value)
        case IntegerParameter(low=low, high=high):
            if high - low <= 12:
                yield from (other for other in range(low, high + 1) if other != value)
                return
            steps = {1, 2, int(random.integers(3, max(4, (high - low) // 4))), (high - low) // 2}
            for step in steps:
                yield from (int(value) + s for s in (-step, step) if low <= int(value) + s <= high)

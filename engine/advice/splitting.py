"""The setting that some trials have in common and others have not: one bound or value that sets them apart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.parameters import CategoricalParameter, Value
from engine.space import SearchSpace

CHANCE = 0.05
"""Largest probability that the best of all splits would set trials drawn at random apart as well."""
SHUFFLES = 1000
SEED = 0

FloatArray = NDArray[np.float64]
Configurations = Sequence[Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class Split:
    """A condition on one parameter.

    Attributes:
        parameter: its name.
        relation: ``>``, ``<`` or ``=``.
        value: the bound or value.
        inside: of the trials in question, how many meet it.
        of: how many trials in question there are.
        others_inside: of the other trials, how many meet it.
        others: how many other trials there are.
        chance: probability that the best split of trials drawn at random is as good.
    """

    parameter: str
    relation: str
    value: Value
    inside: int
    of: int
    others_inside: int
    others: int
    chance: float

    @property
    def setting(self) -> str:
        """Field of the specification that keeps such trials out."""
        end = {">": "high", "<": "low", "=": "values"}[self.relation]
        return f"parameters.{self.parameter}.{end}"

    def words(self, kind: str) -> str:
        """Such as "5 of 7 failed trials have learning_rate > 0.01; 1 of 20 others"."""
        value = f"{self.value:g}" if isinstance(self.value, float) else str(self.value)
        return (
            f"{self.inside} of {self.of} {kind} trials have {self.parameter} {self.relation} {value}; "
            f"{self.others_inside} of {self.others} others"
        )


def common_setting(space: SearchSpace, ours: Configurations, others: Configurations) -> Split | None:
    """The split that sets ``ours`` apart from ``others`` best, by Fisher's exact test, one-sided.

    How good the best of so many splits is by chance comes from shuffling which trials are ours (Westfall and Young
    1993), so that neighbouring bounds, which split almost alike, count no more than they are worth.

    Returns:
        None when none does so better than chance would; see ``CHANCE``.
    """
    everyone = [*ours, *others]
    splits = list(_splits(space, everyone))
    if not ours or not others or not splits:
        return None
    inside = np.array([members for *_, members in splits], dtype=np.float64)
    tails = _tails(len(everyone), len(ours))
    drawn = inside.sum(axis=1).astype(np.int64)
    mine = inside[:, : len(ours)].sum(axis=1).astype(np.int64)
    found = tails[drawn, mine]
    best = int(np.argmin(found))
    labels = np.zeros((SHUFFLES, len(everyone)))
    labels[:, : len(ours)] = 1
    shuffled = np.random.default_rng(SEED).permuted(labels, axis=1) @ inside.T
    luckiest = tails[drawn, shuffled.astype(np.int64)].min(axis=1)
    chance = float((luckiest <= found[best] * (1 + 1e-9)).mean())
    if chance > CHANCE:
        return None
    name, relation, value, _ = splits[best]
    there = int(mine[best])
    return Split(name, relation, value, there, len(ours), int(drawn[best]) - there, len(others), chance)


def _splits(
    space: SearchSpace, configurations: Configurations
) -> Iterator[tuple[str, str, Value, NDArray[np.bool_]]]:
    """Parameter, relation, value, and which configurations meet it."""
    for name, parameter in space.parameters.items():
        values = [configuration[name] for configuration in configurations]
        if isinstance(parameter, CategoricalParameter):
            for value in parameter.values:
                yield name, "=", value, np.array([found == value for found in values])
            continue
        numbers = np.array(values, dtype=np.float64)
        for low, high in pairwise(np.unique(numbers).tolist()):
            bound = _round_number(low, high, geometric=parameter.log)
            yield name, ">", bound, numbers > bound
            yield name, "<", bound, numbers < bound


def _round_number(low: float, high: float, *, geometric: bool) -> float:
    """The number with the fewest digits strictly between two others, near their middle."""
    middle = math.sqrt(low * high) if geometric and low > 0 else (low + high) / 2
    for digits in range(1, 16):
        rounded = float(f"{middle:.{digits}g}")
        if low < rounded < high:
            return rounded
    return middle


def _tails(total: int, ours: int) -> FloatArray:
    """Hypergeometric tails: entry (d, k) is the probability of k or more of ours among d drawn of all.

    Returns:
        Shape (total + 1, ours + 1).
    """
    logs = np.array([math.lgamma(number + 1) for number in range(total + 1)])
    drawn, mine = np.arange(total + 1)[:, None], np.arange(ours + 1)[None]
    theirs = drawn - mine
    possible = (theirs >= 0) & (theirs <= total - ours)
    safe = np.where(possible, theirs, 0)
    log_mine = logs[ours] - logs[mine] - logs[ours - mine]
    log_theirs = logs[total - ours] - logs[safe] - logs[total - ours - safe]
    log_all = logs[total] - logs[drawn] - logs[total - drawn]
    chances = np.where(possible, np.exp(log_mine + log_theirs - log_all), 0.0)
    tails: FloatArray = np.cumsum(chances[:, ::-1], axis=1)[:, ::-1]
    return tails

"""Trials set against one another pair by pair, on the examples that both were measured on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.claims.mcnemar import mcnemar
from engine.claims.resampling import RESAMPLES, Paired, resampled_means
from engine.tasks.bootstrap import FloatArray

TAIL = 0.05
"""What each end of a 90 % interval leaves out."""
FEWEST = 20
"""Common examples below which nothing is said of a pair."""
SIGNIFICANT = 0.05
"""Probability of a difference by chance below which it counts as shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A metric of one trial in its own unit, example by example.

    Attributes:
        examples: a number for each example, ascending, shape (examples,).
        values: shape (examples,).
        weights: shape (examples,).
        data: something equal for trials whose examples of equal numbers are the same examples.
    """

    examples: NDArray[np.uint64]
    values: NDArray[np.float32]
    weights: NDArray[np.float32]
    data: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two trials compared.

    Attributes:
        first: name of one trial.
        second: name of the other.
        difference: metric of the second minus that of the first on the common examples; None if they have none.
        interval: 90 % interval of it over other examples of the same kind, by a paired bootstrap.
        p_value: probability of so large a difference where there is none: McNemar's exact test where answers are
            right or wrong, else from the bootstrap.
        adjusted: the same after Holm's correction for all pairs that were compared.
        test: which of the two.
        examples: common examples.
        only_first: examples on which the first is better.
        only_second: examples on which the second is better.
        reason: why the two cannot be compared; None where they are.
    """

    first: str
    second: str
    difference: float | None = None
    interval: tuple[float, float] | None = None
    p_value: float | None = None
    adjusted: float | None = None
    test: Literal["McNemar", "bootstrap"] | None = None
    examples: int = 0
    only_first: int = 0
    only_second: int = 0
    reason: str | None = None

    @property
    def shown(self) -> bool:
        """Whether a difference is shown, all comparisons considered."""
        return self.adjusted is not None and self.adjusted < SIGNIFICANT


def compare_pairs(scored: Mapping[str, Scored | str]) -> list[Pair]:
    """Compare every two trials.

    Trials measured on the same examples share their resamples, so that eight of them take hardly longer than two.

    Args:
        scored: by name of the trial, in the order of the comparison; a text says why a trial has no such scores.
    """
    blocks: dict[tuple[bytes, ...], dict[str, FloatArray]] = {}
    pairs = []
    for first, second in combinations(scored, 2):
        one, other = scored[first], scored[second]
        if isinstance(one, str) or isinstance(other, str):
            missing = [
                f"{name} {item}" for name, item in ((first, one), (second, other)) if isinstance(item, str)
            ]
            pairs.append(Pair(first, second, reason="; ".join(missing)))
            continue
        if one.data != other.data:
            pairs.append(Pair(first, second, reason="they were measured on different data"))
            continue
        common = np.intersect1d(one.examples, other.examples, assume_unique=True)
        if len(common) < FEWEST:
            told = f"they have {len(common)} examples in common; at least {FEWEST} are needed"
            pairs.append(Pair(first, second, reason=told))
            continue
        pairs.append(_compare(first, second, scored, common, blocks))
    return _adjusted(pairs)


def _compare(
    first: str,
    second: str,
    scored: Mapping[str, Scored | str],
    common: NDArray[np.uint64],
    blocks: dict[tuple[bytes, ...], dict[str, FloatArray]],
) -> Pair:
    one, other = (_on(scored[name], common) for name in (first, second))
    if not np.array_equal(one.weights, other.weights):
        return Pair(first, second, reason="their examples weigh differently", examples=len(common))
    paired = Paired((0, 1), np.stack([one.values, other.values]), one.weights)
    # Equal draws belong to equal examples with equal weights, whichever trials were measured on them.
    drawn = blocks.setdefault((common.tobytes(), one.weights.tobytes()), {})
    missing = [name for name in (first, second) if name not in drawn]
    if missing:
        all_of_them = [
            name
            for name, item in scored.items()
            if name not in drawn
            and not isinstance(item, str)
            and item.data == one.data
            and np.isin(common, item.examples, assume_unique=True).all()
        ]
        values = np.stack([_on(scored[name], common).values for name in all_of_them])
        means = resampled_means(Paired(tuple(range(len(values))), values, one.weights))
        drawn |= dict(zip(all_of_them, means.T, strict=True))
    moved = drawn[second] - drawn[first]
    means = paired.means()
    exact = mcnemar(paired, 0, 1)
    return Pair(
        first,
        second,
        difference=float(means[1] - means[0]),
        interval=(float(np.quantile(moved, TAIL)), float(np.quantile(moved, 1 - TAIL))),
        p_value=_bootstrap_p(moved) if exact is None else exact,
        test="bootstrap" if exact is None else "McNemar",
        examples=len(common),
        only_first=int((one.values > other.values).sum()),
        only_second=int((other.values > one.values).sum()),
    )


def _on(item: Scored | str, common: NDArray[np.uint64]) -> Scored:
    """A trial's scores on some of its examples."""
    assert isinstance(item, Scored)
    places = np.searchsorted(item.examples, common)
    return Scored(common, item.values[places], item.weights[places], item.data)


def _bootstrap_p(moved: FloatArray) -> float:
    """Two-sided, never below what so many resamples can tell (Davison and Hinkley 1997, section 4.4)."""
    beyond = min(int((moved <= 0).sum()), int((moved >= 0).sum()))
    return float(min(1.0, 2 * (beyond + 1) / (RESAMPLES + 1)))


def _adjusted(pairs: Sequence[Pair]) -> list[Pair]:
    """With Holm's step-down correction (Holm 1979)."""
    known = sorted((pair.p_value, place) for place, pair in enumerate(pairs) if pair.p_value is not None)
    found = list(pairs)
    least = 0.0
    for rank, (p_value, place) in enumerate(known):
        least = max(least, min(1.0, (len(known) - rank) * p_value))
        found[place] = replace(found[place], adjusted=least)
    return found

"""Ranks hyperparameter sets by their accuracies and says which of them a round drops.

The article's own words for this step are "sort the sets by accuracy; remove those belonging to the longest common
sequence rooted at the first element". They leave open which end is first, what the sequence is common to, and whether
everything may go. The default here, ``stable_worst``, reads it so:

* *Ascending order, the worst first*: what is dropped is meant to be what shows no promise. The other end would drop the
  best sets as soon as they are known to be the best.
* *Common to the orders of this round and of the one before*: each set carries its history, and a history is of use only
  if a round is compared with the last. Dropped is the longest run from the worst on that stands in the same order in
  both, counting only sets that are still in; more data did not change their rank. At least the worst goes.
* *The best set of a round stays as long as there are others*: an order that happens to be the same twice would
  otherwise end everything while accuracy still rises, and there would be no single convergent set, which the paper
  reports for every task. The last set then goes too, which ends the loop.

So at least one set goes each round, and there are at most as many rounds as sets, as the theory asks. The alternatives
are ``worst``, ``halving``, ``equal_history`` and the literal best-first ``longest_common_prefix``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

Reading = Literal["stable_worst", "worst", "halving", "equal_history", "longest_common_prefix"]
"""How the step is read: see the module and ``dropped``."""

History = Sequence[float | None]
"""Accuracies of one set by round; None where its training failed."""

Steps = tuple[float, ...]


def dropped(histories: Mapping[str, History], reading: Reading, step: float = 0.0) -> tuple[str, ...]:
    """Sets that go after a round, the worst first; at least one, and never more than all.

    * ``stable_worst``: the longest run from the worst on that kept its order since the last round, see the module.
    * ``worst``: the worst alone.
    * ``halving``: the worse half, rounded down.
    * ``equal_history``: the worst, and those whose accuracies were the same as its own in every round.
    * ``longest_common_prefix``: read literally from the best on: the run that kept its order goes, the best with it.

    A set whose training failed is worse than any other, and goes under every reading but the last of these, where
    it goes as well.

    Args:
        histories: of the sets still in, each with as many rounds, at least one; in the order they were given.
        reading: how the step is read.
        step: accuracies that round to the same multiple of it are equal; 0 takes them as they are.
    """
    ascending = ranking(histories, step)
    failed = [name for name in ascending if histories[name][-1] is None]
    rule = _RULES[reading]
    gone = {*failed, *rule(ascending, histories, step)}
    return tuple(name for name in ascending if name in gone)


def ranking(histories: Mapping[str, History], step: float = 0.0) -> list[str]:
    """Sets in ascending order of their last accuracy.

    Equal ones keep the order of the round before, as a list does that is sorted anew each round; in the first round
    the order they were given in.
    """
    places = {name: place for place, name in enumerate(histories)}
    return sorted(histories, key=lambda name: (_levels(histories[name], step)[::-1], places[name]))


def _levels(history: History, step: float) -> Steps:
    return tuple(
        -math.inf if value is None else math.floor(value / step + 0.5) if step else value for value in history
    )


def _shared(now: Sequence[str], before: Sequence[str]) -> int:
    """How many names both orders begin with."""
    return next(
        (place for place, (one, other) in enumerate(zip(now, before, strict=True)) if one != other), len(now)
    )


def _before(histories: Mapping[str, History], step: float) -> list[str] | None:
    """The order of the round before, of the same sets; None in the first round."""
    earlier = {name: history[:-1] for name, history in histories.items()}
    return ranking(earlier, step) if all(earlier.values()) else None


def _stable_worst(ascending: Sequence[str], histories: Mapping[str, History], step: float) -> Sequence[str]:
    before = _before(histories, step)
    run = 1 if before is None else max(1, _shared(ascending, before))
    return ascending[: max(1, min(run, len(ascending) - 1))]


def _worst(ascending: Sequence[str], histories: Mapping[str, History], step: float) -> Sequence[str]:  # noqa: ARG001
    return ascending[:1]


def _halving(ascending: Sequence[str], histories: Mapping[str, History], step: float) -> Sequence[str]:  # noqa: ARG001
    return ascending[: max(1, len(ascending) // 2)]


def _equal_history(ascending: Sequence[str], histories: Mapping[str, History], step: float) -> Sequence[str]:
    worst = _levels(histories[ascending[0]], step)
    equal = [name for name in ascending if _levels(histories[name], step) == worst]
    return equal[: max(1, len(ascending) - 1)]


def _longest_common_prefix(
    ascending: Sequence[str], histories: Mapping[str, History], step: float
) -> Sequence[str]:
    descending = ascending[::-1]
    before = _before(histories, step)
    return descending[: 1 if before is None else max(1, _shared(descending, before[::-1]))]


_RULES: Mapping[Reading, Callable[[Sequence[str], Mapping[str, History], float], Sequence[str]]] = {
    "stable_worst": _stable_worst,
    "worst": _worst,
    "halving": _halving,
    "equal_history": _equal_history,
    "longest_common_prefix": _longest_common_prefix,
}

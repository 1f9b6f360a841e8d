"""Order of the architectures of a space, which of them are trained, and which of the trained is extracted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from engine.errors import SettingError
from engine.extraction.coefficient import Costs, gain

Order = Literal["size", "speed", "gain"]
"""What architectures are sorted by: size first, speed first, or the product of both savings, largest first."""


class Outcome(NamedTuple):
    """A trained architecture.

    Attributes:
        place: in the order of the space, from 0.
        costs: its size and speed.
        w: its W-coefficient; the best where it was trained with several hyperparameter sets.
    """

    place: int
    costs: Costs
    w: float


def sorted_by(order: Order, costs: Sequence[Costs], maximum: Costs | None = None) -> list[int]:
    """Numbers of the architectures in their order.

    "size" goes by size and then by speed, "speed" by speed and then by size, both ascending; "gain" by the part of W
    that is known, the largest first. What is equal keeps the order it was given in.

    Raises:
        SettingError: The order is "gain" and there is no maximum point.
    """
    if order == "gain":
        if maximum is None:
            raise SettingError("order = 'gain' needs the maximum point's size and speed, which are not known")
        return sorted(range(len(costs)), key=lambda number: -gain(costs[number], maximum))
    if order == "size":
        return sorted(range(len(costs)), key=lambda number: (costs[number].size, costs[number].speed))
    return sorted(range(len(costs)), key=lambda number: (costs[number].speed, costs[number].size))


def partition(count: int, interval: int) -> list[int]:
    """Places that are trained: the first, every ``interval``-th from there, and always the last.

    Args:
        count: architectures in the space, at least 1.
        interval: the papers' epsilon, 1 (all) to ``count``.

    Raises:
        SettingError: The interval is out of its range.
    """
    if not 1 <= interval <= count:
        raise SettingError(
            f"interval is {interval}; it must be from 1 to {count}, the architectures of the space"
        )
    places = list(range(0, count, interval))
    return places if places[-1] == count - 1 else [*places, count - 1]


def extracted(outcomes: Sequence[Outcome]) -> Outcome:
    """The one with the largest W; of equal ones the smaller, then the faster, then the earlier.

    Args:
        outcomes: at least one.
    """
    return min(outcomes, key=lambda found: (-found.w, found.costs.size, found.costs.speed, found.place))

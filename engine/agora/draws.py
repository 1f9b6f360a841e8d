"""Random choices that depend on what they are for and on nothing else, so that they come out the same everywhere."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """A stream of random choices, named by what it is for, such as a seed, a round, and an example.

    Only ``random()`` of Python's generator is used, the one method whose sequence is promised to stay the same in
    later versions. Streams of other names are independent.
    """

    __slots__ = ("_random",)

    def __init__(self, *name: int | str) -> None:
        self._random = random.Random(json.dumps(name))  # noqa: S311 - a sample, no secret

    def share(self) -> float:
        """A number in [0, 1)."""
        return self._random.random()

    def below(self, count: int) -> int:
        """A whole number from 0 to ``count`` - 1; ``count`` is at least 1."""
        return int(self.share() * count)

    def choice(self, items: Sequence[T]) -> T:
        """One of the items, of which there is at least one."""
        return items[self.below(len(items))]

    def order(self, weights: Sequence[float]) -> list[int]:
        """All places in a random order, where heavier ones tend to come first.

        The first is place ``i`` with a chance of ``weights[i] / sum(weights)``; each next one likewise, of the rest.

        Args:
            weights: above 0.
        """
        keys = [-math.log(1 - self.share()) / weight for weight in weights]
        return sorted(range(len(weights)), key=keys.__getitem__)

    def sample(self, count: int, chosen: int) -> list[int]:
        """Which ``chosen`` of ``count`` places, ascending; all of them where there are fewer."""
        return sorted(self.order([1.0] * count)[:chosen])

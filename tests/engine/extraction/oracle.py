"""Brute force: W of every architecture of a space, and the best."""

from __future__ import annotations

from collections.abc import Sequence

from engine.extraction.coefficient import Costs, w_coefficient
from engine.extraction.partition import Outcome, extracted


def brute_force(costs: Sequence[Costs], maximum: Costs, errors: Sequence[float]) -> Outcome:
    """The best of all architectures, each given in the order of its space with its surrogate error."""
    return extracted(
        [
            Outcome(place, found, w_coefficient(found, maximum, error))
            for place, (found, error) in enumerate(zip(costs, errors, strict=True))
        ]
    )


def extraction(
    costs: Sequence[Costs], maximum: Costs, errors: Sequence[float], places: Sequence[int]
) -> Outcome:
    """The best of those at some places."""
    return extracted(
        [
            Outcome(place, costs[place], w_coefficient(costs[place], maximum, errors[place]))
            for place in places
        ]
    )

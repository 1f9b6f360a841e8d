"""A trial as what was measured of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NORMAL_95 = 1.6448536269514722
"""95 % quantile of the normal distribution; a two-sided 90 % interval reaches this many standard errors."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A completed trial: its number, its metrics, and their standard errors where known."""

    number: int
    metrics: Mapping[str, float]
    standard_errors: Mapping[str, float] = field(default_factory=dict)

    @property
    def collapsed(self) -> bool:
        """Whether its model gives everything the same answer."""
        return bool(self.metrics.get("collapsed"))

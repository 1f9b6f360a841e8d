"""What the strategy has to know of an extraction beside the problem all strategies get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.extraction.coefficient import Costs
from engine.extraction.partition import Order


@dataclass(frozen=True, slots=True)
class Extraction:
    """Settings of an extraction.

    Attributes:
        interval: the papers' epsilon.
        order: what the space is sorted by.
        fixed: architecture parameters that are not searched; 0 stands for the maximum point's.
        maximum: size and speed of the maximum point, for the order "gain".
    """

    interval: int = 1
    order: Order = "size"
    fixed: Mapping[str, int] = field(default_factory=dict)
    maximum: Costs | None = None

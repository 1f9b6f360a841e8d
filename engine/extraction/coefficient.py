"""The W-coefficient: what an architecture saves against the maximum point, divided by its surrogate error."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.errors import SettingError

ERROR_FLOOR = 1e-7
"""Errors below count as this much, so that W stays finite; one published use of the algorithm adds as much instead."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Size and speed of an architecture.

    Attributes:
        size: parameters.
        speed: operations or time of one forward pass; the less the faster.
    """

    size: float
    speed: float


def saving(value: float, maximum: float) -> float:
    """Share of the maximum point's cost that is saved, 0 for what costs as much as it or more.

    Without the floor an architecture both larger and slower than the maximum point would do well: two negative
    shares multiply to a positive one.

    Raises:
        SettingError: The maximum point costs nothing.
    """
    if not maximum > 0:
        raise SettingError(f"the maximum point's size and speed must be above 0, not {maximum:g}")
    return max(0.0, (maximum - value) / maximum)


def gain(costs: Costs, maximum: Costs) -> float:
    """The part of W that is known before anything is trained: the product of both savings, 0 to 1."""
    return saving(costs.size, maximum.size) * saving(costs.speed, maximum.speed)


def w_coefficient(costs: Costs, maximum: Costs, error: float) -> float:
    """W = (p(T) - p)/p(T) * (i(T) - i)/i(T) * 1/e, at least 0; larger is better.

    de Wynter, "Optimal Subarchitecture Extraction for BERT" (arXiv 2010.10499), equation 2: p, i and e are the
    surrogates of size, inference speed and error, T is the maximum point.

    Args:
        costs: p and i of the architecture.
        maximum: p and i of the maximum point.
        error: e, 0 or more; below ``ERROR_FLOOR`` it counts as that.

    Raises:
        SettingError: The error is negative or no number, or the maximum point costs nothing.
    """
    if not (error >= 0 and math.isfinite(error)):
        raise SettingError(f"a surrogate error must be a number of 0 or more, not {error}")
    return gain(costs, maximum) / max(error, ERROR_FLOOR)

"""When a training is evaluated: after which shares of it, the first one, the last one, and those between."""

from __future__ import annotations


def evaluation_shares(evaluations: int, first: float = 0.0) -> tuple[float, ...]:
    """Shares of a training after which it is evaluated, the last one 1.

    Evenly spread, or each the same multiple of the one before: early evaluations cost little and tell soon which
    trainings are hopeless, as in successive halving (Jamieson and Talwalkar 2016, arXiv 1502.07943).

    Args:
        evaluations: how many, the final one included.
        first: share of the first; 0 spreads them evenly.
    """
    if first == 0 or evaluations == 1:
        return tuple((place + 1) / evaluations for place in range(evaluations))
    return tuple(first ** (1 - place / (evaluations - 1)) for place in range(evaluations))

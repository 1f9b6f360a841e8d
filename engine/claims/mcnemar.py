"""McNemar's exact test of two models that answered the same questions, each right or wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.claims.resampling import Paired


def mcnemar(paired: Paired, first: int, second: int) -> float | None:
    """Two-sided exact p-value of equal shares of right answers (McNemar 1947; binomial, probability 1/2).

    Args:
        paired: the metric by example.
        first: number of a trial.
        second: number of another.

    Returns:
        None where answers are not right or wrong (F1), some weigh more than others, or a trial is not among them.
    """
    if not {first, second} <= set(paired.numbers):
        return None
    one, other = (paired.values[paired.numbers.index(number)] for number in (first, second))
    if not (_is_binary(one) and _is_binary(other) and bool((paired.weights == paired.weights[0]).all())):
        return None
    # Imported here: scipy takes its time.
    from scipy.special import bdtr

    only_one, only_other = int((one > other).sum()), int((other > one).sum())
    fewer = min(only_one, only_other)
    return float(min(1.0, 2 * bdtr(fewer, only_one + only_other, 0.5)))


def _is_binary(values: NDArray[np.float32]) -> bool:
    """Whether there is nothing but 0 and one other value."""
    return bool(np.isin(values, (0.0, values.max(initial=0.0))).all())

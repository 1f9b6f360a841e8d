"""McNemar's exact test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.claims.mcnemar import mcnemar
from engine.claims.resampling import Paired


def pair(only_one: int, only_other: int, both: int = 10) -> Paired:
    one = [100.0] * (only_one + both) + [0.0] * (only_other + both)
    other = [0.0] * only_one + [100.0] * (both + only_other) + [0.0] * both
    values = np.array([one, other], np.float32)
    return Paired((4, 9), values, np.ones(values.shape[1], np.float32))


@pytest.mark.parametrize(("only_one", "only_other"), [(0, 0), (3, 0), (5, 15), (40, 22), (7, 7)])
def test_it_is_the_binomial_test_of_the_answers_that_differ(only_one: int, only_other: int) -> None:
    expected = stats.binomtest(only_one, only_one + only_other, 0.5).pvalue if only_one + only_other else 1.0
    assert mcnemar(pair(only_one, only_other), 4, 9) == pytest.approx(expected)
    assert mcnemar(pair(only_one, only_other), 9, 4) == pytest.approx(expected)


def test_it_needs_right_or_wrong_answers_that_count_alike() -> None:
    found = pair(3, 5)
    assert mcnemar(found, 4, 7) is None
    assert mcnemar(Paired(found.numbers, found.values, found.weights + np.arange(28)), 4, 9) is None
    partly = found.values.copy()
    partly[0, 0] = 50.0
    assert mcnemar(Paired(found.numbers, partly, found.weights), 4, 9) is None

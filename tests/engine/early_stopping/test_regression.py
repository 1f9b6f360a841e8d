"""Predictions by a straight line: known answers, and intervals that hold as often as they should."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.early_stopping.regression import Array, Prediction, fit


def predict(
    outcomes: Array, wanted: list[tuple[Array, float]], extra: list[tuple[Array, float]] | None = None
) -> Prediction | None:
    """The prediction of a line where its columns have the figures given with them."""
    columns = [*wanted, *(extra or [])]
    line = fit(outcomes, [values for values, _ in columns], len(wanted))
    return None if line is None else line.predict([at for _, at in columns])


def test_a_known_number_has_no_spread() -> None:
    known = Prediction(3.0)
    assert (known.deviation, known.quantile(0.01), known.quantile(0.99)) == (0.0, 3.0, 3.0)
    assert (known.probability_below(2.9), known.probability_below(3.0)) == (0.0, 1.0)


def test_quantiles_are_those_of_the_t_distribution() -> None:
    found = Prediction(10.0, 2.0, 4.0)
    expected = stats.t(4, loc=10.0, scale=2.0)
    assert found.quantile(0.9) == pytest.approx(expected.ppf(0.9))
    assert found.probability_below(11.0) == pytest.approx(expected.cdf(11.0))
    assert found.deviation == pytest.approx(expected.std())
    # The t distribution of two degrees of freedom has no standard deviation.
    assert Prediction(0.0, 1.0, 2.0).deviation == pytest.approx(math.sqrt(3))


def test_the_interval_is_that_of_ordinary_least_squares() -> None:
    x, y = np.array([1.0, 2.0, 3.0, 4.0, 6.0]), np.array([2.1, 3.9, 6.2, 7.8, 12.3])
    found = predict(y, [(x, 5.0)])
    assert found is not None
    slope, intercept = np.polyfit(x, y, 1)
    residuals = y - intercept - slope * x
    variance = float(residuals @ residuals) / 3
    spread = 1 + 1 / 5 + (5 - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum()
    assert found.mean == pytest.approx(intercept + 5 * slope)
    assert found.scale == pytest.approx(math.sqrt(variance * spread))
    assert found.freedom == 3


def test_too_few_or_indistinct_examples_give_nothing() -> None:
    y = np.array([1.0, 2.0, 3.0])
    assert predict(y, [(np.array([1.0, 2.0, 4.0]), 2.0)]) is None
    same = (np.ones(6), 2.0)
    assert predict(np.arange(6.0), [same]) is None
    # One example alone decides the slope, so it cannot be left out.
    assert predict(np.arange(6.0), [(np.array([0.0, 0, 0, 0, 0, 1]), 1.0)]) is None


def test_what_is_the_same_in_all_examples_is_taken_for_certain() -> None:
    found = predict(np.full(5, 66_364_418.0), [(np.arange(5.0), 2.5)])
    assert found == Prediction(66_364_418.0)


def test_a_column_that_explains_the_rest_is_chosen_and_noise_is_not_while_examples_are_few() -> None:
    random = np.random.default_rng(0)
    x, z, noise = random.normal(size=(3, 20))
    y = 2 * x + 3 * z + 0.01 * random.normal(size=20)
    columns = [(noise, 0.0), (z, 1.0)]
    found = predict(y, [(x, 1.0)], columns)
    assert found is not None
    assert found.mean == pytest.approx(5, abs=0.05)
    assert found.scale < 0.05
    few = predict(y[:8], [(x[:8], 1.0)], [(z[:8], 1.0)])
    assert few is not None
    assert few.freedom == 6


@given(st.integers(4, 40), st.integers(0, 1000))
def test_the_prediction_moves_with_the_unit(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    x, y = random.normal(size=(2, count))
    one, other = predict(y, [(x, 0.5)]), predict(7 * y + 3, [(x, 0.5)])
    assert one is not None
    assert other is not None
    assert other.mean == pytest.approx(7 * one.mean + 3, abs=1e-6)
    assert other.scale == pytest.approx(7 * one.scale, abs=1e-6)


def test_bounds_hold_as_often_as_they_should() -> None:
    random = np.random.default_rng(1)
    held = 0
    for _ in range(1000):
        x = random.normal(size=9)
        y = 1.5 * x + random.normal(size=9)
        found = predict(y[:8], [(x[:8], x[8])])
        assert found is not None
        held += y[8] <= found.quantile(0.9)
    # Binomial: three standard deviations of 0.9 over 1000 are 0.028.
    assert held / 1000 == pytest.approx(0.9, abs=0.03)

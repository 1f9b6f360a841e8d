"""The W-coefficient: published values back, clamps, and what it refuses."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SettingError
from engine.extraction.coefficient import ERROR_FLOOR, Costs, gain, saving, w_coefficient

LARGE = Costs(355, 6.170)
"""RoBERTa-large in "Optimal Subarchitecture Extraction for BERT", table 1: millions of parameters, seconds."""

POSITIVE = st.floats(1e-3, 1e9)


@pytest.mark.parametrize(
    ("parameters", "seconds", "error", "published"),
    [
        (56.14, 0.308, 0.093, 8.6),
        (35.20, 0.314, 0.114, 7.5),
        (35.20, 0.318, 0.130, 6.6),
        (110, 2.416, 0.60, 0.7),
    ],
)
def test_table_1_with_errors_worked_back_from_it(parameters, seconds, error, published):
    """The article does not give the errors; those that give its W to one digit keep its ranking."""
    assert w_coefficient(Costs(parameters, seconds), LARGE, error) == pytest.approx(published, abs=0.05)


def test_the_maximum_point_itself_saves_nothing():
    assert w_coefficient(LARGE, LARGE, 0.5) == 0


def test_two_negative_savings_do_not_make_a_positive_one():
    assert w_coefficient(Costs(2 * LARGE.size, 2 * LARGE.speed), LARGE, 0.5) == 0
    assert w_coefficient(Costs(2 * LARGE.size, LARGE.speed / 2), LARGE, 0.5) == 0


def test_an_error_of_zero_gives_a_finite_w_still_ranked_by_savings():
    small, smaller = Costs(100, 2), Costs(50, 1)
    assert math.isfinite(w_coefficient(small, LARGE, 0.0))
    assert w_coefficient(small, LARGE, 0.0) == gain(small, LARGE) / ERROR_FLOOR
    assert w_coefficient(smaller, LARGE, 0.0) > w_coefficient(small, LARGE, 0.0)


@pytest.mark.parametrize("error", [-0.1, math.nan, math.inf])
def test_an_error_that_is_none_is_refused(error):
    with pytest.raises(SettingError, match="0 or more"):
        w_coefficient(Costs(1, 1), LARGE, error)


def test_a_maximum_point_that_costs_nothing_is_refused():
    with pytest.raises(SettingError, match="above 0"):
        saving(1.0, 0.0)


@given(size=POSITIVE, speed=POSITIVE, shrink=st.floats(0, 1), error=POSITIVE, worse=st.floats(1, 10))
def test_smaller_faster_or_more_accurate_is_never_worse(size, speed, shrink, error, worse):
    maximum = Costs(1e6, 1e6)
    w = w_coefficient(Costs(size, speed), maximum, error)
    assert w >= 0
    assert w_coefficient(Costs(size * shrink, speed), maximum, error) >= w
    assert w_coefficient(Costs(size, speed * shrink), maximum, error) >= w
    assert w_coefficient(Costs(size, speed), maximum, error * worse) <= w

"""Orders of the space, the places that are trained, and the choice among them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SettingError
from engine.extraction.coefficient import Costs, gain
from engine.extraction.partition import Outcome, extracted, partition, sorted_by

COSTS = [Costs(3, 1), Costs(1, 5), Costs(1, 2), Costs(2, 1), Costs(1, 2)]


def test_by_size_then_speed_and_the_other_way_round():
    assert sorted_by("size", COSTS) == [2, 4, 1, 3, 0]
    assert sorted_by("speed", COSTS) == [3, 0, 2, 4, 1]


def test_by_gain_savings_fall_and_nothing_saved_comes_last():
    maximum = Costs(3, 5)
    order = sorted_by("gain", COSTS, maximum)
    gains = [gain(COSTS[number], maximum) for number in order]
    assert gains == sorted(gains, reverse=True)
    assert order[-2:] == [0, 1]
    with pytest.raises(SettingError, match="maximum point"):
        sorted_by("gain", COSTS)


def test_a_partition_has_the_last_even_if_it_is_not_its_turn():
    assert partition(10, 3) == [0, 3, 6, 9]
    assert partition(11, 3) == [0, 3, 6, 9, 10]
    assert partition(5, 1) == [0, 1, 2, 3, 4]
    assert partition(5, 5) == [0, 4]
    assert partition(1, 1) == [0]


@pytest.mark.parametrize("interval", [0, 6])
def test_an_interval_out_of_range_is_refused(interval):
    with pytest.raises(SettingError, match="from 1 to 5"):
        partition(5, interval)


@given(count=st.integers(1, 400), interval=st.integers(1, 400))
def test_every_place_has_a_trained_one_less_than_an_interval_before_it(count, interval):
    places = partition(count, min(interval, count))
    assert places[0] == 0
    assert places[-1] == count - 1
    assert places == sorted(set(places))
    for place in range(count):
        before = max(trained for trained in places if trained <= place)
        assert place - before < interval


def test_the_largest_w_wins_and_of_equals_the_smaller_then_the_faster_then_the_earlier():
    small, fast, slow = Costs(1, 5), Costs(2, 1), Costs(2, 4)
    assert extracted([Outcome(0, small, 1.0), Outcome(1, slow, 2.0)]).place == 1
    assert extracted([Outcome(0, slow, 2.0), Outcome(1, fast, 2.0), Outcome(2, small, 2.0)]).place == 2
    assert extracted([Outcome(0, slow, 2.0), Outcome(1, fast, 2.0)]).place == 1
    assert extracted([Outcome(4, fast, 2.0), Outcome(3, fast, 2.0)]).place == 3

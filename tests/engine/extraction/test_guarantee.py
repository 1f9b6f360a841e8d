"""What an extraction guarantees, against brute force on spaces that fulfil the premises, and on others."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.extraction.coefficient import Costs, gain, w_coefficient
from engine.extraction.guarantee import (
    certified_ratio,
    contenders,
    guaranteed_ratio,
    log_lipschitz,
    savings_fall,
)
from engine.extraction.partition import partition, sorted_by
from tests.engine.extraction.oracle import brute_force, extraction

MAXIMUM = Costs(1000.0, 1000.0)
ROUNDING = 1e-9


@st.composite
def smooth_errors(draw, count: int):
    """Errors whose logarithm changes by at most a drawn L from one place to the next."""
    lipschitz = draw(st.floats(0, 0.5))
    changes = draw(st.lists(st.floats(-1, 1), min_size=count - 1, max_size=count - 1))
    level = draw(st.floats(-5, 3))
    errors = [math.exp(level)]
    for change in changes:
        errors.append(errors[-1] * math.exp(lipschitz * change))
    return lipschitz, errors


@st.composite
def monotone_spaces(draw):
    """Costs that rise together, as by sizes of architectures that are slower the larger they are, with errors."""
    count = draw(st.integers(2, 60))
    sizes = sorted(draw(st.lists(st.floats(1, 1100), min_size=count, max_size=count)))
    speeds = sorted(draw(st.lists(st.floats(1, 1100), min_size=count, max_size=count)))
    costs = [Costs(size, speed) for size, speed in zip(sizes, speeds, strict=True)]
    return costs, *draw(smooth_errors(count)), draw(st.integers(1, count))


@given(monotone_spaces())
@settings(max_examples=200, deadline=None)
def test_by_size_the_extracted_is_within_its_bound_of_brute_force(space):
    costs, lipschitz, errors, interval = space
    order = sorted_by("size", costs)
    assert order == list(range(len(costs)))
    assert savings_fall([gain(cost, MAXIMUM) for cost in costs])
    best = brute_force(costs, MAXIMUM, errors)
    found = extraction(costs, MAXIMUM, errors, partition(len(costs), interval))
    ratio = guaranteed_ratio(lipschitz, interval)
    assert found.w >= ratio * best.w * (1 - ROUNDING)
    # The form of the papers, a relative error of L |1 - epsilon|.
    assert best.w - found.w <= lipschitz * abs(1 - interval) * best.w + ROUNDING * best.w


@given(
    costs=st.lists(st.builds(Costs, st.floats(1, 1100), st.floats(1, 1100)), min_size=2, max_size=60),
    data=st.data(),
)
@settings(max_examples=200, deadline=None)
def test_by_gain_the_bound_holds_for_any_sizes_and_speeds(costs, data):
    ordered = [costs[number] for number in sorted_by("gain", costs, MAXIMUM)]
    lipschitz, errors = data.draw(smooth_errors(len(costs)))
    interval = data.draw(st.integers(1, len(costs)))
    assert savings_fall([gain(cost, MAXIMUM) for cost in ordered])
    best = brute_force(ordered, MAXIMUM, errors)
    found = extraction(ordered, MAXIMUM, errors, partition(len(costs), interval))
    assert found.w >= guaranteed_ratio(lipschitz, interval) * best.w * (1 - ROUNDING)


@given(
    rows=st.lists(
        st.tuples(st.floats(1, 1100), st.floats(1, 1100), st.floats(0.01, 10)), min_size=1, max_size=30
    )
)
@settings(deadline=None)
def test_an_interval_of_one_is_brute_force_whatever_the_errors(rows):
    costs, errors = [Costs(size, speed) for size, speed, _ in rows], [row[2] for row in rows]
    everything = partition(len(rows), 1)
    assert extraction(costs, MAXIMUM, errors, everything) == brute_force(costs, MAXIMUM, errors)


def test_the_bound_cannot_be_better():
    """The best stands right before a trained place, and its error has fallen as fast as it may."""
    lipschitz, interval = 0.3, 4
    costs = [Costs(100.0, 100.0)] * 8
    errors = [math.exp(-lipschitz * min(place, 6 - place)) for place in range(7)] + [1.0]
    best = brute_force(costs, MAXIMUM, errors)
    found = extraction(costs, MAXIMUM, errors, [0])
    assert best.place == 3
    assert found.w / best.w == pytest.approx(guaranteed_ratio(lipschitz, interval))


def test_without_the_premise_the_bound_can_break():
    """By size, with a small but slow architecture first: the order matters, and order gain repairs it."""
    costs = [Costs(1.0, 999.0), Costs(2.0, 1.0), Costs(3.0, 999.0)]
    errors = [1.0, 1.0, 1.0]
    assert not savings_fall([gain(cost, MAXIMUM) for cost in costs])
    found = extraction(costs, MAXIMUM, errors, partition(3, 2))
    assert found.w < guaranteed_ratio(0.0, 2) * brute_force(costs, MAXIMUM, errors).w
    ordered = [costs[number] for number in sorted_by("gain", costs, MAXIMUM)]
    assert extraction(ordered, MAXIMUM, errors, [0, 2]).w == brute_force(costs, MAXIMUM, errors).w


@given(
    costs=st.lists(st.builds(Costs, st.floats(1, 1100), st.floats(1, 1100)), min_size=2, max_size=60),
    data=st.data(),
)
@settings(max_examples=200, deadline=None)
def test_what_is_certified_afterwards_holds_in_any_order_and_is_no_less(costs, data):
    lipschitz, errors = data.draw(smooth_errors(len(costs)))
    places = partition(len(costs), data.draw(st.integers(1, len(costs))))
    gains = [gain(cost, MAXIMUM) for cost in costs]
    best = brute_force(costs, MAXIMUM, errors)
    found = extraction(costs, MAXIMUM, errors, places)
    certified = certified_ratio(gains, {place: errors[place] for place in places}, found.w, lipschitz)
    assert 0 <= certified <= 1
    assert found.w >= certified * best.w * (1 - ROUNDING)
    if savings_fall(gains):
        interval = max(after - before for before, after in pairwise(places))
        assert certified >= guaranteed_ratio(lipschitz, interval) * (1 - ROUNDING) or best.w == 0


def test_the_least_lipschitz_constant_of_known_errors():
    assert log_lipschitz({0: 1.0, 2: math.e, 3: math.e}) == pytest.approx(0.5)
    assert log_lipschitz({5: 1.0}) == 0.0


@given(errors=st.lists(st.floats(0.01, 10), min_size=2, max_size=30), interval=st.integers(1, 5))
def test_fewer_places_never_raise_the_constant(errors, interval):
    known = dict(enumerate(errors))
    some = {place: known[place] for place in partition(len(errors), min(interval, len(errors)))}
    assert log_lipschitz(some) <= log_lipschitz(known) + ROUNDING


def test_contenders_are_told_by_what_is_known():
    gains = [0.9, 0.8, 0.7, 0.6, 0.0]
    errors = {0: 1.0, 2: 0.5}
    best = 0.7 / 0.5
    first, second = contenders(gains, errors, best)
    # The second architecture needs an error below 0.8 / 1.4, and one of its neighbours has 0.5: so would it.
    assert (first.place, first.margin) == (1, pytest.approx(1 - 0.8 / 1.4 / 0.5))
    # The fourth needs one below 0.6 / 1.4, a seventh below its only trained neighbour's.
    assert (second.place, second.margin) == (3, pytest.approx(1 / 7))


@given(
    rows=st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.01, 10)), min_size=3, max_size=40),
    interval=st.integers(2, 6),
)
@settings(deadline=None)
def test_whoever_beats_the_extracted_had_the_margin_that_was_told(rows, interval):
    gains, errors = [row[0] for row in rows], [row[1] for row in rows]
    places = partition(len(rows), min(interval, len(rows)))
    assume(len(places) < len(rows))
    best = max(gains[place] / errors[place] for place in places)
    told = {
        item.place: item.margin
        for item in contenders(gains, {place: errors[place] for place in places}, best)
    }
    for place, margin in told.items():
        near = [p for p in places if p < place][-1:] + [p for p in places if p > place][:1]
        needed = min(errors[p] for p in near) * (1 - margin)
        beats = gains[place] / errors[place] > best
        assert beats == (errors[place] < needed) or errors[place] == pytest.approx(needed)


def test_w_is_gain_over_error():
    costs = Costs(250.0, 500.0)
    assert w_coefficient(costs, MAXIMUM, 2.0) == gain(costs, MAXIMUM) / 2.0

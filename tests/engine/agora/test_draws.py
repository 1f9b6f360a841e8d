"""Draws that depend on their name alone."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.agora.draws import Draw


def test_a_name_always_gives_the_same_numbers():
    """Written down once: another version of Python, or of this module, must not change any round's data."""
    draw = Draw(7, 1, "parent", "deletion")
    assert [round(draw.share(), 6) for _ in range(3)] == [0.884709, 0.772419, 0.668122]
    assert Draw("1", 2).share() != Draw(1, 2).share()
    assert Draw("a", "bc").share() != Draw("ab", "c").share()


@given(st.integers(1, 30), st.integers(0, 40), st.integers())
def test_a_sample_has_distinct_places_in_order(count, chosen, seed):
    places = Draw(seed).sample(count, chosen)
    assert places == sorted(set(places))
    assert len(places) == min(count, chosen)
    assert all(0 <= place < count for place in places)
    assert 0 <= Draw(seed).below(count) < count


def test_heavier_ones_come_first_in_proportion():
    first = Counter(Draw(number).order([1.0, 3.0])[0] for number in range(4000))
    assert 0.72 < first[1] / 4000 < 0.78


def test_a_choice_reaches_everything_about_equally():
    drawn = Counter(Draw("choice", number).choice("abcd") for number in range(4000))
    assert set(drawn) == set("abcd")
    assert all(900 < count < 1100 for count in drawn.values())

"""Known values of the bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.agora.theory import check_teacher, iterations_for, largest_improvement, least_accuracy


def test_accuracies_halve_their_distance_to_one():
    assert [least_accuracy(iteration) for iteration in (1, 2, 3, 4)] == [0.5, 0.75, 0.875, 0.9375]
    assert largest_improvement(1) == 1
    assert largest_improvement(2) == 1.5
    assert largest_improvement(200) == 2


@given(st.floats(0, 0.999999))
def test_the_iteration_for_an_accuracy_is_the_first(accuracy):
    iteration = iterations_for(accuracy)
    assert least_accuracy(iteration) >= accuracy
    assert iteration == 0 or least_accuracy(iteration - 1) < accuracy


@pytest.mark.parametrize(
    ("right", "examples", "meets", "sure", "word"),
    [
        (850, 1000, True, True, "right (85.0%), above the 2/3 that"),
        (700, 1000, True, True, "above"),
        (14, 20, True, False, "too close"),
        (13, 20, False, False, "too close"),
        (500, 1000, False, True, "too often wrong"),
        (2, 3, False, False, "not above"),
    ],
)
def test_a_teacher_against_the_bound(right, examples, meets, sure, word):
    found = check_teacher(right, examples)
    assert (found.meets, found.sure) == (meets, sure)
    assert word in found.words
    assert f"{right:,} of {examples:,}" in found.words

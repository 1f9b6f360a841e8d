"""Which hyperparameter sets go, under each reading."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.agora.pruning import Reading, dropped, ranking

READINGS = get_args(Reading)
FIRST = {"a": [0.5], "b": [0.9], "c": [0.7], "d": [0.8]}


def second(**accuracies):
    return {name: [*FIRST[name], value] for name, value in accuracies.items()}


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ("stable_worst", ("a",)),
        ("worst", ("a",)),
        ("halving", ("a", "c")),
        ("equal_history", ("a",)),
        ("longest_common_prefix", ("b",)),
    ],
)
def test_the_first_round(reading, expected):
    assert ranking(FIRST) == ["a", "c", "d", "b"]
    assert dropped(FIRST, reading) == expected


@pytest.mark.parametrize(
    ("histories", "expected"),
    [
        # a, c kept their places at the end, d and b changed theirs.
        (second(a=0.6, b=0.8, c=0.7, d=0.9), ("a", "c")),
        # The worst is another one: there is no run, so one goes.
        (second(a=0.8, b=0.9, c=0.6, d=0.7), ("c",)),
        # Nothing changed: all but the best go.
        (second(a=0.1, b=0.4, c=0.2, d=0.3), ("a", "c", "d")),
        # Only sets still in count: without a, c and d are the first of both orders.
        (second(b=0.9, c=0.1, d=0.2), ("c", "d")),
        (second(b=0.9), ("b",)),
    ],
)
def test_the_run_of_stable_places_goes(histories, expected):
    assert dropped(histories, "stable_worst") == expected


def test_the_literal_reading_drops_the_best_first():
    assert dropped(second(a=0.7, b=0.9, c=0.6, d=0.8), "longest_common_prefix") == ("d", "b")
    assert set(dropped(second(a=0.1, b=0.4, c=0.2, d=0.3), "longest_common_prefix")) == set("abcd")


def test_equal_histories_go_together():
    histories = {"a": [0.5, 0.61], "b": [0.5, 0.62], "c": [0.4, 0.62], "d": [0.9, 0.9]}
    assert dropped(histories, "equal_history") == ("a",)
    assert dropped(histories, "equal_history", 0.05) == ("c",)
    assert dropped({"a": [0.5], "b": [0.5]}, "equal_history") == ("a",)


def test_equal_accuracies_keep_the_order_of_the_round_before():
    assert ranking({"a": [0.8, 0.7], "b": [0.6, 0.7], "c": [0.6, 0.7]}) == ["b", "c", "a"]
    assert ranking({"a": [0.52], "b": [0.51]}, 0.1) == ["a", "b"]
    assert ranking({"a": [0.52], "b": [0.51]}) == ["b", "a"]


@pytest.mark.parametrize("reading", READINGS)
def test_failed_sets_always_go(reading):
    histories = {"a": [0.5], "b": [None], "c": [0.7], "d": [None]}
    assert {"b", "d"} <= set(dropped(histories, reading))
    assert "c" not in dropped(histories, reading) or reading == "longest_common_prefix"
    assert set(dropped({"a": [None], "b": [None]}, reading)) == {"a", "b"}


accuracy = st.none() | st.integers(0, 6).map(lambda right: right / 6)


@pytest.mark.parametrize("reading", READINGS)
@given(data=st.data(), sets=st.integers(1, 12), step=st.sampled_from([0.0, 0.25]))
def test_at_least_one_goes_each_round_so_there_are_at_most_as_many_rounds_as_sets(reading, data, sets, step):
    histories: dict[str, list[float | None]] = {f"set-{number}": [] for number in range(sets)}
    rounds = 0
    while histories:
        rounds += 1
        for history in histories.values():
            history.append(data.draw(accuracy))
        gone = dropped(histories, reading, step)
        assert 1 <= len(gone) <= len(histories)
        assert len(set(gone)) == len(gone)
        assert set(gone) <= set(histories)
        if reading != "longest_common_prefix" and len(gone) == len(histories):
            assert len(histories) == 1 or None in [history[-1] for history in histories.values()]
        histories = {name: history for name, history in histories.items() if name not in gone}
    assert rounds <= sets

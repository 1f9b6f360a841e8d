"""Pairs of trials: true differences are found, chance is not, and what cannot be compared says why."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.claims.pairs import FEWEST, Pair, Scored, _adjusted, compare_pairs


def scored(
    values: np.ndarray, first: int = 0, data: str = "squad", weights: np.ndarray | None = None
) -> Scored:
    examples = np.arange(first, first + len(values), dtype=np.uint64)
    even = np.ones(len(values), np.float32)
    return Scored(
        examples, values.astype(np.float32), even if weights is None else weights.astype(np.float32), data
    )


def right(count: int, total: int, shift: int = 0) -> np.ndarray:
    return np.roll(np.where(np.arange(total) < count, 100.0, 0.0), shift)


def test_a_known_table() -> None:
    """10 questions only the first has right, 2 only the second: the binomial test gives 0.0386 by hand."""
    one = np.concatenate([np.full(10, 100.0), np.zeros(2), np.full(50, 100.0)])
    other = np.concatenate([np.zeros(10), np.full(2, 100.0), np.full(50, 100.0)])
    (pair,) = compare_pairs({"a": scored(one), "b": scored(other)})
    assert (pair.only_first, pair.only_second, pair.examples) == (10, 2, 62)
    assert pair.p_value == pytest.approx(2 * (1 + 12 + 66) / 2**12)
    assert (pair.test, pair.adjusted) == ("McNemar", pair.p_value)
    assert pair.difference == pytest.approx(-100 * 8 / 62)
    assert pair.interval is not None
    assert pair.interval[0] < -100 * 8 / 62 < pair.interval[1] < 0
    assert pair.shown


def test_equal_trials_do_not_differ() -> None:
    values = right(30, 60)
    (pair,) = compare_pairs({"a": scored(values), "b": scored(values)})
    assert (pair.difference, pair.interval, pair.p_value, pair.shown) == (0.0, (0.0, 0.0), 1.0, False)


def test_values_that_are_not_right_or_wrong_are_resampled() -> None:
    rng = np.random.default_rng(1)
    one = rng.uniform(0, 100, 400)
    pairs = compare_pairs({"a": scored(one), "b": scored(one + 5 + rng.normal(0, 1, 400)), "c": scored(one)})
    assert [pair.test for pair in pairs] == ["bootstrap"] * 3
    assert pairs[0].difference == pytest.approx(5, abs=0.2)
    assert pairs[0].shown
    assert pairs[1].p_value == 1.0
    assert pairs[0].interval is not None
    assert pairs[0].interval[0] == pytest.approx(5 - 1.645 / 20, abs=0.12)


def test_only_common_examples_count() -> None:
    pairs = compare_pairs(
        {"a": scored(right(50, 100)), "b": scored(right(30, 100), first=60), "c": scored(right(20, 100, 10))}
    )
    assert [(pair.first, pair.second, pair.examples) for pair in pairs] == [
        ("a", "b", 40),
        ("a", "c", 100),
        ("b", "c", 40),
    ]
    # Of 60 to 99 the first has none right, the second its first 30.
    assert pairs[0].difference == pytest.approx(75.0)


def test_what_cannot_be_compared_says_why() -> None:
    values = right(50, 100)
    pairs = compare_pairs(
        {
            "a": scored(values),
            "b": "kept no scores by example",
            "c": scored(values, data="mrpc"),
            "d": scored(values, first=100 - FEWEST + 1),
            "e": scored(values, weights=np.full(100, 2.0)),
        }
    )
    reasons = {(pair.first, pair.second): pair.reason or "" for pair in pairs}
    assert reasons["a", "b"] == "b kept no scores by example"
    assert "different data" in reasons["a", "c"]
    assert f"{FEWEST - 1} examples in common" in reasons["a", "d"]
    assert "weigh differently" in reasons["a", "e"]
    assert all(pair.p_value is None and pair.difference is None for pair in pairs if pair.reason)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_shared_resamples_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    trials = {name: scored(100.0 * (rng.uniform(size=80) < 0.6)) for name in "abc"}
    together = {(pair.first, pair.second): pair for pair in compare_pairs(trials)}
    for (first, second), pair in together.items():
        (alone,) = compare_pairs({first: trials[first], second: trials[second]})
        assert alone.interval == pytest.approx(pair.interval)
        assert alone.p_value == pair.p_value


def test_chance_is_shown_as_difference_at_most_as_often_as_it_says() -> None:
    """Five equally good trials: some pair is called different in about 5 % of experiments, not in 10 times 5 %."""
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(200):
        trials = {name: scored(100.0 * (rng.uniform(size=150) < 0.7)) for name in "abcde"}
        hits += any(pair.shown for pair in _adjusted(_only_mcnemar(trials)))
    assert hits <= 20


def _only_mcnemar(trials: dict[str, Scored]) -> list[Pair]:
    """The same p-values without the resamples, which take their time."""
    from itertools import combinations

    from engine.claims.mcnemar import mcnemar
    from engine.claims.resampling import Paired

    return [
        Pair(
            a,
            b,
            p_value=mcnemar(
                Paired((0, 1), np.stack([trials[a].values, trials[b].values]), trials[a].weights), 0, 1
            ),
        )
        for a, b in combinations(trials, 2)
    ]


def test_holm_by_hand() -> None:
    pairs = [Pair("a", str(n), p_value=value) for n, value in enumerate([0.01, 0.04, 0.03, 0.005])]
    assert [pair.adjusted for pair in _adjusted(pairs)] == pytest.approx([0.03, 0.06, 0.06, 0.02])

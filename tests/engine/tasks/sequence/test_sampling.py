"""Samples are stratified within one, splits leak nothing, and both depend on the seed alone."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DatasetError, SettingError
from engine.tasks.sequence.records import Example
from engine.tasks.sequence.sampling import balance, sample, split, texts_key, without_overlap


def make(rows) -> list[Example]:
    """Examples of (label, group or None, cluster or None, number of the text)."""
    return [
        Example(
            id=f"e{n}",
            text=f"text {text}",
            pair="pair",
            label=label,
            group="" if group is None else f"g{group}",
            cluster="" if cluster is None else f"c{cluster}",
        )
        for n, (label, group, cluster, text) in enumerate(rows)
    ]


flat = st.lists(st.integers(0, 3), min_size=2, max_size=60).map(
    lambda labels: make([(label, None, None, n) for n, label in enumerate(labels)])
)
grouped = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 12), st.none() | st.integers(0, 4), st.integers(0, 30)),
    min_size=2,
    max_size=60,
).map(make)


@given(flat, st.integers(0, 70), st.integers(0, 3))
def test_sample_is_stratified_within_one(examples, n, seed):
    drawn = sample(examples, n, seed)
    size = len(examples) if n == 0 else min(n, len(examples))
    assert len(drawn) == size
    assert [item for item in examples if item in drawn] == drawn
    before, after = (Counter(item.label for item in items) for items in (examples, drawn))
    for label, count in before.items():
        assert abs(after[label] - size * count / len(examples)) < 1


@given(grouped, st.integers(1, 12), st.randoms(use_true_random=False))
def test_sample_takes_whole_groups_in_any_order(examples, n, rng):
    drawn = {item.id for item in sample(examples, n, 1)}
    assert drawn == {item.id for item in sample(rng.sample(examples, len(examples)), n, 1)}
    units = {item.unit for item in examples if item.id in drawn}
    assert drawn == {item.id for item in examples if item.unit in units}
    assert len(units) == min(n, len({item.unit for item in examples}))


@given(flat, st.floats(0.05, 0.95), st.integers(0, 3))
def test_split_is_stratified_within_one(examples, fraction, seed):
    training, evaluation = split(examples, fraction, seed)
    assert len(training) + len(evaluation) == len(examples)
    for label, count in Counter(item.label for item in examples).items():
        held = sum(item.label == label for item in evaluation)
        assert abs(held - len(evaluation) * count / len(examples)) < 1


@given(grouped, st.floats(0.05, 0.95), st.integers(0, 3))
def test_split_leaks_nothing(examples, fraction, seed):
    try:
        training, evaluation = split(examples, fraction, seed)
    except DatasetError:
        return
    assert training
    assert evaluation
    assert not {item.unit for item in training} & {item.unit for item in evaluation}
    assert not {texts_key(item) for item in training} & {texts_key(item) for item in evaluation}
    owners = {item.unit: item.cluster for item in reversed(examples)}
    sides = [{owners[item.unit] for item in side if owners[item.unit]} for side in (training, evaluation)]
    assert not sides[0] & sides[1]


def test_split_of_a_seed_is_the_same_for_ever():
    examples = make([(n % 2, None, None, n) for n in range(20)])
    held = [item.id for item in split(examples, 0.3, 0)[1]]
    assert held == ["e0", "e3", "e6", "e9", "e10", "e19"]
    assert held != [item.id for item in split(examples, 0.3, 1)[1]]


def test_pairs_of_the_evaluation_are_dropped_from_training_with_their_group_even_swapped():
    evaluation = [Example("1", "a  b", "c", 1)]
    training = [
        Example("2", "c", "a b", 0, group="q"),
        Example("3", "x", "y", 0, group="q"),
        Example("4", "x", "z", 0),
    ]
    assert [item.id for item in without_overlap(training, evaluation)] == ["4"]
    with pytest.raises(DatasetError, match="every training example"):
        without_overlap(training[:2], evaluation)


def test_regressions_are_sampled_by_rounded_value():
    examples = make([(value, None, None, n) for n, value in enumerate([0.4] * 10 + [0.6, 1.4] * 10)])
    assert Counter(item.label < 0.5 for item in sample(examples, 6, 0)) == {True: 2, False: 4}


@given(grouped, st.integers(0, 3))
def test_balancing_discards_surplus_negatives_only(examples, seed):
    kept = balance(examples, seed)
    before, after = (Counter(item.label for item in items) for items in (examples, kept))
    assert after[1] == before[1]
    assert after[0] == min(before[0], before[1])
    shuffled = random.Random(0).sample(examples, len(examples))
    assert {item.id for item in balance(shuffled, seed)} == {item.id for item in kept}


def test_impossible_settings_are_refused():
    examples = make([(0, None, 1, 0), (1, None, 1, 1)])
    with pytest.raises(SettingError, match="-1"):
        sample(examples, -1, 0)
    with pytest.raises(SettingError, match=r"1\.0"):
        split(examples, 1.0, 0)
    with pytest.raises(DatasetError, match="belong together"):
        split(examples, 0.5, 0)

"""Balancing by discarding."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.agora.balance import balance, count_labels
from engine.agora.texts import stratum
from tests.engine.agora.made import generated


def labelled(*labels):
    return [generated(number, f"text {number}", label) for number, label in enumerate(labels)]


def counts(examples):
    return count_labels(item.teacher.label for item in examples)


def test_what_is_added_has_equally_many_of_each():
    examples = labelled(0, 0, 1, 0, 1, 0)
    sifted = balance(examples, "added", 1, {0: 500}, (0, 1))
    assert counts(sifted.kept) == {0: 2, 1: 2}
    assert {item.reason for item in sifted.left} == {"balance"}
    assert [item for item in examples if item in sifted.kept] == list(sifted.kept)


def test_nothing_is_added_where_a_class_is_missing():
    assert balance(labelled(0, 0), "added", 1, {}, (0, 1)).kept == ()
    assert len(balance(labelled(0, 0), "none", 1, {}, (0, 1)).kept) == 2
    assert balance([], "added", 1, {}, (0, 1)) == ((), ())


def test_the_whole_is_brought_to_one_level():
    examples = labelled(*[0] * 6, *[1] * 6)
    assert counts(balance(examples, "whole", 1, {0: 10, 1: 12}, (0, 1)).kept) == {0: 6, 1: 4}
    # Out of reach: all of the rare label, none of the other.
    assert counts(balance(examples, "whole", 1, {0: 10, 1: 99}, (0, 1)).kept) == {0: 6}


def test_values_are_balanced_rounded_and_as_far_as_they_occur():
    sifted = balance(labelled(0.4, 2.6, 3.4, 3.0, 0.2), "added", 1, {}, None)
    assert counts(sifted.kept) == {0: 2, 3: 2}


def test_answers_are_balanced_against_none():
    assert counts(balance(labelled("Ann", "", "Bob"), "added", 1, {}, (0, 1)).kept) == {0: 1, 1: 1}


def test_the_seed_draws_which_stay_whatever_order_they_come_in():
    examples = labelled(*[0] * 20, 1, 1)
    kept = {item.id for item in balance(examples, "added", 1, {}, (0, 1)).kept}
    assert {item.id for item in balance(examples[::-1], "added", 1, {}, (0, 1)).kept} == kept
    assert any(
        {item.id for item in balance(examples, "added", seed, {}, (0, 1)).kept} != kept
        for seed in range(2, 6)
    )


@pytest.mark.parametrize("rule", ["added", "whole"])
@given(
    labels=st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=30),
    before=st.fixed_dictionaries({label: st.integers(0, 20) for label in range(3)}),
)
def test_no_rule_makes_the_gap_larger_and_everything_is_accounted_for(rule, labels, before):
    examples = labelled(*labels)
    sifted = balance(examples, rule, 0, before, (0, 1, 2))
    assert len(sifted.kept) + len(sifted.left) == len(examples)
    added = counts(sifted.kept)
    if rule == "added":
        assert len({added[label] for label in range(3)}) == 1
    after = [before[label] + added[label] for label in range(3)]
    assert max(after) - min(after) <= max(before.values()) - min(before.values())
    # And no more could have been kept: one more of any label would stand above the level of the rarest.
    base = Counter(before) if rule == "whole" else Counter()
    most = min(base[label] + labels.count(label) for label in range(3))
    for item in sifted.left:
        label = stratum(item.example.teacher.label)
        assert base[label] + added[label] >= most

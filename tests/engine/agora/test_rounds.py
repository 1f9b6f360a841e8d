"""The loop as a function of its record: every step, every end, and continuation from any record."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.agora.rounds import (
    End,
    Made,
    Make,
    Plan,
    RoundRecord,
    Student,
    Train,
    best_ever,
    best_of_round,
    convergent_set,
    next_step,
    sets_by_round,
)
from engine.errors import StateError

PLAN = Plan(sets=("a", "b", "c"), pruning="worst", rounds=10, trainings=100)
FULL = RoundRecord({"a": 60.0, "b": 80.0, "c": 70.0}, Made(10, 20))
SECOND = RoundRecord({"b": 81.0, "c": 85.0}, Made(8, 9))


def test_it_begins_with_all_sets_and_goes_on_where_students_are_missing():
    assert next_step(PLAN, []) == Train(0, ("a", "b", "c"))
    assert next_step(PLAN, [RoundRecord({})]) == Train(0, ("a", "b", "c"))
    assert next_step(PLAN, [RoundRecord({"b": 80.0})]) == Train(0, ("a", "c"))


def test_then_data_are_made_of_the_best_students_mistakes():
    assert next_step(PLAN, [replace(FULL, made=None)]) == Make(1, Student(0, "b", 80.0))
    assert next_step(PLAN, [FULL]) == Train(1, ("b", "c"))
    assert next_step(PLAN, [FULL, RoundRecord({"c": 85.0})]) == Train(1, ("b",))
    assert next_step(PLAN, [FULL, replace(SECOND, made=None)]) == Make(2, Student(1, "c", 85.0))
    assert next_step(PLAN, [FULL, SECOND]) == Train(2, ("c",))


def test_the_last_set_ends_it_and_is_the_convergent_one():
    record = [FULL, SECOND, RoundRecord({"c": 83.0})]
    step = next_step(PLAN, record)
    assert isinstance(step, End)
    assert step.reason == "last_set"
    assert step.words
    assert convergent_set(PLAN, record) == "c"
    assert best_ever(record) == Student(1, "c", 85.0)
    assert best_of_round(record, 2) == Student(2, "c", 83.0)
    assert sets_by_round(PLAN, record) == [("a", "b", "c"), ("b", "c"), ("c",)]


def test_best_and_convergent_set_while_it_runs():
    assert best_ever([]) is None
    assert convergent_set(PLAN, []) is None
    assert convergent_set(PLAN, [RoundRecord({"a": 60.0})]) is None
    assert convergent_set(PLAN, [FULL, RoundRecord({"c": 99.0})]) == "b"
    assert best_ever([FULL, RoundRecord({"c": 80.0})]) == Student(0, "b", 80.0)
    assert sets_by_round(PLAN, [FULL]) == [("a", "b", "c"), ("b", "c")]


@pytest.mark.parametrize(
    ("changes", "record", "reason"),
    [
        ({"rounds": 1}, [replace(FULL, made=None)], "rounds"),
        ({"trainings": 3}, [replace(FULL, made=None)], "budget"),
        ({"patience": 1}, [FULL, RoundRecord({"b": 80.0, "c": 79.0})], "converged"),
        ({"patience": 1, "min_improvement": 5}, [FULL, SECOND], "converged"),
        ({}, [replace(FULL, made=Made(0, 0))], "no_mistakes"),
        ({}, [replace(FULL, made=Made(5, 0))], "nothing_added"),
        ({}, [RoundRecord(dict.fromkeys("abc"))], "all_failed"),
        ({"pruning": None}, [RoundRecord(dict.fromkeys("abc"))], "all_failed"),
    ],
)
def test_every_other_end(changes, record, reason):
    step = next_step(replace(PLAN, **changes), record)
    assert isinstance(step, End)
    assert step.reason == reason


def test_patience_looks_back_over_its_rounds():
    plan = replace(PLAN, pruning=None, patience=2, min_improvement=0.5)
    values = [80.0, 80.4, 80.9]
    record = [RoundRecord(dict.fromkeys("abc", value), Made(1, 1)) for value in values]
    assert next_step(plan, record) == Train(3, PLAN.sets)
    assert isinstance(next_step(replace(plan, min_improvement=1), record), End)


def test_a_budget_for_fewer_sets_trains_the_best_of_them_once_more():
    plan = replace(PLAN, trainings=4)
    assert next_step(plan, [FULL]) == Train(1, ("b",))
    record = [FULL, RoundRecord({"b": 90.0})]
    step = next_step(plan, record)
    assert isinstance(step, End)
    assert step.reason in ("last_set", "budget")
    assert best_ever(record) == Student(1, "b", 90.0)
    assert next_step(replace(PLAN, trainings=2), []) == Train(0, ("a", "b"))


def test_a_failed_set_is_dropped_and_does_not_count_as_best():
    record = [RoundRecord({"a": None, "b": 50.0, "c": 60.0}, Made(1, 2))]
    assert next_step(PLAN, record) == Train(1, ("b", "c"))
    assert next_step(replace(PLAN, pruning=None), record) == Train(1, ("b", "c"))


def test_a_rerun_over_one_set_goes_on_until_its_rounds_are_over():
    plan = replace(PLAN, sets=("b",), pruning=None, rounds=3)
    record = [RoundRecord({"b": 70.0 + number}, Made(3, 3)) for number in range(2)]
    assert next_step(plan, record) == Train(2, ("b",))
    step = next_step(plan, [*record, RoundRecord({"b": 60.0})])
    assert isinstance(step, End)
    assert step.reason == "rounds"
    assert convergent_set(plan, record) == "b"


def test_a_round_without_improvement_is_repeated_as_often_as_allowed():
    plan = replace(PLAN, replays=1)
    stalled = RoundRecord({"b": 75.0, "c": 74.0}, Made(4, 4))
    assert next_step(plan, [FULL, stalled]) == Train(2, ("b", "c"))
    assert next_step(plan, [FULL, stalled, stalled]) == Train(3, ("b",))
    assert next_step(PLAN, [FULL, stalled]) == Train(2, ("b",))


def test_a_record_of_another_plan_is_refused():
    with pytest.raises(StateError, match="round 1 has students of sets it should not train: a"):
        next_step(PLAN, [FULL, RoundRecord({"a": 1.0})])


@given(
    values=st.lists(st.none() | st.integers(40, 100).map(float), min_size=60, max_size=60),
    sets=st.integers(1, 6),
    pruning=st.sampled_from(["stable_worst", "worst", "halving", "longest_common_prefix", None]),
    trainings=st.integers(1, 60),
    replays=st.integers(0, 2),
    patience=st.integers(0, 2),
)
def test_any_run_ends_within_its_bounds(values, sets, pruning, trainings, replays, patience):
    plan = Plan(tuple("abcdef"[:sets]), pruning, 8, trainings, patience, replays=replays)
    record: list[RoundRecord] = []
    spent = 0
    for _ in range(200):
        step = next_step(plan, record)
        assert next_step(plan, list(record)) == step
        if isinstance(step, End):
            break
        if isinstance(step, Make):
            assert step.student == best_of_round(record, step.round - 1)
            record[-1] = replace(record[-1], made=Made(3, 2))
            continue
        if step.round == len(record):
            record.append(RoundRecord({}))
        done = {**record[-1].accuracies, step.sets[0]: values[spent]}
        spent += 1
        record[-1] = replace(record[-1], accuracies=done)
    assert isinstance(step, End)
    assert spent <= trainings
    assert len(record) <= 8
    if pruning is not None:
        assert len(record) <= sets + replays
    assert (best_ever(record) is None) == all(value is None for value in values[:spent])

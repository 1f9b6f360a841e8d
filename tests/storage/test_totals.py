"""Sums over trials agree with the trials one by one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from engine.settings import Home
from storage.experiments import ExperimentRow
from storage.store import Store
from storage.totals import (
    ended_since,
    outcomes_frame,
    reasons_frame,
    settled_key,
    trial_totals,
)
from storage.trials import NewTrial, add_trials, list_trials, metrics_of, move_trial, set_frontier
from tests.simulated import fill


@pytest.fixture
def filled(store: Store, database: object) -> ExperimentRow:
    """Sixty made-up trials, most of them completed."""
    return fill(store, Home(store.path.parent), trials=60, steps=1, examples=0)


def test_totals_of_nothing(store: Store, demo: ExperimentRow) -> None:
    found = trial_totals(store, demo.experiment_id)
    assert (found.trials, found.counts, found.first_start, found.each) == (0, {}, None, None)
    assert (found.ended_seconds, found.running_starts, found.running_progress) == (0, (0, 0), 0)
    assert settled_key(store, demo.experiment_id) == 0
    assert outcomes_frame(store, demo.experiment_id, ["exact"]).empty


def test_totals_agree_with_the_trials(store: Store, filled: ExperimentRow) -> None:
    trials = list_trials(store, filled.experiment_id)
    students = [trial for trial in trials if trial.role != "teacher"]
    found = trial_totals(store, filled.experiment_id)
    assert found.trials == len(trials) == 61
    assert found.counts == Counter(trial.state for trial in students)
    assert found.first_start == min(trial.started_at for trial in trials if trial.started_at)
    taken = [
        (trial.finished_at - trial.started_at).total_seconds()
        for trial in trials
        if trial.finished_at and trial.started_at
    ]
    assert found.ended_seconds == pytest.approx(sum(taken))
    assert found.each == pytest.approx(0.9 * 180)


def test_running_trials_count_from_their_start(store: Store, demo: ExperimentRow) -> None:
    key = demo.experiment_id
    new = [NewTrial("teacher", {}, 0), *(NewTrial("student", {"layers": n}, n) for n in range(3))]
    trials = add_trials(store, key, new, state="queued")
    for trial in trials[1:3]:
        move_trial(store, trial.trial_id, "running", allowed_from=["queued"], started=True)
    with store.write() as connection:
        connection.execute("UPDATE trials SET progress = 0.25 WHERE state = 'running'")
    found = trial_totals(store, key)
    starts = [trial.started_at.timestamp() for trial in list_trials(store, key) if trial.started_at]
    assert found.running_starts == (2, pytest.approx(sum(starts)))
    assert found.running_progress == pytest.approx(0.5)
    assert found.counts == {"running": 2, "queued": 1}


def test_outcomes_are_the_completed_students_in_the_order_they_ended(
    store: Store, filled: ExperimentRow
) -> None:
    key = filled.experiment_id
    found = outcomes_frame(store, key, ["exact", "num_parameters", "nonsense"])
    done = [trial for trial in list_trials(store, key, ["completed"]) if trial.role != "teacher"]
    assert list(found["number"]) == [trial.number for trial in done]
    metrics = metrics_of(store, key)
    for row in found.to_dict("records"):
        assert row["exact"] == metrics[row["number"]]["exact"][0]
        assert row["se:exact"] == metrics[row["number"]]["exact"][1]
    assert found["se:num_parameters"].isna().all()
    assert found["nonsense"].isna().all()
    assert found["finished_at"].is_monotonic_increasing
    assert found["role"].iloc[0] == "baseline"


def test_a_name_with_quotes_is_only_a_name(store: Store, filled: ExperimentRow) -> None:
    found = outcomes_frame(store, filled.experiment_id, ['a"; DROP TABLE trials; --'])
    assert found.columns[-2] == 'a"; DROP TABLE trials; --'
    assert trial_totals(store, filled.experiment_id).trials == 61


def test_the_key_changes_when_a_trial_ends_or_leaves_the_frontier(
    store: Store, filled: ExperimentRow
) -> None:
    key = filled.experiment_id
    first = settled_key(store, key)
    with store.write() as connection:
        connection.execute("UPDATE trials SET progress_message = 'still there' WHERE number = 3")
    assert settled_key(store, key) == first
    set_frontier(store, key, [1])
    second = settled_key(store, key)
    assert second != first
    added = add_trials(store, key, [NewTrial("student", {"n_layers": 1}, 7)], state="running")[0]
    assert settled_key(store, key) == second
    move_trial(store, added.trial_id, "completed", allowed_from=["running"], finished=True)
    assert settled_key(store, key) != second


def test_trials_that_ended_since_a_moment(store: Store, filled: ExperimentRow) -> None:
    trials = [trial for trial in list_trials(store, filled.experiment_id) if trial.role != "teacher"]
    moment = trials[39].finished_at
    assert moment is not None
    expected = Counter(trial.state for trial in trials[40:])
    assert ended_since(store, filled.experiment_id, moment) == expected
    assert ended_since(store, filled.experiment_id, datetime.now(UTC) + timedelta(days=1)) == {}


def test_reasons(store: Store, filled: ExperimentRow) -> None:
    counts = trial_totals(store, filled.experiment_id).counts
    reasons = reasons_frame(store, filled.experiment_id, "failed")
    assert reasons["trials"].sum() == counts["failed"]
    assert list(reasons["reason"]) == ["the loss is not finite"]

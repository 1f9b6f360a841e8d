"""Trials are numbered in order and change only as asked."""

from __future__ import annotations

import threading

import pytest

from storage.errors import StateError, UnknownNameError
from storage.experiments import ExperimentRow
from storage.store import Store
from storage.suggestions import SuggestionRow, get_suggestion
from storage.trials import (
    NewTrial,
    add_trials,
    get_trial,
    list_trials,
    metrics_of,
    move_trial,
    reload_trial,
    request_trial,
    set_frontier,
    trials_in,
)


def students(number: int) -> list[NewTrial]:
    return [NewTrial("student", {"layers": layer}, seed=layer) for layer in range(number)]


def test_numbers_count_up_and_zero_is_the_teacher(store: Store, demo: ExperimentRow) -> None:
    key = demo.experiment_id
    first = add_trials(store, key, [NewTrial("baseline", {"layers": 6}, 1), *students(1)])
    second = add_trials(store, key, [NewTrial("teacher", {}, 0), *students(2)])
    assert [trial.number for trial in first] == [1, 2]
    assert [trial.number for trial in second] == [0, 3, 4]
    assert second[0].folder == "experiments/demo/0000"
    assert second[2].folder == "experiments/demo/0004"
    assert [trial.number for trial in list_trials(store, key)] == [0, 1, 2, 3, 4]
    assert get_trial(store, "demo", 1) == first[0]
    assert first[0].parameters == {"layers": 6}
    assert add_trials(store, key, []) == []
    with pytest.raises(StateError, match="its teacher's trial already"):
        add_trials(store, key, [*students(1), NewTrial("teacher", {}, 0)])
    assert len(list_trials(store, key)) == 5


def test_threads_never_share_a_number(store: Store, demo: ExperimentRow) -> None:
    threads = [
        threading.Thread(
            target=lambda: [add_trials(store, demo.experiment_id, students(2)) for _ in range(5)]
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trials = list_trials(store, demo.experiment_id)
    assert [trial.number for trial in trials] == list(range(1, 41))
    assert len({trial.trial_id for trial in trials}) == 40


def test_unknown_trials_are_named(store: Store, demo: ExperimentRow) -> None:
    with pytest.raises(UnknownNameError, match="no trials yet"):
        get_trial(store, "demo", 3)
    add_trials(store, demo.experiment_id, students(2))
    with pytest.raises(UnknownNameError, match="has no trial 3; its last is 2"):
        get_trial(store, "demo", 3)
    with pytest.raises(UnknownNameError, match="no experiment has the id 99"):
        add_trials(store, 99, students(1))


def test_moving_a_trial(store: Store, demo: ExperimentRow) -> None:
    (trial,) = add_trials(store, demo.experiment_id, students(1))
    key = trial.trial_id
    assert not move_trial(store, key, "running", allowed_from=["queued"])
    assert move_trial(store, key, "running", allowed_from=["pending"], started=True, new_attempt=True)
    running = get_trial(store, "demo", 1)
    assert (running.state, running.attempts, running.finished_at) == ("running", 1, None)
    assert running.started_at is not None
    assert move_trial(store, key, "pending", allowed_from=["running"], reason="the machine stopped")
    assert move_trial(store, key, "running", allowed_from=["pending"], started=True, new_attempt=True)
    assert move_trial(
        store, key, "failed", allowed_from=["running"], reason="diverged", error="loss is NaN", finished=True
    )
    failed = get_trial(store, "demo", 1)
    assert (failed.attempts, failed.reason, failed.error) == (2, "diverged", "loss is NaN")
    assert failed.started_at == running.started_at
    assert failed.finished_at is not None
    assert move_trial(store, key, "pending", allowed_from=["failed"])
    repeated = get_trial(store, "demo", 1)
    assert (repeated.reason, repeated.error, repeated.finished_at) == (None, None, None)


def test_list_by_state(store: Store, demo: ExperimentRow) -> None:
    first, _ = add_trials(store, demo.experiment_id, students(2))
    move_trial(store, first.trial_id, "running", allowed_from=["pending"])
    assert [trial.number for trial in list_trials(store, demo.experiment_id, ["running"])] == [1]
    assert [trial.number for trial in list_trials(store, demo.experiment_id, {"running", "pending"})] == [
        1,
        2,
    ]
    assert list_trials(store, demo.experiment_id, []) == []


def test_requests_are_noted_and_taken_back(store: Store, demo: ExperimentRow) -> None:
    (trial,) = add_trials(store, demo.experiment_id, students(1))
    request_trial(store, trial.trial_id, "stop")
    assert get_trial(store, "demo", 1).requested == "stop"
    request_trial(store, trial.trial_id, None)
    assert get_trial(store, "demo", 1).requested is None


def test_the_frontier_is_written_only_when_it_changes(store: Store, demo: ExperimentRow) -> None:
    key = demo.experiment_id
    add_trials(store, key, students(4))

    def flagged() -> list[int]:
        return [trial.number for trial in list_trials(store, key) if trial.on_frontier]

    set_frontier(store, key, [1, 3])
    assert flagged() == [1, 3]
    revision = store.revision
    set_frontier(store, key, iter([3, 1]))
    assert store.revision == revision
    set_frontier(store, key, {3, 4})
    assert flagged() == [3, 4]
    set_frontier(store, key, [])
    assert flagged() == []


def test_suggestions_are_kept_with_their_trial(store: Store, demo: ExperimentRow) -> None:
    why = SuggestionRow("nehvi", 0.25, {"exact": {"mean": 61.5, "sd": 2.0}}, 1.5, "explores small models")
    add_trials(store, demo.experiment_id, [NewTrial("baseline", {}, 0), NewTrial("student", {}, 1, why)])
    assert get_suggestion(store, demo.experiment_id, 1) is None
    assert get_suggestion(store, demo.experiment_id, 2) == why


def test_metrics_by_number(store: Store, demo: ExperimentRow) -> None:
    _, second = add_trials(store, demo.experiment_id, students(2))
    assert metrics_of(store, demo.experiment_id) == {}
    with store.write() as connection:
        connection.execute(
            "INSERT INTO trial_metrics VALUES (?, 'exact', 61.5, 0.7), (?, 'num_parameters', 7, NULL)",
            [second.trial_id, second.trial_id],
        )
    assert metrics_of(store, demo.experiment_id) == {2: {"exact": (61.5, 0.7), "num_parameters": (7.0, None)}}


def test_trials_of_all_experiments_in_some_states(store: Store, demo: ExperimentRow) -> None:
    running = add_trials(store, demo.experiment_id, [NewTrial("student", {}, 1)], state="running")
    add_trials(store, demo.experiment_id, [NewTrial("student", {}, 2)], state="queued")
    lost = add_trials(store, demo.experiment_id, [NewTrial("student", {}, 3)], state="lost")
    assert trials_in(store, {"running", "lost"}) == [*running, *lost]
    assert trials_in(store, {"paused"}) == []


def test_a_trial_is_read_again(store: Store, demo: ExperimentRow) -> None:
    (before,) = add_trials(store, demo.experiment_id, [NewTrial("student", {}, 1)], state="running")
    request_trial(store, before.trial_id, "pause")
    assert reload_trial(store, before).requested == "pause"

"""Rows of early stops: one open at a time, kept when the trial goes on."""

from __future__ import annotations

import pytest

from storage.early_stops import (
    add_early_stop,
    drop_early_stop,
    list_early_stops,
    note_resumed,
    open_early_stop,
    set_forecast,
)
from storage.experiments import ExperimentRow
from storage.store import Store
from storage.trials import NewTrial, add_trials

FORECAST = {"exact": (46.0, 3.2), "num_parameters": (2.4e7, 0.0)}


@pytest.fixture
def trials(store: Store, demo: ExperimentRow) -> list[int]:
    new = [NewTrial("student", {}, seed) for seed in range(2)]
    return [trial.trial_id for trial in add_trials(store, demo.experiment_id, new)]


def stop(store: Store, trial: int, reason: str = "will not reach the frontier") -> None:
    add_early_stop(store, trial, share=0.25, chance=0.03, curves=7, reason=reason, forecast=FORECAST)


def test_a_stop_is_stored_as_it_was_decided(store: Store, trials: list[int]) -> None:
    assert open_early_stop(store, trials[0]) is None
    stop(store, trials[0])
    found = open_early_stop(store, trials[0])
    assert found is not None
    assert (found.stop, found.share, found.chance, found.curves) == (1, 0.25, 0.03, 7)
    assert (found.reason, found.forecast) == ("will not reach the frontier", FORECAST)
    assert found.decided_at.utcoffset() is not None
    assert (found.resumed_at, found.resumed_by, found.resumed_because) == (None, None, None)
    assert open_early_stop(store, trials[1]) is None


def test_a_resumed_trial_may_be_stopped_again(store: Store, trials: list[int], demo: ExperimentRow) -> None:
    stop(store, trials[0], "first")
    note_resumed(store, trials[0], "runner", "the frontier moved")
    assert open_early_stop(store, trials[0]) is None
    stop(store, trials[0], "second")
    first, second = list_early_stops(store, demo.experiment_id)
    assert (first.stop, first.reason, first.resumed_by) == (1, "first", "runner")
    assert first.resumed_because == "the frontier moved"
    assert first.resumed_at is not None
    assert (second.stop, second.reason, second.resumed_at) == (2, "second", None)


def test_a_stop_that_did_not_come_about_is_forgotten_and_earlier_ones_are_not(
    store: Store, trials: list[int], demo: ExperimentRow
) -> None:
    stop(store, trials[0], "first")
    note_resumed(store, trials[0], "person")
    stop(store, trials[0], "second")
    drop_early_stop(store, trials[0])
    assert [found.reason for found in list_early_stops(store, demo.experiment_id)] == ["first"]


def test_the_forecast_of_a_stopped_trial_is_brought_up_to_date(store: Store, trials: list[int]) -> None:
    stop(store, trials[0])
    stop(store, trials[1])
    set_forecast(store, trials[0], {"exact": (44.0, 2.0)})
    changed, other = (open_early_stop(store, trial) for trial in trials)
    assert changed is not None
    assert other is not None
    assert (changed.forecast, other.forecast) == ({"exact": (44.0, 2.0)}, FORECAST)


def test_nothing_happens_to_a_trial_that_was_not_stopped(
    store: Store, trials: list[int], demo: ExperimentRow
) -> None:
    note_resumed(store, trials[0], "person")
    drop_early_stop(store, trials[0])
    set_forecast(store, trials[0], FORECAST)
    assert list_early_stops(store, demo.experiment_id) == []

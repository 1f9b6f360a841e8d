"""Attempts of trials from their events."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from storage.attempts import attempts_frame
from storage.experiments import ExperimentRow
from storage.store import Store
from storage.trials import NewTrial, add_trials

START = datetime(2026, 1, 1)  # noqa: DTZ001 - as the database holds it


@pytest.fixture
def lost_once(store: Store, demo: ExperimentRow) -> ExperimentRow:
    """Trial 1 vanished and was begun again; trial 2 runs; trial 3 waits."""
    new = [NewTrial("student", {"layers": n}, n) for n in range(3)]
    trials = add_trials(store, demo.experiment_id, new, state="queued")
    events = [
        (0, 1, 0, 1, "started"),
        (0, 2, 30, 1, "progress"),
        (0, 3, 90, 2, "started"),
        (0, 4, 150, 2, "finished"),
        (1, 1, 60, 1, "started"),
    ]
    with store.write() as connection:
        for place, seq, seconds, attempt, kind in events:
            connection.execute(
                "INSERT INTO events VALUES (?, ?, ?, ?, ?, '{}')",
                [trials[place].trial_id, seq, START + timedelta(seconds=seconds), attempt, kind],
            )
        for place, state, end in ((0, "completed", START + timedelta(seconds=150)), (1, "running", None)):
            connection.execute(
                "UPDATE trials SET state = ?, started_at = ?, finished_at = ? WHERE trial_id = ?",
                [state, START + timedelta(seconds=60 * place), end, trials[place].trial_id],
            )
    return demo


def test_one_row_for_each_start(store: Store, lost_once: ExperimentRow) -> None:
    found = attempts_frame(store, lost_once.experiment_id)
    assert found[["number", "attempt"]].values.tolist() == [[1, 1], [2, 1], [1, 2]]
    assert [(stamp - pd.Timestamp(START)).total_seconds() for stamp in found["begin"]] == [0, 60, 90]
    assert [(stamp - pd.Timestamp(START)).total_seconds() for stamp in found["last"]] == [30, 60, 150]
    assert found["kind"].isna().tolist() == [True, True, False]
    assert found["kind"].iloc[2] == "finished"


def test_only_the_trials_that_started_last(store: Store, lost_once: ExperimentRow) -> None:
    assert attempts_frame(store, lost_once.experiment_id, most=1)["number"].tolist() == [2]


def test_nothing_has_started(store: Store, demo: ExperimentRow) -> None:
    assert attempts_frame(store, demo.experiment_id).empty

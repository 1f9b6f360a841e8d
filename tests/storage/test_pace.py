"""Durations of students as they were measured."""

from __future__ import annotations

import pytest

from engine.settings import Home
from storage.pace import pace_rows
from storage.store import Store
from storage.trials import list_trials
from tests.simulated import TRIAL_SECONDS, fill


def test_durations_of_completed_students(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = Home(tmp_path_factory.mktemp("pace") / "home")
    home.make()
    with Store.open(home.database) as store:
        assert pace_rows(store) == []
        first = fill(store, home, name="first", trials=12, steps=1, examples=0)
        fill(store, home, name="second", trials=4, seed=1, steps=1, examples=0)
        found = {row.name: row for row in pace_rows(store)}
        assert list(found) == ["second", "first"]
        completed = [trial for trial in list_trials(store, first.experiment_id) if trial.state == "completed"]
        assert found["first"].trials == len(completed) - 1
        assert found["first"].low == found["first"].middle == pytest.approx(0.9 * TRIAL_SECONDS)
        assert found["first"].spec["teacher"]["model"] == "bert-base-uncased-squad2"
        with store.write() as connection:
            # One that was interrupted says nothing, and epochs that were searched are divided by.
            connection.execute("UPDATE trials SET attempts = 2 WHERE number % 2 = 0")
            connection.execute(
                "UPDATE trials SET parameters = json_merge_patch(parameters, '{\"epochs\": 3}') WHERE number > 0"
            )
        again = {row.name: row for row in pace_rows(store)}
        assert again["first"].trials < found["first"].trials
        assert again["first"].middle == pytest.approx(0.3 * TRIAL_SECONDS)

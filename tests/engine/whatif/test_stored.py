"""A stored experiment as JSON, for questions asked elsewhere."""

from __future__ import annotations

import json

import pytest

from engine.errors import SettingError, UnknownNameError
from engine.observations import observations
from engine.search_problems import search_problem
from engine.whatif.stored import read_study, stored_study, study_of
from storage.trials import list_trials
from tests.engine.conftest import Lab
from tests.engine.stored_extraction import store_extraction
from tests.simulated import fill


def test_a_study_comes_back_as_it_was(lab: Lab) -> None:
    lab.students_running()
    lab.finish(1, exact=61.0, num_parameters=9e6)
    lab.tick()
    problem, trials = read_study(json.loads(json.dumps(stored_study(lab.store, lab.home, "sample"))))
    assert problem == search_problem(lab.store, lab.home, lab.row)
    assert trials == observations(lab.store, lab.row.experiment_id)
    assert trials[0].metrics["exact"] == 61.0


def test_what_json_does_not_know_is_left_out(lab: Lab) -> None:
    lab.students_running()
    lab.finish(1, exact=61.0, mlm_loss=float("inf"))
    lab.tick()
    found = stored_study(lab.store, lab.home, "sample")
    json.dumps(found, allow_nan=False)
    assert "mlm_loss" not in read_study(found)[1][0].metrics


def test_an_experiment_that_is_not_there(lab: Lab) -> None:
    with pytest.raises(UnknownNameError, match="sampel"):
        stored_study(lab.store, lab.home, "sampel")


def test_an_extraction_has_no_students_to_predict(lab: Lab) -> None:
    store_extraction(lab.store, lab.home, measured=1)
    with pytest.raises(SettingError, match="bert-frontier extraction bort"):
        stored_study(lab.store, lab.home, "bort")


def test_of_very_many_trials_those_near_the_frontier_and_a_sample_are_taken(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = fill(lab.store, lab.home, trials=1500, steps=1, examples=0)
    assert stored_study(lab.store, lab.home, "simulated")["left_out"] == 0
    monkeypatch.setattr("engine.whatif.stored.MOST_TRIALS", 1000)
    monkeypatch.setattr("engine.selection.COMPLETED", 10)
    found = stored_study(lab.store, lab.home, "simulated")
    _, trials = read_study(found)
    assert len(trials) + found["left_out"] == 1500
    assert found["left_out"] > 0
    front = {trial.number for trial in list_trials(lab.store, row.experiment_id) if trial.on_frontier}
    assert front <= {trial.number for trial in trials}


def test_a_study_is_another_one_when_a_trial_has_ended(lab: Lab) -> None:
    lab.students_running()
    before = study_of(lab.store, lab.home, "sample")
    assert study_of(lab.store, lab.home, "sample").key == before.key
    lab.finish(1, exact=61.0)
    lab.tick()
    after = study_of(lab.store, lab.home, "sample")
    assert after.key != before.key
    assert read_study(after.load())[1][0].metrics["exact"] == 61.0

"""Trials that a person adds: run like any other, beside what the strategy chooses, and refused where they cannot."""

from __future__ import annotations

import pytest

from engine.controls import pause_experiment, resume_experiment, stop_experiment
from engine.errors import SettingError, StateError
from engine.launch import stored_spec
from engine.parameters import Configuration
from engine.queueing import PERSON, queue_trial
from storage.store import Store
from storage.suggestions import get_suggestion
from tests.engine.conftest import Lab
from tests.engine.stored_extraction import store_extraction

WANTED: Configuration = {
    "n_layers": 2,
    "n_heads": 3,
    "learning_rate": 1e-3,
    "alpha": 0.25,
    "temperature": 2.0,
}


def finish_all(lab: Lab, *numbers: int) -> None:
    for number in numbers:
        lab.finish(number)
        lab.tick()


def test_a_running_experiment_trains_it_beside_its_own(lab: Lab) -> None:
    lab.students_running()
    added = queue_trial(lab.store, lab.home, "sample", WANTED, predicted={"exact": [60.0, 2.0]}, note="why")
    assert (added.number, added.role, added.state) == (3, "student", "queued")
    assert added.parameters == WANTED
    assert added.seed == stored_spec(lab.row).seed + 3
    why = get_suggestion(lab.store, lab.row.experiment_id, 3)
    assert why is not None
    assert (why.strategy, why.predicted, why.note) == (PERSON, {"exact": [60.0, 2.0]}, "why")
    assert lab.row.budget_trials == 4
    finish_all(lab, 1, 2)
    assert lab.trial(3).state == "running"
    finish_all(lab, 3, 4)
    assert lab.row.state == "completed"
    assert lab.states() == ["completed"] * 5


def test_a_completed_experiment_runs_again_for_it(lab: Lab) -> None:
    lab.students_running()
    finish_all(lab, 1, 2, 3)
    assert lab.row.state == "completed"
    assert queue_trial(lab.store, lab.home, "sample", WANTED).number == 4
    assert lab.row.state == "running"
    assert lab.row.finished_at is None
    lab.tick()
    finish_all(lab, 4)
    assert lab.row.state == "completed"
    assert lab.states() == ["completed"] * 5


def test_a_paused_experiment_keeps_it_until_it_is_resumed(lab: Lab) -> None:
    lab.students_running()
    pause_experiment(lab.store, "sample")
    queue_trial(lab.store, lab.home, "sample", WANTED)
    lab.tick(2)
    assert lab.trial(3).state == "queued"
    resume_experiment(lab.store, "sample")
    finish_all(lab, 1, 2)
    assert lab.trial(3).state == "running"


def test_what_was_stopped_or_has_not_begun_takes_none(lab: Lab) -> None:
    with pytest.raises(StateError, match="pending"):
        queue_trial(lab.store, lab.home, "sample", WANTED)
    lab.students_running()
    stop_experiment(lab.store, "sample")
    with pytest.raises(StateError, match="stopped; resume it first"):
        queue_trial(lab.store, lab.home, "sample", WANTED)
    assert lab.row.budget_trials == 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"n_layers": 9}, "n_layers = 9 is outside its range"),
        ({"sparsity": 0.5}, "sparsity is no parameter"),
    ],
)
def test_settings_outside_the_space_are_refused(lab: Lab, change: Configuration, told: str) -> None:
    lab.students_running()
    with pytest.raises(SettingError, match=told):
        queue_trial(lab.store, lab.home, "sample", WANTED | change)
    assert lab.states() == ["completed", "running", "running"]


def test_an_extraction_takes_none(lab: Lab, store: Store) -> None:
    store_extraction(store, lab.home, measured=1)
    with pytest.raises(SettingError, match="extraction"):
        queue_trial(store, lab.home, "bort", WANTED)

"""Agora in the runner, on a machine without processes: what comes next, what fails, and what a person may do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.agora.requirements import agora_sets
from engine.controls import resume_experiment, stop_trial
from engine.experiment import ExperimentSpec
from engine.launch import submit
from engine.settings import Home, RunnerSettings
from engine.spec_files import parse_spec
from engine.tasks.predictions import write_predictions
from engine.trial_folder import TrialFolder
from storage.agora import agora_rounds
from storage.agora_views import round_rows, student_rows
from storage.store import Store
from tests.engine.conftest import Lab
from tests.engine.fake_executor import FakeExecutor, fake_runner

SPEC = """
name = "sample"
[task]
name = "rte"
dataset = "/data/rte"
[teacher]
model = "/models/teacher"
[strategy]
name = "agora"
[agora]
max_sets = 0
seeds = [3]
pruning = "worst"
rounds = 3
[parameters.learning_rate]
type = "categorical"
values = [1e-5, 1e-4, 1e-3]
[[metrics]]
name = "accuracy"
direction = "maximize"
"""


@pytest.fixture
def sample_spec() -> ExperimentSpec:
    return parse_spec(SPEC)


@pytest.fixture
def lab(store: Store, home: Home, sample_spec: ExperimentSpec) -> Iterator[Lab]:
    submit(store, home, sample_spec)
    machine = FakeExecutor(slots=2)
    yield Lab(store, home, machine, fake_runner(machine, store, home, RunnerSettings(exit_seconds=0.0)))
    for path in list(machine.running):
        machine.end(path, None)


def run_all(lab: Lab, scores: dict[int, float | None], made: tuple[int, int] = (9, 5)) -> None:
    """Let trials end as fast as they start: students with a score, or a failure for None; data with counts."""
    for _ in range(60):
        for path in list(lab.machine.running):
            number = int(path.name)
            if TrialFolder(path).read_spec().role == "augmentation":
                lab.finish(number, mistakes=made[0], accepted=made[1])
            elif number == 0:
                lab.finish(0)
            elif scores.get(number, 50.0) is None:
                lab.machine.fail(path)
            else:
                lab.finish(number, accuracy=scores.get(number, 50.0) or 0.0)
        lab.tick()
    assert not lab.machine.running


def test_the_rounds_follow_each_other(lab: Lab) -> None:
    run_all(lab, {1: 60.0, 2: 70.0, 3: 65.0, 5: 71.0, 6: 72.0, 8: 80.0})
    sets = [item.id for item in agora_sets(parse_spec(SPEC))]
    found = student_rows(lab.store, "sample")
    assert [(item.round, item.trial, item.set_id, item.score) for item in found] == [
        (0, 1, sets[0], 60.0),
        (0, 2, sets[1], 70.0),
        (0, 3, sets[2], 65.0),
        (1, 5, sets[1], 71.0),
        (1, 6, sets[2], 72.0),
        (2, 8, sets[2], 80.0),
    ]
    assert all(item.seed == 3 for item in found)
    assert lab.trial(4).role == lab.trial(7).role == "augmentation"
    assert lab.row.state == "completed"
    assert lab.row.reason == "the last hyperparameter set was dropped"
    rounds = agora_rounds(lab.store, lab.row.experiment_id)
    assert [item.best_trial for item in rounds] == [2, 6, 8]
    assert [item.dropped for item in rounds] == [(sets[0],), (sets[1],), (sets[2],)]
    assert [item.accepted for item in round_rows(lab.store, "sample")] == [5, 5, None]
    place = TrialFolder(lab.path(8)).read_spec().agora
    assert place is not None
    assert (place.round, place.parents) == (2, (2, 6))


def test_only_the_best_of_a_round_decides_and_not_who_ends_first(lab: Lab) -> None:
    lab.students_running()
    assert lab.states() == ["completed", "running", "running", "queued"]
    lab.finish(2, accuracy=90.0)
    lab.tick(2)
    assert lab.states() == ["completed", "running", "completed", "running"]
    lab.finish(1, accuracy=10.0)
    lab.finish(3, accuracy=20.0)
    lab.tick(2)
    assert lab.trial(4).role == "augmentation"
    place = TrialFolder(lab.path(4)).read_spec().agora
    assert place is not None
    assert place.parents == (2,)


def test_failed_students_are_failed_sets(lab: Lab) -> None:
    run_all(lab, {1: None, 2: 70.0, 3: 65.0})
    rounds = agora_rounds(lab.store, lab.row.experiment_id)
    failed = student_rows(lab.store, "sample")[0].set_id
    assert rounds[0].dropped == (failed,)
    assert lab.row.state == "completed"


def test_without_any_student_left_the_experiment_fails(lab: Lab) -> None:
    run_all(lab, {1: None, 2: None, 3: None})
    assert (lab.row.state, lab.row.reason) == ("failed", "every student of the round failed")


def test_data_that_cannot_be_made_end_the_experiment_until_it_is_resumed(lab: Lab) -> None:
    lab.students_running()
    for number in (1, 2, 3):
        lab.finish(number, accuracy=50.0 + number)
        lab.tick(2)
    lab.machine.fail(lab.path(4), "no such table")
    lab.tick(2)
    assert lab.row.state == "failed"
    assert lab.row.reason == "the data of round 1 could not be made: no such table"
    resume_experiment(lab.store, "sample")
    run_all(lab, {})
    assert lab.row.state == "completed"
    assert lab.trial(4).attempts == 2


def test_a_person_stops_a_student_and_its_set_goes(lab: Lab) -> None:
    lab.students_running()
    stop_trial(lab.store, "sample", 3)
    stopped = student_rows(lab.store, "sample")[2].set_id
    run_all(lab, {1: 40.0, 2: 50.0})
    assert stopped not in agora_rounds(lab.store, lab.row.experiment_id)[1].sets


def test_without_new_examples_it_ends(lab: Lab) -> None:
    run_all(lab, {}, made=(9, 0))
    assert lab.row.state == "completed"
    assert "no generated example was kept" in str(lab.row.reason)
    assert len(agora_rounds(lab.store, lab.row.experiment_id)) == 1


def test_lost_trials_are_begun_again(lab: Lab) -> None:
    lab.students_running()
    for path in list(lab.machine.running):
        lab.machine.end(path, None, signal=9)
    lab.tick(2)
    run_all(lab, {})
    assert lab.row.state == "completed"
    assert [lab.trial(number).attempts for number in (1, 2, 3)] == [2, 2, 1]


def test_parallel_bounds_what_runs_at_once(store: Store, home: Home, sample_spec: ExperimentSpec) -> None:
    submit(store, home, sample_spec.changed(budget={"trials": 30, "parallel": 1}))
    machine = FakeExecutor(slots=2)
    lab = Lab(store, home, machine, fake_runner(machine, store, home, RunnerSettings(exit_seconds=0.0)))
    lab.students_running()
    assert lab.states() == ["completed", "running", "queued", "queued"]
    machine.end(lab.path(1), None)


@pytest.mark.parametrize(("right", "state"), [(6, "failed"), (7, "running")])
def test_a_teacher_may_be_required_to_be_above_the_bound(
    store: Store, home: Home, sample_spec: ExperimentSpec, right: int, state: str
) -> None:
    agora = sample_spec.agora.model_dump() | {"require_teacher": True}
    submit(store, home, sample_spec.changed(agora=agora))
    machine = FakeExecutor(slots=2)
    lab = Lab(store, home, machine, fake_runner(machine, store, home, RunnerSettings(exit_seconds=0.0)))
    lab.tick()
    answers = {str(number): {"answer": "x", "score": float(number < right)} for number in range(10)}
    write_predictions(answers, lab.path(0) / "predictions.parquet")
    lab.finish(0)
    lab.tick()
    assert lab.row.state == state
    if state == "failed":
        assert str(lab.row.reason).startswith("agora.require_teacher: The teacher gets 6 of 10")
    for path in list(machine.running):
        machine.end(path, None)


def test_no_tick_is_wasted_on_drawing_the_sets_again(lab: Lab) -> None:
    """The sets of a specification are drawn once, not several times a second."""
    first = agora_sets(parse_spec(SPEC))
    assert [id(item) for item in first] == [id(item) for item in agora_sets(parse_spec(SPEC))]

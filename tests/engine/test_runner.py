"""The loop: what is started when and where, how experiments end, and a search that really runs."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import runner as runner_module
from engine.errors import SettingError
from engine.experiment import ExperimentSpec
from engine.frontier import frontier
from engine.launch import submit
from engine.observations import measured_trials
from engine.runner import Runner, run_to_end
from engine.settings import Home, RunnerSettings
from engine.strategies.interface import Suggestion
from engine.trial_folder import TrialFolder
from storage.experiments import get_experiment
from storage.store import Store
from storage.suggestions import get_suggestion
from storage.trials import get_trial, list_trials
from tests.engine.conftest import Lab
from tests.engine.fake_executor import FakeExecutor, fake_runner

SETTINGS = RunnerSettings(exit_seconds=0.0, poll_seconds=0.05)


def test_the_teacher_comes_first_and_the_baseline_second(lab: Lab) -> None:
    lab.tick(3)
    assert lab.states() == ["running"]
    assert lab.row.state == "pending"
    lab.finish(0)
    lab.tick()
    assert lab.row.state == "running"
    assert [lab.trial(number).role for number in (0, 1, 2)] == ["teacher", "baseline", "student"]
    spec = TrialFolder(lab.path(1)).read_spec()
    assert (spec.role, spec.parameters, spec.number) == (
        "baseline",
        spec.experiment.baseline_configuration(),
        1,
    )
    assert [slot for _, _, slot in lab.machine.launched] == [0, 0, 1]


def test_every_trial_has_its_own_seed_and_suggestion(lab: Lab) -> None:
    lab.students_running()
    lab.finish(1)
    lab.tick()
    assert [lab.trial(number).seed for number in (1, 2, 3)] == [2, 3, 4]
    made = [get_suggestion(lab.store, 1, number) for number in (0, 1, 2, 3)]
    assert [item and item.strategy for item in made] == [None, "baseline", "sobol", "sobol"]


def test_failing_trials_do_not_keep_the_experiment_from_its_end(lab: Lab) -> None:
    lab.students_running()
    for number in (1, 2, 3):
        lab.machine.fail(lab.path(number), f"reason {number}")
        lab.tick()
    assert lab.states() == ["completed", "failed", "failed", "failed"]
    assert [lab.trial(number).reason for number in (1, 2, 3)] == ["reason 1", "reason 2", "reason 3"]
    assert (lab.row.state, lab.row.reason) == ("completed", None)
    launched = len(lab.machine.launched)
    lab.tick(2)
    assert len(lab.machine.launched) == launched


@pytest.mark.parametrize("parallel", [1, 2, 3, 0])
def test_parallel_is_respected(store: Store, home: Home, sample_spec: ExperimentSpec, parallel: int) -> None:
    submit(store, home, sample_spec.changed(budget={"trials": 6, "parallel": parallel}))
    machine = FakeExecutor(slots=4)
    runner = fake_runner(machine, store, home, SETTINGS)
    runner.tick()
    ended = -1  # the first to end is the teacher
    for _ in range(4):
        machine.finish(next(iter(machine.running)))
        ended += 1
        runner.tick()
        assert len(machine.running) == min(parallel or 4, 6 - ended)
    for path in list(machine.running):
        machine.end(path, None)


def test_slots_are_shared_by_experiments_and_kept_over_a_restart(
    store: Store, home: Home, sample_spec: ExperimentSpec
) -> None:
    for _ in range(3):
        submit(store, home, sample_spec)
    machine = FakeExecutor(slots=2)
    runner = fake_runner(machine, store, home, SETTINGS)
    runner.tick()
    assert [slot for _, _, slot in machine.launched] == [0, 1]
    machine.finish(next(iter(machine.running)))
    restarted = fake_runner(machine, store, home, SETTINGS)
    restarted.tick()
    restarted.tick()
    # Slot 1 is still that of the trial the first runner started.
    assert [slot for _, _, slot in machine.launched] == [0, 1, 0]
    for path in list(machine.running):
        machine.end(path, None)


def test_only_one_experiment_is_advanced_where_that_is_asked(
    store: Store, home: Home, sample_spec: ExperimentSpec
) -> None:
    for _ in range(2):
        submit(store, home, sample_spec)
    machine = FakeExecutor()
    runner = fake_runner(machine, store, home, SETTINGS, only="sample-2")
    runner.tick()
    assert [path.parent.name for path in machine.running] == ["sample-2"]
    machine.fail(next(iter(machine.running)))
    runner.tick()
    assert [get_experiment(store, name).state for name in ("sample", "sample-2")] == ["pending", "failed"]


def test_an_impossible_space_ends_the_experiment_with_the_reason(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take(*_: object) -> Suggestion:
        raise SettingError("no configuration that meets the rules was found")

    monkeypatch.setattr(lab.runner._desk, "take", take)
    lab.tick()
    lab.finish(0)
    lab.tick(2)
    assert (lab.row.state, lab.row.reason) == ("failed", "no configuration that meets the rules was found")


def test_a_stored_specification_that_no_longer_holds_fails_its_experiment_alone(
    store: Store, home: Home, sample_spec: ExperimentSpec
) -> None:
    for _ in range(2):
        submit(store, home, sample_spec)
    with store.write() as connection:
        connection.execute("""UPDATE experiments SET spec_toml = 'gone = 1' WHERE name = 'sample'""")
    machine = FakeExecutor()
    fake_runner(machine, store, home, SETTINGS).tick()
    broken, whole = get_experiment(store, "sample"), get_experiment(store, "sample-2")
    assert (broken.state, whole.state) == ("failed", "pending")
    assert "gone: there is no such field" in str(broken.reason)
    assert [path.parent.name for path in machine.running] == ["sample-2"]
    machine.end(next(iter(machine.running)), None)


def test_the_frontier_is_flagged_as_trials_complete(lab: Lab) -> None:
    lab.students_running()
    lab.finish(1, exact=60.0, num_parameters=2000.0)
    lab.tick()
    assert lab.trial(1).on_frontier
    lab.finish(2, exact=61.0, num_parameters=1900.0)
    lab.finish(3, exact=30.0, num_parameters=10.0)
    lab.tick()
    # Trial 1 is dominated, trial 3 is below the threshold of 38.
    assert [lab.trial(number).on_frontier for number in (1, 2, 3)] == [False, True, False]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_thread_outlives_an_error_and_tells_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(runner_module, "RETRY_SECONDS", 0.01)
    lab.runner.settings = SETTINGS
    lab.machine.error = OSError(28, "No space left on device")
    with caplog.at_level(logging.ERROR):
        lab.runner.start()
        try:
            wait_until(lambda: lab.runner.last_error is not None)
            assert "No space left on device" in str(lab.runner.last_error)
            lab.machine.error = None
            wait_until(lambda: bool(lab.machine.running) and lab.runner.last_error is None)
        finally:
            lab.runner.close()
    assert "the runner will try again" in caplog.text


def run(store: Store, home: Home, spec: ExperimentSpec) -> str:
    name = submit(store, home, spec).name
    runner = Runner(store, home, RunnerSettings(slots=2, poll_seconds=0.05))
    try:
        for _ in run_to_end(runner, name):
            pass
    finally:
        runner.close()
    return name


@pytest.mark.timeout(300)
def test_with_nothing_to_do_it_waits_for_the_database_to_change(
    store: Store, home: Home, sample_spec: ExperimentSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = fake_runner(FakeExecutor(), store, home, RunnerSettings(slots=1, poll_seconds=0.001))
    passes: list[bool] = []
    tick = runner.tick

    def counted() -> bool:
        passes.append(tick())
        return passes[-1]

    monkeypatch.setattr(runner, "tick", counted)
    runner.start()
    try:
        wait_until(lambda: bool(passes))
        time.sleep(0.1)
        assert passes == [False]
        submit(store, home, sample_spec)
        wait_until(lambda: len(passes) > 3)
        assert passes[1:4] == [True, True, True]
    finally:
        runner.close()


def test_a_search_that_really_runs(store: Store, home: Home, tiny_spec: ExperimentSpec) -> None:
    # A dropout of 1 and a learning rate of 0.1 train, if badly; whatever they score, the bookkeeping must hold.
    name = run(store, home, tiny_spec)
    experiment = get_experiment(store, name)
    trials = list_trials(store, experiment.experiment_id)
    assert (experiment.state, [trial.state for trial in trials]) == ("completed", ["completed"] * 4)
    assert [trial.role for trial in trials] == ["teacher", "baseline", "student", "student"]
    assert trials[1].parameters == tiny_spec.baseline_configuration()
    assert len({trial.seed for trial in trials[1:]}) == 3
    assert len({json.dumps(trial.parameters) for trial in trials[1:]}) == 3
    measured = measured_trials(store, experiment.experiment_id, trials[1:])
    flagged = {trial.number for trial in trials if trial.on_frontier}
    assert flagged == set(frontier(tiny_spec.metrics, {item.number: item.metrics for item in measured}))
    for trial in trials[1:]:
        folder = TrialFolder(home.path / trial.folder)
        assert (folder.model / "model.safetensors").is_file()
        assert folder.predictions.is_file()
        assert folder.holder() is None
        assert trial.attempts == 1
        assert trial.progress == 1


@pytest.mark.timeout(300)
def test_a_teacher_that_is_not_there_fails_the_experiment(
    store: Store, home: Home, tiny_spec: ExperimentSpec, tmp_path: Path
) -> None:
    name = run(store, home, tiny_spec.changed(teacher={"model": str(tmp_path / "nowhere")}))
    experiment, teacher = get_experiment(store, name), get_trial(store, name, 0)
    assert experiment.state == "failed"
    assert str(experiment.reason).startswith("the teacher failed: ")
    assert "nowhere" in str(teacher.reason)
    assert "Traceback" in str(teacher.error)

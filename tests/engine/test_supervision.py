"""Settling trials that ended, and the whole life cycle under random histories."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine import controls, launcher, supervision
from engine.errors import ExecutorError, StateError
from engine.events import Stopped
from engine.launch import stored_spec, submit
from engine.lifecycle import FINAL_TRIAL_STATES, TRIAL_MOVES, TrialState
from engine.settings import Home, RunnerSettings
from engine.spec_files import parse_spec
from storage.curves import events_frame
from storage.experiments import ExperimentRow, get_experiment
from storage.store import Store
from storage.trials import TrialRow, list_trials, move_trial
from tests.engine.conftest import Lab
from tests.engine.fake_executor import FakeExecutor, fake_runner
from tests.engine.sample_spec import SAMPLE


def test_how_a_process_ended_is_told(lab: Lab) -> None:
    lab.students_running()
    lab.machine.end(lab.path(1), None, signal=9)
    lab.machine.end(lab.path(2), None, status=1)
    for number in (1, 2):
        assert not lab.runner._supervisor.watch(lab.trial(number))
    assert [lab.trial(number).state for number in (1, 2)] == ["lost", "lost"]
    assert lab.trial(1).reason == "its process was ended by signal 9, perhaps for want of memory"
    assert lab.trial(2).reason == "its process ended with status 1"


def test_a_process_that_has_just_gone_is_given_time_for_its_parent_to_note_how(lab: Lab) -> None:
    lab.students_running()
    lab.runner._supervisor.settings = RunnerSettings(exit_seconds=0.3)
    path = lab.path(1)
    lab.machine.end(path, None, signal=9)
    note = (path / "exit.json").read_text()
    (path / "exit.json").unlink()
    assert lab.runner._supervisor.watch(lab.trial(1))
    (path / "exit.json").write_text(note)
    assert not lab.runner._supervisor.watch(lab.trial(1))
    assert "signal 9" in str(lab.trial(1).reason)
    lab.machine.end(lab.path(2), None)
    (lab.path(2) / "exit.json").unlink()
    while lab.runner._supervisor.watch(lab.trial(2)):
        time.sleep(0.05)
    assert lab.trial(2).reason == "its process vanished (machine restarted?)"


def test_a_trial_whose_process_keeps_vanishing_fails_and_pauses_do_not_count(lab: Lab) -> None:
    lab.students_running()
    for _ in range(4):
        controls.pause_trial(lab.store, "sample", 1)
        lab.tick()
        lab.machine.end(lab.path(1), Stopped("asked to stop"))
        lab.tick()
        controls.resume_trial(lab.store, "sample", 1)
        lab.machine.end(lab.path(2) if lab.path(2) in lab.machine.running else lab.path(3), Stopped("x"))
        lab.tick(2)
    while lab.path(1) not in lab.machine.running:
        lab.tick()
    for left in (2, 1, 0):
        assert lab.trial(1).state == "running"
        lab.machine.end(lab.path(1), None, signal=9)
        lab.tick(2)
        assert (lab.trial(1).state == "failed") == (left == 0)
    assert str(lab.trial(1).reason).endswith(
        "its process vanished 3 times, so its settings are held to be at fault"
    )


def test_grace_is_given_once_and_then_the_process_is_ended(lab: Lab) -> None:
    lab.students_running()
    lab.runner._supervisor.settings = RunnerSettings(grace_seconds=0.05)
    controls.stop_trial(lab.store, "sample", 1)
    lab.tick()
    assert lab.machine.running[lab.path(1)].asked
    time.sleep(0.1)
    lab.tick(2)
    assert lab.path(1) not in lab.machine.running
    assert (lab.trial(1).state, lab.trial(1).reason) == ("stopped", "stopped by a person")


def test_a_trial_that_ends_by_itself_before_it_hears_the_request_is_complete(lab: Lab) -> None:
    lab.students_running()
    controls.stop_trial(lab.store, "sample", 1)
    lab.finish(1)
    lab.tick()
    assert (lab.trial(1).state, lab.trial(1).requested, lab.trial(1).reason) == ("completed", None, None)


def test_a_request_made_while_the_process_ends_is_not_overlooked(lab: Lab) -> None:
    lab.students_running()
    seen_before = lab.trial(1)
    controls.stop_trial(lab.store, "sample", 1)
    lab.machine.end(lab.path(1), None)
    assert not lab.runner._supervisor.watch(seen_before)
    assert (lab.trial(1).state, lab.trial(1).requested) == ("stopped", None)


def test_a_trial_that_cannot_be_started_is_lost_with_the_reason(lab: Lab) -> None:
    lab.machine.error = ExecutorError("no process could be made")
    lab.tick()
    assert (lab.trial(0).state, lab.trial(0).reason) == ("lost", "no process could be made")
    lab.machine.error = None
    lab.tick()
    assert (lab.trial(0).state, lab.trial(0).attempts) == ("running", 2)


def test_a_trial_stopped_between_being_seen_and_being_started_is_not_started(lab: Lab) -> None:
    seen = lab.trial(0)
    controls.stop_trial(lab.store, "sample", 0)
    lab.runner._launcher.launch(lab.row, stored_spec(lab.row), [seen])
    assert not lab.machine.launched
    assert lab.states() == ["stopped"]


TICKS = st.integers(0, 2)


class TrialLife(RuleBasedStateMachine):
    """People, trials and servers do anything in any order."""

    max_attempts = 2
    spec = parse_spec(SAMPLE).changed(budget={"trials": 3})
    moving_modules: tuple[Any, ...] = (controls, launcher, supervision)

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.home = Home(folder)
        self.store = self.stack.enter_context(Store.open(self.home.database))
        row = submit(self.store, self.home, self.spec)
        self.name, self.experiment_id = row.name, row.experiment_id
        self.machine = FakeExecutor()
        self.requeued: dict[int, int] = {}
        self.paused_alone = False
        self.completed: dict[int, TrialRow] = {}
        for module in self.moving_modules:
            self.stack.enter_context(mock.patch.object(module, "move_trial", self.checked_move))
        self.restart()

    def checked_move(self, store: Store, trial_id: int, to: str, **options: Any) -> bool:
        """The move, and that the table allows it."""
        before = next(trial for trial in self.trials() if trial.trial_id == trial_id)
        moved = move_trial(store, trial_id, to, **options)
        if moved:
            assert TrialState(to) in TRIAL_MOVES[TrialState(before.state)]
            if (before.state, to) == ("lost", "queued") and "told to stop" not in str(before.reason):
                self.requeued[trial_id] = self.requeued.get(trial_id, 0) + 1
        return moved

    @property
    def row(self) -> ExperimentRow:
        return get_experiment(self.store, self.name)

    def trials(self) -> list[TrialRow]:
        return list_trials(self.store, self.experiment_id)

    def one_running(self, choice: int) -> Path:
        return sorted(self.machine.running)[choice % len(self.machine.running)]

    def attempt(self, action: Any, *arguments: Any) -> None:
        before = (self.row, self.trials())
        try:
            action(self.store, self.name, *arguments)
        except StateError:
            assert (self.row, self.trials()) == before

    @initialize(students=st.booleans())
    def start(self, students: bool) -> None:
        if students:
            self.runner.tick()
            self.machine.finish(next(iter(self.machine.running)))
            self.runner.tick()

    @rule()
    def tick(self) -> None:
        self.runner.tick()

    def notice(self, ticks: int) -> None:
        """The server notices what happened, and acts on it, at once or not yet."""
        for _ in range(ticks):
            self.runner.tick()

    @rule()
    def restart(self) -> None:
        limits = RunnerSettings(max_attempts=self.max_attempts, exit_seconds=0.0)
        self.runner = fake_runner(self.machine, self.store, self.home, limits)

    @precondition(lambda self: self.machine.running)
    @rule(choice=st.integers(0, 3), ticks=TICKS)
    def trial_finishes(self, choice: int, ticks: int) -> None:
        self.machine.finish(self.one_running(choice), exact=40.0 + choice)
        self.notice(ticks)

    @precondition(lambda self: self.machine.running)
    @rule(choice=st.integers(0, 3), ticks=TICKS)
    def trial_fails(self, choice: int, ticks: int) -> None:
        self.machine.fail(self.one_running(choice))
        self.notice(ticks)

    @precondition(lambda self: self.machine.running)
    @rule(choice=st.integers(0, 3), signal=st.sampled_from([0, 9]), ticks=TICKS)
    def process_vanishes(self, choice: int, signal: int, ticks: int) -> None:
        self.machine.end(self.one_running(choice), None, signal=signal)
        self.notice(ticks)

    @precondition(lambda self: self.machine.running)
    @rule(choice=st.integers(0, 3), ticks=TICKS)
    def machine_stops_trial(self, choice: int, ticks: int) -> None:
        self.machine.end(self.one_running(choice), Stopped("asked to stop"))
        self.notice(ticks)

    @precondition(lambda self: any(trial.asked for trial in self.machine.running.values()))
    @rule(ticks=TICKS)
    def trials_obey(self, ticks: int) -> None:
        for path in [path for path, trial in self.machine.running.items() if trial.asked]:
            self.machine.end(path, Stopped("asked to stop"))
        self.notice(ticks)

    @rule(
        action=st.sampled_from([controls.pause_trial, controls.stop_trial, controls.resume_trial]),
        number=st.integers(0, 3),
        ticks=TICKS,
    )
    def ask_trial(self, action: Any, number: int, ticks: int) -> None:
        self.paused_alone |= action is controls.pause_trial
        self.attempt(action, number % len(self.trials()))
        self.notice(ticks)

    @rule(action=st.sampled_from([controls.pause_experiment, controls.stop_experiment]), ticks=TICKS)
    def ask_experiment(self, action: Any, ticks: int) -> None:
        self.attempt(action)
        self.notice(ticks)

    @rule(ticks=TICKS)
    def resume_experiment(self, ticks: int) -> None:
        self.attempt(controls.resume_experiment)
        self.notice(ticks)

    @invariant()
    def all_is_in_order(self) -> None:
        experiment, trials = self.row, self.trials()
        self.processes_belong_to_running_trials(trials)
        self.rows_are_in_order(experiment, trials)
        self.completed_trials_never_change(trials)

    def processes_belong_to_running_trials(self, trials: list[TrialRow]) -> None:
        states = {self.home.path / trial.folder: trial.state for trial in trials}
        assert all(states[path] == "running" for path in self.machine.running)
        slots = [trial.folder.holder() for trial in self.machine.running.values()]
        assert len({holder.slot for holder in slots if holder}) == len(slots)
        assert len({(path, attempt) for path, attempt, _ in self.machine.launched}) == len(
            self.machine.launched
        )

    def rows_are_in_order(self, experiment: ExperimentRow, trials: list[TrialRow]) -> None:
        for trial in trials:
            assert trial.requested is None or trial.state == "running"
            assert (trial.finished_at is not None) == (trial.state in FINAL_TRIAL_STATES)
            assert trial.reason or trial.state not in ("failed", "lost", "stopped", "paused")
            assert trial.state != "failed" or trial.error or "vanished" in str(trial.reason)
            assert trial.attempts == sum(
                path.name == f"{trial.number:04d}" for path, _, _ in self.machine.launched
            )
        assert all(count < self.max_attempts for count in self.requeued.values())
        assert len(trials) <= 1 + experiment.budget_trials
        assert (experiment.finished_at is not None) == (
            experiment.state in ("completed", "stopped", "failed")
        )
        assert experiment.reason or experiment.state not in ("failed", "stopped", "paused")

    def completed_trials_never_change(self, trials: list[TrialRow]) -> None:
        for trial in trials:
            if trial.state == "completed":
                known = self.completed.setdefault(trial.number, trial)
                assert trial.finished_at == known.finished_at
                assert (trial.attempts, trial.started_at, trial.parameters) == (
                    known.attempts,
                    known.started_at,
                    known.parameters,
                )
        states = {trial.number: trial.state for trial in trials}
        assert all(states[number] == "completed" for number in self.completed)

    def teardown(self) -> None:
        """From wherever it got to, the experiment can be brought to its end; then no event is missing."""
        try:
            self.bring_to_the_end()
            for trial in self.trials():
                written = (self.home.path / trial.folder / "events.jsonl").read_text().count("\n")
                assert events_frame(self.store, trial.trial_id)["seq"].tolist() == list(range(1, written + 1))
        finally:
            for path in list(self.machine.running):
                self.machine.end(path, None)
            self.stack.close()

    def bring_to_the_end(self) -> None:
        for _ in range(40):
            if self.row.state == "completed":
                return
            if self.row.state in ("paused", "stopped", "failed"):
                controls.resume_experiment(self.store, self.name)
            for trial in self.trials():
                if trial.state == "paused" and self.paused_alone:
                    controls.resume_trial(self.store, self.name, trial.number)
            for path, trial in list(self.machine.running.items()):
                if trial.asked:
                    self.machine.end(path, Stopped("asked to stop"))
                else:
                    self.machine.finish(path)
            self.runner.tick()
        raise AssertionError(
            f"the experiment does not end: {self.row.state}, {[t.state for t in self.trials()]}"
        )


TestTrialLife = TrialLife.TestCase
TestTrialLife.settings = settings(
    max_examples=25, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestTrialLife.pytestmark = [pytest.mark.timeout(300)]

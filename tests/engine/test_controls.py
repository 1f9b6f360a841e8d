"""What a person may ask, in which state, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.controls import (
    pause_experiment,
    pause_trial,
    resume_experiment,
    resume_trial,
    stop_experiment,
    stop_trial,
)
from engine.errors import StateError, UnknownNameError
from engine.events import Stopped
from engine.lifecycle import EXPERIMENT_STOPPED
from storage.store import Store
from tests.engine.conftest import Lab

TOLD = Stopped("asked to stop")


def obey(lab: Lab, *numbers: int) -> None:
    """The running trials hear of the request, end, and the runner sees it."""
    lab.tick()
    for number in numbers:
        path = lab.path(number)
        assert lab.machine.running[path].asked
        lab.machine.end(path, TOLD)
    lab.tick()


def test_pause_and_resume(lab: Lab) -> None:
    lab.students_running()
    pause_experiment(lab.store, "sample")
    assert [lab.trial(number).requested for number in (0, 1, 2)] == [None, "pause", "pause"]
    obey(lab, 1, 2)
    assert lab.states() == ["completed", "paused", "paused"]
    assert lab.trial(1).reason == "paused by a person"
    assert lab.trial(1).requested is None
    lab.tick(3)
    assert not lab.machine.running
    resume_experiment(lab.store, "sample")
    lab.tick()
    assert lab.states() == ["completed", "running", "running"]
    assert lab.trial(1).attempts == 2
    assert lab.row.state == "running"


def test_stop_and_resume(lab: Lab) -> None:
    lab.students_running()
    stop_trial(lab.store, "sample", 1)
    stop_experiment(lab.store, "sample")
    assert lab.row.finished_at is not None
    obey(lab, 1, 2)
    assert [lab.trial(number).reason for number in (1, 2)] == ["stopped by a person", EXPERIMENT_STOPPED]
    assert all(lab.trial(number).finished_at is not None for number in (1, 2))
    resume_experiment(lab.store, "sample")
    lab.tick()
    # The one a person stopped by itself stays stopped, whatever was asked of the experiment afterwards.
    assert lab.states() == ["completed", "stopped", "running", "running"]
    assert lab.row.finished_at is None


def test_a_pause_does_not_undo_a_stop(lab: Lab) -> None:
    lab.students_running()
    stop_trial(lab.store, "sample", 1)
    pause_experiment(lab.store, "sample")
    obey(lab, 1, 2)
    assert lab.states() == ["completed", "stopped", "paused"]


@pytest.mark.parametrize("ask", [pause_experiment, stop_experiment])
def test_resuming_before_the_trials_have_ended_leaves_none_behind(
    lab: Lab, ask: Callable[[Store, str], None]
) -> None:
    lab.students_running()
    ask(lab.store, "sample")
    lab.tick()
    lab.machine.end(lab.path(1), TOLD)
    resume_experiment(lab.store, "sample")
    assert lab.trial(2).requested is None
    lab.tick(2)
    assert lab.states() == ["completed", "running", "running"]
    assert lab.trial(1).attempts == 2
    assert lab.trial(2).attempts == 1


def test_stopping_drops_what_waits(lab: Lab) -> None:
    stop_experiment(lab.store, "sample")
    assert lab.states() == ["stopped"]
    assert lab.trial(0).reason == EXPERIMENT_STOPPED
    lab.tick(2)
    assert not lab.machine.launched
    resume_experiment(lab.store, "sample")
    lab.tick()
    assert lab.states() == ["running"]


def test_a_teacher_that_failed_or_was_stopped_ends_the_experiment_and_is_tried_again(lab: Lab) -> None:
    lab.tick()
    lab.machine.fail(lab.path(0), "no such dataset")
    lab.tick()
    assert (lab.row.state, lab.row.reason) == ("failed", "the teacher failed: no such dataset")
    assert lab.row.finished_at is not None
    resume_experiment(lab.store, "sample")
    lab.tick()
    stop_trial(lab.store, "sample", 0)
    obey(lab, 0)
    assert (lab.row.state, lab.row.reason) == ("failed", "the teacher was stopped: stopped by a person")
    resume_experiment(lab.store, "sample")
    lab.students_running()
    assert lab.states() == ["completed", "running", "running"]


def test_trials_are_paused_stopped_and_resumed_one_by_one(lab: Lab) -> None:
    lab.students_running()
    pause_trial(lab.store, "sample", 1)
    stop_trial(lab.store, "sample", 2)
    obey(lab, 1, 2)
    assert lab.states() == ["completed", "paused", "stopped", "running"]
    stop_trial(lab.store, "sample", 1)
    resume_trial(lab.store, "sample", 2)
    assert lab.states() == ["completed", "stopped", "queued", "running"]
    pause_trial(lab.store, "sample", 2)
    assert lab.trial(2).state == "paused"
    resume_trial(lab.store, "sample", 2)
    lab.tick()
    lab.finish(3)
    lab.finish(2)
    lab.tick(2)
    assert lab.row.state == "completed"
    with pytest.raises(StateError, match="sample is complete; launch another one"):
        resume_experiment(lab.store, "sample")
    resume_trial(lab.store, "sample", 1)
    assert (lab.row.state, lab.trial(1).state) == ("running", "queued")


def test_a_failed_trial_is_tried_again(lab: Lab) -> None:
    lab.students_running()
    lab.machine.fail(lab.path(1))
    lab.tick()
    assert (lab.trial(1).state, lab.trial(1).reason) == ("failed", "out of memory: on purpose")
    assert "Traceback" in str(lab.trial(1).error)
    resume_trial(lab.store, "sample", 1)
    assert (lab.trial(1).reason, lab.trial(1).error, lab.trial(1).finished_at) == (None, None, None)


def test_what_does_not_fit_the_state_is_refused(lab: Lab) -> None:
    store = lab.store
    with pytest.raises(StateError, match="sample is pending: it starts by itself"):
        resume_experiment(store, "sample")
    lab.students_running()
    for refused in (pause_trial, stop_trial, resume_trial):
        with pytest.raises(StateError, match="trial sample/0 is completed and cannot become"):
            refused(store, "sample", 0)
    with pytest.raises(StateError, match="trial sample/1 is running and cannot become queued"):
        resume_trial(store, "sample", 1)
    with pytest.raises(StateError, match="sample is running and cannot become running"):
        resume_experiment(store, "sample")
    stop_experiment(store, "sample")
    obey(lab, 1, 2)
    with pytest.raises(StateError, match="sample is stopped; resume the experiment first"):
        resume_trial(store, "sample", 1)
    for refused_of_all in (pause_experiment, stop_experiment):
        with pytest.raises(StateError, match="sample is stopped and cannot become"):
            refused_of_all(store, "sample")
    with pytest.raises(UnknownNameError):
        pause_trial(store, "sample", 9)
    with pytest.raises(UnknownNameError):
        stop_experiment(store, "simple")

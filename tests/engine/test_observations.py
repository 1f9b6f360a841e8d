"""From rows to observations and measured trials."""

from __future__ import annotations

from engine.controls import pause_trial, stop_trial
from engine.observations import measured_trials, observations
from storage.trials import list_trials
from tests.engine.conftest import Lab
from tests.engine.fake_executor import METRICS


def test_each_state_is_seen_as_it_should_be(lab: Lab) -> None:
    assert observations(lab.store, 1) == []
    lab.students_running()
    assert [(item.number, item.state) for item in observations(lab.store, 1)] == [
        (1, "pending"),
        (2, "pending"),
    ]
    lab.finish(1, exact=61.0)
    lab.machine.fail(lab.path(2))
    lab.tick()
    first, second, third = observations(lab.store, 1)
    assert (first.state, first.parameters, first.standard_errors) == (
        "completed",
        lab.trial(1).parameters,
        {"exact": 1.0},
    )
    assert first.metrics == METRICS | {"exact": 61.0}
    assert (second.state, second.metrics) == ("failed", {})
    assert third.state == "pending"
    # A paused or lost trial goes on, so it stays pending; one that a person stopped teaches nothing.
    pause_trial(lab.store, "sample", 3)
    lab.machine.end(lab.path(3), None)
    lab.tick()
    assert lab.trial(3).state == "paused"
    assert observations(lab.store, 1)[-1].state == "pending"
    stop_trial(lab.store, "sample", 3)
    stopped = observations(lab.store, 1)[-1]
    assert (stopped.number, stopped.state, stopped.metrics) == (3, "stopped", {})


def test_lost_trials_are_pending(lab: Lab) -> None:
    lab.students_running()
    lab.machine.end(lab.path(1), None, signal=9)
    lab.runner._supervisor.watch(lab.trial(1))
    assert lab.trial(1).state == "lost"
    assert observations(lab.store, 1)[0].state == "pending"


def test_measured_trials_include_the_teacher_and_no_others_than_completed(lab: Lab) -> None:
    lab.students_running()
    lab.finish(1, exact=float("nan"))
    lab.tick()
    found = measured_trials(lab.store, 1, list_trials(lab.store, 1))
    assert [item.number for item in found] == [0, 1]
    assert "exact" not in found[1].metrics
    assert found[1].metrics["num_parameters"] == 1000

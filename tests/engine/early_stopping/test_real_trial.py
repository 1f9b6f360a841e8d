"""A real trial in a process of its own is stopped early, keeps its checkpoint, and goes on from there."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from engine.controls import resume_trial
from engine.experiment import ExperimentSpec
from engine.launch import submit
from engine.runner import Runner, run_to_end
from engine.settings import Home, RunnerSettings
from engine.trial_folder import TrialFolder
from storage.early_stops import list_early_stops
from storage.store import Store
from tests.engine.conftest import Lab
from tests.engine.fake_executor import FakeExecutor, fake_runner

LIMITS = RunnerSettings(slots=1, poll_seconds=0.02)
EVALUATIONS = 4
HOPELESS = 6


@pytest.fixture
def spec(tiny_spec: ExperimentSpec) -> ExperimentSpec:
    return tiny_spec.changed(
        name="sample",
        training=tiny_spec.training.model_dump() | {"evaluations": EVALUATIONS},
        fixed=tiny_spec.fixed | {"epochs": 12.0},
        budget={"trials": HOPELESS, "parallel": 1},
        metrics=[{"name": "exact", "direction": "maximize"}],
    )


def others_complete(store: Store, home: Home) -> None:
    """Teacher and first students as if they had run elsewhere: far better than an untrained teacher's student."""
    machine = FakeExecutor(slots=1)
    lab = Lab(store, home, machine, fake_runner(machine, store, home, RunnerSettings(exit_seconds=0.0)))
    lab.students_running()
    for number in range(1, HOPELESS):
        start = 80.0 + 2 * number
        for place in range(1, EVALUATIONS + 1):
            machine.evaluate(lab.path(number), place / EVALUATIONS, exact=start + 2 * place)
        lab.finish(number, exact=start + 2 * EVALUATIONS)
        if number < HOPELESS - 1:
            lab.tick()


def run(store: Store, home: Home) -> None:
    runner = Runner(store, home, LIMITS)
    try:
        for _ in run_to_end(runner, "sample"):
            pass
    finally:
        runner.close()


def written(folder: TrialFolder) -> list[dict[str, Any]]:
    return [json.loads(line) for line in folder.events.read_text(encoding="utf-8").splitlines()]


@pytest.mark.timeout(300)
def test_a_hopeless_trial_is_stopped_and_goes_on_when_a_person_wants_it(
    store: Store, home: Home, spec: ExperimentSpec
) -> None:
    submit(store, home, spec)
    others_complete(store, home)
    run(store, home)
    lab = Lab(store, home, FakeExecutor(), Runner(store, home, LIMITS))
    trial, folder = lab.trial(HOPELESS), TrialFolder(lab.path(HOPELESS))
    assert (trial.state, lab.row.state) == ("stopped", "completed")
    # An untrained teacher's student finds no answer at all, and is said to.
    assert str(trial.reason).startswith(
        "will not reach the frontier: it gives everything the same answer; at "
    )
    assert str(trial.reason).endswith("; trial 5 has exact 98")
    assert trial.progress < 1
    assert written(folder)[-1]["kind"] == "stopped"
    assert [path.name for path in folder.checkpoint.iterdir()] == ["checkpoint.pt"]
    assert not folder.model.exists()

    resume_trial(store, "sample", HOPELESS)
    run(store, home)
    trial = lab.trial(HOPELESS)
    assert (trial.state, trial.attempts, lab.row.state) == ("completed", 2, "completed")
    events = written(folder)
    assert events[-1]["kind"] == "finished"
    evaluated = Counter(event["step"] for event in events if event["kind"] == "evaluation")
    # It went on from its checkpoint: no evaluation was made twice, and none was left out.
    assert sorted(evaluated.values()) == [1] * EVALUATIONS
    (stop,) = list_early_stops(store, lab.row.experiment_id)
    assert stop.resumed_by == "person"

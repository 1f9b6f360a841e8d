"""Early stopping in the runner: trials are stopped with their reason, keep what they have, and go on when they may."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine import controls
from engine.events import Stopped
from engine.experiment import ExperimentSpec
from engine.launch import submit
from engine.lifecycle import STOP_EARLY
from engine.observations import observations
from engine.overview import overview
from engine.settings import Home, RunnerSettings
from engine.spec_files import parse_spec
from engine.summary import summary
from storage.early_stops import list_early_stops, open_early_stop
from storage.store import Store
from tests.engine.conftest import Lab
from tests.engine.fake_executor import FakeExecutor, fake_runner
from tests.engine.sample_spec import SAMPLE

TOLD = Stopped("asked to stop")
GAINS = (20.0, 19.0, 21.0, 20.5, 19.5)
TRIALS = 8


@pytest.fixture
def spec() -> ExperimentSpec:
    return parse_spec(SAMPLE).changed(
        strategy={"name": "sobol"},
        budget={"trials": TRIALS, "parallel": 1},
        early_stopping={"min_curves": 5, "stop_below": 0.1, "resume_above": 0.3},
    )


@pytest.fixture
def early(store: Store, home: Home, spec: ExperimentSpec) -> Iterator[Lab]:
    """A lab whose first five students are complete, each with its learning curve; the sixth runs."""
    submit(store, home, spec)
    machine = FakeExecutor()
    lab = Lab(store, home, machine, fake_runner(machine, store, home, RunnerSettings(exit_seconds=0.0)))
    lab.students_running()
    for number, gain in enumerate(GAINS, start=1):
        start = 30.0 + 2 * number
        run(lab, number, start, start + gain / 2, start + gain)
    yield lab
    for path in list(machine.running):
        machine.end(path, None)


def evaluate(lab: Lab, number: int, place: int, exact: float) -> None:
    lab.machine.evaluate(lab.path(number), place / 3, exact=exact)
    lab.tick()


def run(lab: Lab, number: int, *scores: float) -> None:
    """A trial to its end; the last score is the final one."""
    for place, exact in enumerate(scores, start=1):
        lab.machine.evaluate(lab.path(number), place / 3, exact=exact)
    lab.finish(number, exact=scores[-1])
    lab.tick()


def obey(lab: Lab, number: int) -> None:
    lab.tick()
    assert lab.machine.running[lab.path(number)].asked
    lab.machine.end(lab.path(number), TOLD)
    lab.tick()


def test_a_hopeless_trial_is_stopped_with_its_reason_and_teaches_what_was_expected(early: Lab) -> None:
    evaluate(early, 6, 1, 20.0)
    assert (early.trial(6).state, early.trial(6).requested) == ("running", STOP_EARLY)
    obey(early, 6)
    trial = early.trial(6)
    assert (trial.state, trial.requested) == ("stopped", None)
    assert trial.finished_at is not None
    assert str(trial.reason).startswith(
        "will not reach the frontier: at 33 % of training exact is 20 and will be "
    )
    stop = open_early_stop(early.store, trial.trial_id)
    assert stop is not None
    assert (stop.reason, stop.curves, stop.share) == (trial.reason, 5, pytest.approx(1 / 3))
    assert stop.chance < 0.1
    seen = observations(early.store, early.row.experiment_id)[5]
    assert (seen.number, seen.state) == (6, "stopped")
    assert seen.metrics["exact"] == pytest.approx(40, abs=3)
    assert seen.standard_errors["exact"] > 0
    # Its slot is taken by the next trial.
    assert early.trial(7).state == "running"


def test_what_was_saved_is_reported(early: Lab) -> None:
    evaluate(early, 6, 1, 20.0)
    assert overview(early.store, early.row).savings is None
    obey(early, 6)
    told = summary(overview(early.store, early.row))["early_stopping"]
    assert (told["stopped"], told["trials"]) == (1, 6)
    assert told["share"] == pytest.approx(2 / 3 / 6)
    assert told["sentence"].startswith(
        "Early stopping ended 1 of 6 trials and saved 11 % of training (about "
    )


def test_a_promising_trial_runs_on(early: Lab) -> None:
    evaluate(early, 6, 1, 45.0)
    assert early.trial(6).requested is None


def test_the_stopped_trial_goes_on_by_itself_when_it_may_reach_the_frontier_after_all(early: Lab) -> None:
    evaluate(early, 6, 1, 20.0)
    obey(early, 6)
    evaluate(early, 7, 1, 22.0)
    obey(early, 7)
    # A person lets the seventh go on; it is not stopped again, and gains far more than any other.
    controls.stop_trial(early.store, "sample", 8)
    obey(early, 8)
    assert early.row.state == "completed"
    controls.resume_trial(early.store, "sample", 7)
    early.tick()
    assert (early.trial(7).state, early.trial(7).attempts) == ("running", 2)
    evaluate(early, 7, 2, 25.0)
    assert early.trial(7).requested is None
    evaluate(early, 7, 3, 70.0)
    early.finish(7, exact=70.0)
    early.tick()
    assert early.trial(7).state == "completed"
    assert (early.trial(6).state, early.trial(6).attempts) == ("running", 2)
    assert early.row.state == "running"
    first, second = list_early_stops(early.store, early.row.experiment_id)
    assert (first.resumed_by, second.resumed_by) == ("runner", "person")
    assert str(first.resumed_because).startswith("as the completed trials stand now, its chance")
    run(early, 6, 20.0, 30.0, 60.0)
    assert early.states() == ["completed"] * 8 + ["stopped"]
    assert early.row.state == "completed"


def test_a_trial_that_a_person_stopped_is_never_resumed(early: Lab) -> None:
    evaluate(early, 6, 1, 20.0)
    controls.stop_trial(early.store, "sample", 6)
    obey(early, 6)
    assert early.trial(6).reason == "stopped by a person"
    assert list_early_stops(early.store, early.row.experiment_id) == []
    run(early, 7, 20.0, 25.0, 90.0)
    assert early.trial(6).state == "stopped"


def test_a_trial_that_ends_before_it_hears_of_it_is_complete(early: Lab) -> None:
    evaluate(early, 6, 1, 20.0)
    assert early.trial(6).requested == STOP_EARLY
    early.finish(6, exact=41.0)
    early.tick()
    assert (early.trial(6).state, early.trial(6).reason) == ("completed", None)
    assert list_early_stops(early.store, early.row.experiment_id) == []


def test_a_trial_stays_stopped_for_its_reason_when_the_experiment_is_stopped_and_resumed(early: Lab) -> None:
    evaluate(early, 6, 1, 20.0)
    controls.stop_experiment(early.store, "sample")
    obey(early, 6)
    assert str(early.trial(6).reason).startswith("will not reach the frontier")
    controls.resume_experiment(early.store, "sample")
    early.tick()
    assert early.trial(6).state == "stopped"
    assert early.trial(7).state == "running"


def test_a_restarted_server_carries_the_stop_out(early: Lab) -> None:
    evaluate(early, 6, 1, 20.0)
    early.runner = fake_runner(early.machine, early.store, early.home, RunnerSettings(exit_seconds=0.0))
    obey(early, 6)
    assert str(early.trial(6).reason).startswith("will not reach the frontier")
    assert len(list_early_stops(early.store, early.row.experiment_id)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"early_stopping": {"enabled": False}},
        {"early_stopping": {"min_curves": 6}},
        {"early_stopping": {"min_share": 0.5}},
        {"strategy": {"name": "grid", "levels": 2}, "budget": {"trials": TRIALS, "parallel": 1}},
    ],
)
def test_where_it_is_off_nothing_is_stopped(
    store: Store, home: Home, spec: ExperimentSpec, changes: dict[str, object]
) -> None:
    submit(store, home, spec.changed(**changes))
    machine = FakeExecutor()
    lab = Lab(store, home, machine, fake_runner(machine, store, home, RunnerSettings(exit_seconds=0.0)))
    lab.students_running()
    for number, gain in enumerate(GAINS, start=1):
        start = 30.0 + 2 * number
        run(lab, number, start, start + gain / 2, start + gain)
    evaluate(lab, 6, 1, 0.0)
    assert (lab.trial(6).state, lab.trial(6).requested) == ("running", None)
    machine.end(lab.path(6), None)


def test_the_baseline_is_never_stopped(store: Store, home: Home, spec: ExperimentSpec) -> None:
    submit(store, home, spec.changed(budget={"trials": TRIALS, "parallel": 2}))
    machine = FakeExecutor()
    lab = Lab(store, home, machine, fake_runner(machine, store, home, RunnerSettings(exit_seconds=0.0)))
    lab.students_running()
    for number, gain in enumerate(GAINS, start=2):
        start = 30.0 + 2 * number
        run(lab, number, start, start + gain / 2, start + gain)
    evaluate(lab, 1, 1, 0.0)
    assert (lab.trial(1).role, lab.trial(1).requested) == ("baseline", None)
    evaluate(lab, 7, 1, 0.0)
    assert lab.trial(7).requested == STOP_EARLY
    for path in list(machine.running):
        machine.end(path, None)

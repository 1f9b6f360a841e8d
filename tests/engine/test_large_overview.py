"""An overview of very many trials: what matters is all there, sums are right, and the rest is an even sample."""

from __future__ import annotations

import pytest

from engine import outcomes as outcomes_module
from engine import selection
from engine.claims.contenders import contenders
from engine.kept import Kept
from engine.overview import Overview, overview
from engine.settings import Home
from storage.experiments import ExperimentRow
from storage.store import Store
from tests.simulated import fill

TRIALS = 400


@pytest.fixture
def large(store: Store, home: Home, monkeypatch: pytest.MonkeyPatch) -> ExperimentRow:
    """An experiment that is large for the limits set here."""
    for name, most in (("COMPLETED", 60), ("PENDING", 5), ("FAILED", 6), ("STOPPED", 4)):
        monkeypatch.setattr(selection, name, most)
    monkeypatch.setattr(
        outcomes_module,
        "contenders",
        lambda metrics, columns, front, errors: contenders(metrics, columns, front, errors, 50),
    )
    monkeypatch.setattr(outcomes_module, "_remembered", Kept(4))
    return fill(store, home, trials=TRIALS, steps=1, examples=0)


@pytest.fixture
def views(store: Store, large: ExperimentRow) -> tuple[Overview, Overview]:
    """Everything, and what a page sees."""
    return overview(store, large), overview(store, large, most=100)


def test_a_small_experiment_is_there_as_a_whole(store: Store, large: ExperimentRow) -> None:
    assert overview(store, large, most=TRIALS + 1).is_whole
    assert not overview(store, large, most=TRIALS).is_whole


def test_what_matters_is_there(views: tuple[Overview, Overview]) -> None:
    whole, part = views
    assert len(part.trials) < 150
    numbers = {trial.number for trial in part.trials}
    assert {trial.number for trial in whole.frontier} <= numbers
    assert set(part.outcomes.contenders) <= numbers
    assert (part.teacher.number, part.students[0].role) == (0, "baseline")
    assert part.baseline == whole.baseline
    assert part.measured.keys() <= numbers
    assert all(part.measured[number] == whole.measured[number] for number in part.measured)


def test_sums_are_over_all_trials(views: tuple[Overview, Overview]) -> None:
    whole, part = views
    assert (part.counts, part.done, part.total) == (whole.counts, TRIALS, TRIALS + 1)
    assert part.cost.each == pytest.approx(whole.cost.each)
    assert part.cost.busy == pytest.approx(whole.cost.busy)
    assert list(part.outcomes.frame["number"]) == list(whole.outcomes.frame["number"])
    assert part.savings is None


def test_claims_are_those_of_all_trials(views: tuple[Overview, Overview]) -> None:
    whole, part = views
    assert part.findings == whole.findings
    assert part.findings.share is not None
    assert part.findings.share.trials == whole.counts["completed"] - 1


def test_a_trial_that_is_asked_for_is_there(store: Store, large: ExperimentRow) -> None:
    there = {trial.number for trial in overview(store, large, most=100).trials}
    wanted = next(number for number in range(2, TRIALS) if number not in there)
    view = overview(store, large, most=100, including=(wanted,))
    assert wanted in {trial.number for trial in view.trials}


def test_the_sample_has_all_kinds(views: tuple[Overview, Overview]) -> None:
    _, part = views
    found = [trial.state for trial in part.students]
    assert (found.count("failed"), found.count("stopped")) == (6, 4)
    assert 60 <= found.count("completed") <= 60 + 50 + len(part.frontier) + 1

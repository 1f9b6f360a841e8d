"""The whole life cycle under random histories in which trials are stopped early and go on again."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from engine import controls
from engine.early_stopping import watch
from engine.lifecycle import STOP_EARLY
from engine.spec_files import parse_spec
from storage.early_stops import list_early_stops
from tests.engine.sample_spec import SAMPLE
from tests.engine.test_supervision import TICKS, TrialLife

COMPLETE = 5
"""Students that have completed before anything random happens."""


class EarlyStoppingLife(TrialLife):
    """As ``TrialLife``, but trials measure themselves on their way, and many are stopped for it."""

    spec = parse_spec(SAMPLE).changed(
        strategy={"name": "sobol"},
        budget={"trials": COMPLETE + 8, "parallel": 2},
        early_stopping={"min_curves": 4, "stop_below": 0.45, "resume_above": 0.55},
    )
    moving_modules = (*TrialLife.moving_modules, watch)

    @initialize(seed=st.integers(0, 9))
    def some_complete(self, seed: int) -> None:
        while sum(trial.state == "completed" for trial in self.trials()) < 1 + COMPLETE:
            self.runner.tick()
            for path in sorted(self.machine.running):
                number = int(path.name)
                start = 30.0 + (number * 7 + seed) % 10
                if number:
                    for place in (1, 2, 3):
                        self.machine.evaluate(path, place / 3, exact=start + 6 * place + (number + seed) % 3)
                self.machine.finish(path, exact=start + 18 + (number + seed) % 3)
            self.runner.tick()

    @precondition(lambda self: self.machine.running)
    @rule(choice=st.integers(0, 3), place=st.integers(1, 3), exact=st.floats(0, 80), ticks=TICKS)
    def trial_evaluates(self, choice: int, place: int, exact: float, ticks: int) -> None:
        self.machine.evaluate(self.one_running(choice), place / 3, exact=exact)
        self.notice(ticks)

    @precondition(lambda self: self.machine.running)
    @rule(choice=st.integers(0, 3), ticks=st.integers(1, 2))
    def trial_starts_badly(self, choice: int, ticks: int) -> None:
        self.machine.evaluate(self.one_running(choice), 1 / 3, exact=5.0)
        self.notice(ticks)

    @precondition(lambda self: self.stopped_early())
    @rule(choice=st.integers(0, 3), ticks=st.integers(1, 2))
    def person_resumes(self, choice: int, ticks: int) -> None:
        stopped = self.stopped_early()
        self.attempt(controls.resume_trial, stopped[choice % len(stopped)])
        self.notice(ticks)

    @precondition(lambda self: self.stopped_early() and self.machine.running)
    @rule(choice=st.integers(0, 3), ticks=st.integers(1, 2))
    def trial_surprises(self, choice: int, ticks: int) -> None:
        """It ends far better than it began, so that others may hope again."""
        path = self.one_running(choice)
        self.machine.evaluate(path, 1 / 3, exact=6.0)
        self.machine.finish(path, exact=90.0)
        self.notice(ticks)

    def stopped_early(self) -> list[int]:
        stops = list_early_stops(self.store, self.experiment_id)
        still = {stop.trial_id for stop in stops if stop.resumed_at is None}
        return [
            trial.number for trial in self.trials() if trial.state == "stopped" and trial.trial_id in still
        ]

    @invariant()
    def early_stops_are_in_order(self) -> None:
        trials = {trial.trial_id: trial for trial in self.trials()}
        stops = list_early_stops(self.store, self.experiment_id)
        by_hand = {stop.trial_id for stop in stops if stop.resumed_by == "person"}
        still = [stop for stop in stops if stop.resumed_at is None]
        assert len({stop.trial_id for stop in still}) == len(still)
        for stop in still:
            trial = trials[stop.trial_id]
            assert trial.role == "student"
            assert trial.trial_id not in by_hand
            if trial.state == "running":
                # A person may have asked for something else meanwhile; that is settled when the trial ends.
                assert trial.requested is not None
            else:
                assert (trial.state, trial.reason) == ("stopped", stop.reason)
        asked = {trial.trial_id for trial in trials.values() if trial.requested == STOP_EARLY}
        assert asked <= {stop.trial_id for stop in still}


TestEarlyStoppingLife = EarlyStoppingLife.TestCase
TestEarlyStoppingLife.settings = settings(
    max_examples=10, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestEarlyStoppingLife.pytestmark = [pytest.mark.timeout(300)]

"""Early stopping in the runner: looks at an experiment whenever something was measured, stops and resumes trials."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.early_stopping import words
from engine.early_stopping.decision import Outlook, Review, review
from engine.early_stopping.rows import curves
from engine.experiment import ExperimentSpec
from engine.lifecycle import STOP_EARLY, TrialState, trial_sources
from engine.strategies.interface import SearchProblem
from storage.curves import evaluation_count
from storage.early_stops import add_early_stop, list_early_stops, note_resumed, open_early_stop, set_forecast
from storage.experiments import ExperimentRow
from storage.store import Store
from storage.trials import TrialRow, list_trials, move_trial, reload_trial, request_trial

log = logging.getLogger(__name__)

SEARCHING = ("nehvi", "sobol")
"""Strategies that look for a frontier; the others were asked for exactly the trials they run."""

State = tuple[int, tuple[tuple[int, str], ...]]
"""What the outlook of trials depends on: how much was evaluated, and every trial's state."""


@dataclass(slots=True)
class EarlyStopping:
    """Stops trials that will not reach the frontier, and resumes them when they may after all.

    Attributes:
        store: the database.
    """

    store: Store
    _seen: dict[int, State] = field(default_factory=dict)

    def look(
        self,
        experiment: ExperimentRow,
        spec: ExperimentSpec,
        problem: SearchProblem,
        students: Sequence[TrialRow],
    ) -> list[TrialRow]:
        """Stop and resume trials of an experiment where that is due; gives its students as they are then."""
        if not spec.early_stopping.enabled or spec.strategy.name not in SEARCHING:
            return list(students)
        identity = experiment.experiment_id
        state = (
            evaluation_count(self.store, identity),
            tuple((trial.number, trial.state) for trial in students),
        )
        if self._seen.get(identity) == state:
            return list(students)
        self._seen[identity] = state
        found = self._review(spec, problem, students)
        if found == Review():
            return list(students)
        rows = {trial.number: trial for trial in students}
        with self.store.write():
            for look in found.stop:
                self._stop(experiment, spec, look, rows[look.curve.number])
            for look in found.resume:
                self._resume(experiment, spec, look, rows[look.curve.number])
            for look in found.keep:
                set_forecast(self.store, rows[look.curve.number].trial_id, expected(look))
        return [trial for trial in list_trials(self.store, identity) if trial.is_student]

    def _review(self, spec: ExperimentSpec, problem: SearchProblem, students: Sequence[TrialRow]) -> Review:
        identity = students[0].experiment_id if students else 0
        stops = list_early_stops(self.store, identity)
        early = {stop.trial_id for stop in stops if stop.resumed_at is None}
        spared = {stop.trial_id for stop in stops if stop.resumed_by == "person"}
        looked_at = curves(self.store, identity, problem, students)
        return review(
            problem.metrics,
            spec.early_stopping,
            spec.training.shares(),
            completed=[looked_at[trial.number] for trial in students if trial.state == TrialState.COMPLETED],
            running=[
                looked_at[trial.number]
                for trial in students
                if trial.state == TrialState.RUNNING
                and trial.role != "baseline"
                and trial.requested is None
                and trial.trial_id not in spared
            ],
            stopped=[
                looked_at[trial.number]
                for trial in students
                if trial.state == TrialState.STOPPED and trial.trial_id in early
            ],
        )

    def _stop(self, experiment: ExperimentRow, spec: ExperimentSpec, look: Outlook, trial: TrialRow) -> None:
        trial = reload_trial(self.store, trial)
        if trial.state != TrialState.RUNNING or trial.requested is not None:
            return
        reason = words.stopping(look, spec.metrics, spec.early_stopping.stop_below)
        add_early_stop(
            self.store,
            trial.trial_id,
            share=look.share,
            chance=look.chance,
            curves=look.curves,
            reason=reason,
            forecast=expected(look),
        )
        request_trial(self.store, trial.trial_id, STOP_EARLY)
        log.info("%s/%d is being stopped: %s", experiment.name, trial.number, reason)

    def _resume(
        self, experiment: ExperimentRow, spec: ExperimentSpec, look: Outlook, trial: TrialRow
    ) -> None:
        if open_early_stop(self.store, trial.trial_id) is None:
            return
        because = words.resuming(look, spec.early_stopping.resume_above)
        if move_trial(
            self.store,
            trial.trial_id,
            TrialState.QUEUED,
            allowed_from=trial_sources(TrialState.QUEUED) & {TrialState.STOPPED},
        ):
            note_resumed(self.store, trial.trial_id, "runner", because)
            log.info("%s/%d goes on: %s", experiment.name, trial.number, because)


def expected(look: Outlook) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of each metric at the end of a trial."""
    return {name: (prediction.mean, prediction.deviation) for name, prediction in look.forecasts.items()}

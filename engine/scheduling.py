"""What an experiment needs next: its teacher, more students, or to be ended."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.agora.requirements import AGORA
from engine.agora.rounds import End
from engine.augmenting import advance, teacher_check
from engine.early_stopping.watch import EarlyStopping
from engine.errors import SettingError
from engine.experiment import ExperimentSpec
from engine.extracting import record_space
from engine.launch import stored_spec
from engine.launcher import Launcher
from engine.lifecycle import (
    ACTIVE_EXPERIMENT_STATES,
    FINAL_TRIAL_STATES,
    ExperimentState,
    TrialState,
    experiment_sources,
)
from engine.search_problems import search_problem
from engine.settings import RunnerSettings, cpu_count
from engine.strategies.interface import SearchProblem, Suggestion
from engine.suggestions import SuggestionDesk
from storage.experiments import ExperimentRow, move_experiment
from storage.store import Store
from storage.suggestions import SuggestionRow
from storage.trials import AUGMENTATION, NewTrial, TrialRow, add_trials, list_trials

log = logging.getLogger(__name__)

States = tuple[tuple[int, str], ...]
"""Numbers of trials with their states: what rounds depend on, since what a trial came to is stored before it ends."""


@dataclass(slots=True)
class Scheduler:
    """Advances experiments.

    Attributes:
        store: the database.
        settings: limits.
        launcher: starts trials in free slots.
        desk: has suggestions ready.
        early: stops trials that will not reach the frontier.
    """

    store: Store
    settings: RunnerSettings
    launcher: Launcher
    desk: SuggestionDesk
    early: EarlyStopping
    _problems: dict[int, SearchProblem] = field(default_factory=dict)
    _steps: dict[int, tuple[States, End | str | None]] = field(default_factory=dict)

    def advance(self, experiment: ExperimentRow) -> None:
        """Fill free slots with trials of an active experiment, or end it."""
        trials = list_trials(self.store, experiment.experiment_id)
        teacher = next(trial for trial in trials if trial.role == "teacher")
        students = [trial for trial in trials if trial.is_student]
        try:
            spec = stored_spec(experiment)
            if teacher.state in (TrialState.FAILED, TrialState.STOPPED):
                what = "failed" if teacher.state == TrialState.FAILED else "was stopped"
                self._end(experiment, ExperimentState.FAILED, f"the teacher {what}{because(teacher.reason)}")
            elif teacher.state == TrialState.QUEUED:
                self.launcher.launch(experiment, spec, [teacher], threads=cpu_count())
            elif teacher.state == TrialState.COMPLETED:
                if spec.strategy.name == AGORA:
                    self._run_rounds(experiment, spec, trials)
                    return
                problem = self._problem(experiment)
                self._prepare_suggestions(experiment, spec, problem, students)
                self._run_students(experiment, spec, problem, students)
        except SettingError as error:
            self._end(experiment, ExperimentState.FAILED, str(error))

    def _problem(self, experiment: ExperimentRow) -> SearchProblem:
        """The experiment's problem, as it was when its teacher was first seen to be ready."""
        if experiment.experiment_id not in self._problems:
            home = self.launcher.supervisor.home
            self._problems[experiment.experiment_id] = search_problem(self.store, home, experiment)
        return self._problems[experiment.experiment_id]

    def _run_students(
        self,
        experiment: ExperimentRow,
        spec: ExperimentSpec,
        problem: SearchProblem,
        students: list[TrialRow],
    ) -> None:
        if experiment.state == ExperimentState.PENDING:
            if problem.extraction is not None:
                record_space(self.store, experiment.experiment_id, problem)
            self._move(experiment, ExperimentState.RUNNING, None)
        students = self.early.look(experiment, spec, problem, students)
        free = self._free(spec, students)
        queued = [trial for trial in students if trial.state == TrialState.QUEUED]
        while len(queued) < free and len(students) < experiment.budget_trials:
            suggestion = self.desk.take(experiment.experiment_id, problem)
            if suggestion is None:
                break
            added = self._add_student(experiment, spec, suggestion, number=len(students) + 1)
            queued.append(added)
            students.append(added)
        self.launcher.launch(experiment, spec, queued[:free])
        ended = all(trial.state in FINAL_TRIAL_STATES for trial in students)
        if ended and len(students) >= experiment.budget_trials:
            self._end(experiment, ExperimentState.COMPLETED, None)

    def _run_rounds(
        self, experiment: ExperimentRow, spec: ExperimentSpec, trials: Sequence[TrialRow]
    ) -> None:
        """Agora: what its record says is next, and the trials of that in free slots."""
        identity = experiment.experiment_id
        if experiment.state == ExperimentState.PENDING:
            check = teacher_check(self.launcher.supervisor.folder(trials[0]))
            if check is not None and not check.meets:
                log.warning("%s: %s", experiment.name, check.words)
                if spec.agora.require_teacher:
                    self._end(experiment, ExperimentState.FAILED, f"agora.require_teacher: {check.words}")
                    return
            self._move(experiment, ExperimentState.RUNNING, None)
        states, step = self._steps.get(identity, ((), None))
        if states != _states(trials):
            step = advance(self.store, identity, spec)
            trials = list_trials(self.store, identity)
            self._steps[identity] = (_states(trials), step)
        if step is not None and all(trial.state in FINAL_TRIAL_STATES for trial in trials):
            self._end(experiment, *_outcome(step))
            return
        queued = [trial for trial in trials if trial.state == TrialState.QUEUED]
        # The making of data has the machine to itself.
        threads = cpu_count() if any(trial.role == AUGMENTATION for trial in queued) else None
        self.launcher.launch(experiment, spec, queued[: self._free(spec, trials)], threads)

    def _free(self, spec: ExperimentSpec, trials: Sequence[TrialRow]) -> int:
        """How many more of the trials may run now."""
        free = len(self.launcher.free_slots())
        if spec.budget.parallel:
            running = sum(trial.state == TrialState.RUNNING for trial in trials)
            free = min(free, spec.budget.parallel - running)
        return max(free, 0)

    def _prepare_suggestions(
        self,
        experiment: ExperimentRow,
        spec: ExperimentSpec,
        problem: SearchProblem,
        students: list[TrialRow],
    ) -> None:
        left = experiment.budget_trials - len(students)
        if left > 0:
            wanted = min(left, len(self.launcher.free_slots()) + self.settings.prefetch)
            self.desk.prepare(experiment.experiment_id, spec.strategy.name, problem, wanted)

    def _add_student(
        self, experiment: ExperimentRow, spec: ExperimentSpec, suggestion: Suggestion, number: int
    ) -> TrialRow:
        role = "baseline" if suggestion.strategy == "baseline" else "student"
        record = SuggestionRow(
            strategy=suggestion.strategy,
            acquisition_value=suggestion.acquisition_value,
            predicted={name: list(pair) for name, pair in suggestion.predicted.items()} or None,
            seconds=suggestion.seconds,
            note=suggestion.note,
            model=suggestion.model,
        )
        new = NewTrial(role, suggestion.parameters, spec.seed + number, record)
        return add_trials(self.store, experiment.experiment_id, [new], state=TrialState.QUEUED)[0]

    def _end(self, experiment: ExperimentRow, to: ExperimentState, reason: str | None) -> None:
        self._move(experiment, to, reason, finished=True)
        log.info("%s %s%s", experiment.name, to, because(reason))

    def _move(
        self, experiment: ExperimentRow, to: ExperimentState, reason: str | None, *, finished: bool = False
    ) -> None:
        move_experiment(
            self.store,
            experiment.experiment_id,
            to,
            allowed_from=experiment_sources(to) & ACTIVE_EXPERIMENT_STATES,
            reason=reason,
            finished=finished,
        )


def _states(trials: Sequence[TrialRow]) -> States:
    return tuple((trial.number, trial.state) for trial in trials)


def _outcome(step: End | str) -> tuple[ExperimentState, str]:
    """State and reason in which the rounds leave an experiment."""
    if isinstance(step, str):
        return ExperimentState.FAILED, step
    failed = step.reason == "all_failed"
    return ExperimentState.FAILED if failed else ExperimentState.COMPLETED, step.words


def because(reason: str | None) -> str:
    """The reason as the end of a sentence, or nothing."""
    return f": {reason}" if reason else ""

"""The runner: one loop that watches trials, queues lost ones again, fills free slots, and ends experiments."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable

from pydantic import ValidationError

from engine.errors import ExecutorError, SettingError
from engine.executors.local import LocalExecutor, Slot
from engine.experiment import ExperimentSpec
from engine.frontier import frontier
from engine.lifecycle import (
    FINAL_TRIAL_STATES,
    ExperimentState,
    TrialState,
    experiment_sources,
    trial_sources,
)
from engine.observations import measured_trials, search_problem
from engine.settings import Home, RunnerSettings, cpu_count
from engine.strategies.interface import Suggestion
from engine.suggestions import SuggestionDesk
from engine.supervision import Supervisor
from engine.trial_folder import TrialSpec
from storage.experiments import ExperimentRow, get_experiment, list_experiments, move_experiment
from storage.store import Store
from storage.trials import (
    NewTrial,
    SuggestionRow,
    TrialRow,
    add_trials,
    list_trials,
    move_trial,
    set_frontier,
)

log = logging.getLogger(__name__)

ACTIVE = {ExperimentState.PENDING, ExperimentState.RUNNING}
RETRY_SECONDS = 2.0
"""Pause of the loop after an unexpected error, so that a full disk does not fill the log too."""


class Runner:
    """Carries out experiments. ``tick`` is one pass; ``start`` runs passes in a thread of its own."""

    def __init__(
        self, store: Store, home: Home, settings: RunnerSettings | None = None, only: str | None = None
    ) -> None:
        """Make a runner.

        Args:
            store: the database.
            home: where trial folders and caches are.
            settings: limits.
            only: name of the one experiment to advance; None advances all. All running trials are watched.
        """
        self.store = store
        self.home = home
        self.settings = settings or RunnerSettings()
        self.executor = LocalExecutor(self.settings)
        self.supervisor = Supervisor(store, home, self.executor, self.settings)
        self.desk = SuggestionDesk(store, self.settings)
        self.only = only
        self.last_error: str | None = None
        self._slot_of: dict[int, Slot] = {}
        self._specs: dict[int, ExperimentSpec] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the loop; the executor loads its libraries meanwhile."""
        self.executor.start()
        self._thread = threading.Thread(target=self._loop, name="runner", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the loop and its helpers. Running trials go on and are adopted by the next runner."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.desk.close()
        self.executor.close()

    def tick(self) -> None:
        """One pass over everything."""
        for experiment in list_experiments(self.store):
            for trial in list_trials(
                self.store, experiment.experiment_id, {TrialState.RUNNING, TrialState.LOST}
            ):
                self._look_after(experiment, trial)
        for experiment in list_experiments(self.store):
            if experiment.state in ACTIVE and self.only in (None, experiment.name):
                self._advance(experiment)

    def _loop(self) -> None:
        while not self._stop.wait(self.settings.poll_seconds):
            try:
                self.tick()
                self.last_error = None
            except Exception as error:
                # The boundary of the thread: whatever happened, running trials must stay looked after.
                self.last_error = f"{type(error).__name__}: {error}"
                log.exception("the runner will try again")
                self._stop.wait(RETRY_SECONDS)

    def _look_after(self, experiment: ExperimentRow, trial: TrialRow) -> None:
        if trial.state == TrialState.RUNNING:
            if self.supervisor.watch(trial):
                return
            self._slot_of.pop(trial.trial_id, None)
            self._update_frontier(experiment)
            trial = next(
                item
                for item in list_trials(self.store, experiment.experiment_id)
                if item.trial_id == trial.trial_id
            )
            log.info("%s/%d %s%s", experiment.name, trial.number, trial.state, _because(trial.reason))
        if trial.state == TrialState.LOST and experiment.state in ACTIVE:
            self.supervisor.requeue_lost(trial)

    def _advance(self, experiment: ExperimentRow) -> None:
        """Fill free slots of one experiment, or end it."""
        trials = list_trials(self.store, experiment.experiment_id)
        teacher = next(trial for trial in trials if trial.role == "teacher")
        students = [trial for trial in trials if trial.role != "teacher"]
        try:
            spec = self._spec(experiment)
            self._prepare_suggestions(experiment, spec, students)
            if teacher.state in (TrialState.FAILED, TrialState.STOPPED):
                what = "failed" if teacher.state == TrialState.FAILED else "was stopped"
                self._end(experiment, ExperimentState.FAILED, f"the teacher {what}{_because(teacher.reason)}")
            elif teacher.state == TrialState.QUEUED:
                self._launch_in_free_slot(experiment, spec, [teacher], threads=cpu_count())
            elif teacher.state == TrialState.COMPLETED:
                self._run_students(experiment, spec, students)
        except SettingError as error:
            self._end(experiment, ExperimentState.FAILED, str(error))

    def _run_students(
        self, experiment: ExperimentRow, spec: ExperimentSpec, students: list[TrialRow]
    ) -> None:
        if experiment.state == ExperimentState.PENDING:
            self._move(experiment, ExperimentState.RUNNING, None)
        running = sum(trial.state == TrialState.RUNNING for trial in students)
        free = len(self._free_slots())
        if spec.budget.parallel:
            free = min(free, spec.budget.parallel - running)
        queued = [trial for trial in students if trial.state == TrialState.QUEUED]
        while len(queued) < free and len(students) < spec.budget.trials:
            suggestion = self.desk.take(experiment.experiment_id, search_problem(spec))
            if suggestion is None:
                break
            added = self._add_student(experiment, spec, suggestion, first=not students)
            queued.append(added)
            students.append(added)
        self._launch_in_free_slot(experiment, spec, queued[: max(free, 0)])
        ended = all(trial.state in FINAL_TRIAL_STATES for trial in students)
        if ended and len(students) >= spec.budget.trials:
            self._end(experiment, ExperimentState.COMPLETED, None)

    def _prepare_suggestions(
        self, experiment: ExperimentRow, spec: ExperimentSpec, students: list[TrialRow]
    ) -> None:
        left = spec.budget.trials - len(students)
        if left > 0:
            wanted = min(left, len(self._free_slots()) + self.settings.prefetch)
            self.desk.prepare(experiment.experiment_id, spec.strategy.name, search_problem(spec), wanted)

    def _add_student(
        self, experiment: ExperimentRow, spec: ExperimentSpec, suggestion: Suggestion, *, first: bool
    ) -> TrialRow:
        role = "baseline" if first and suggestion.strategy == "baseline" else "student"
        record = SuggestionRow(
            strategy=suggestion.strategy,
            acquisition_value=suggestion.acquisition_value,
            predicted={name: list(pair) for name, pair in suggestion.predicted.items()} or None,
            seconds=suggestion.seconds,
            note=suggestion.note,
        )
        number = len(list_trials(self.store, experiment.experiment_id))
        new = NewTrial(role, suggestion.parameters, spec.seed + number, record)
        return add_trials(self.store, experiment.experiment_id, [new], state=TrialState.QUEUED)[0]

    def _launch_in_free_slot(
        self,
        experiment: ExperimentRow,
        spec: ExperimentSpec,
        trials: Iterable[TrialRow],
        threads: int | None = None,
    ) -> None:
        for trial, slot in zip(trials, self._free_slots(), strict=False):
            folder = self.supervisor.folder(trial)
            if not folder.spec.exists():
                folder.write_spec(
                    TrialSpec.model_validate(
                        {
                            "experiment": spec,
                            "name": experiment.name,
                            "number": trial.number,
                            "role": trial.role,
                            "parameters": trial.parameters,
                            "seed": trial.seed,
                            "cache": self.home.cache,
                        }
                    )
                )
            # First the row, then the process: a crash between the two costs an attempt, never a second process.
            if not self._claim(experiment, trial):
                continue
            self._slot_of[trial.trial_id] = slot
            try:
                self.executor.launch(folder, trial.attempts + 1, slot, threads)
            except ExecutorError as error:
                log.exception("%s/%d could not be started", experiment.name, trial.number)
                self.supervisor.lose(trial, str(error))

    def _claim(self, experiment: ExperimentRow, trial: TrialRow) -> bool:
        """Move a trial to running, unless a person paused or stopped it or its experiment a moment ago."""
        with self.store.write():
            return get_experiment(self.store, experiment.name).state in ACTIVE and move_trial(
                self.store,
                trial.trial_id,
                TrialState.RUNNING,
                allowed_from=trial_sources(TrialState.RUNNING),
                started=True,
                new_attempt=True,
            )

    def _free_slots(self) -> list[Slot]:
        """Slots without a trial; a trial of an earlier server keeps the slot that its lock names."""
        slots = self.executor.slots()
        taken = set()
        for experiment in list_experiments(self.store):
            for trial in list_trials(self.store, experiment.experiment_id, {TrialState.RUNNING}):
                slot = self._slot_of.get(trial.trial_id)
                holder = None if slot else self.supervisor.folder(trial).holder()
                taken.add(slot.index if slot else holder.slot if holder else -1)
        return [slot for slot in slots if slot.index not in taken]

    def _update_frontier(self, experiment: ExperimentRow) -> None:
        spec = self._spec(experiment)
        students = [t for t in list_trials(self.store, experiment.experiment_id) if t.role != "teacher"]
        measured = measured_trials(self.store, experiment.experiment_id, students)
        numbers = frontier(spec.metrics, {item.number: item.metrics for item in measured})
        set_frontier(self.store, experiment.experiment_id, numbers)

    def _end(self, experiment: ExperimentRow, to: ExperimentState, reason: str | None) -> None:
        self._move(experiment, to, reason, finished=True)
        log.info("%s %s%s", experiment.name, to, _because(reason))

    def _move(
        self, experiment: ExperimentRow, to: ExperimentState, reason: str | None, *, finished: bool = False
    ) -> None:
        move_experiment(
            self.store,
            experiment.experiment_id,
            to,
            allowed_from=experiment_sources(to) & ACTIVE,
            reason=reason,
            finished=finished,
        )

    def _spec(self, experiment: ExperimentRow) -> ExperimentSpec:
        if experiment.experiment_id not in self._specs:
            try:
                self._specs[experiment.experiment_id] = ExperimentSpec.model_validate(experiment.spec)
            except ValidationError as error:
                raise SettingError(
                    f"the specification of {experiment.name} was stored by another version: {error}"
                ) from error
        return self._specs[experiment.experiment_id]


def run_to_end(runner: Runner, name: str) -> Iterable[ExperimentRow]:
    """Tick until the experiment is no longer active; yields its row after every pass.

    Raises:
        BertFrontierError: when the executor cannot work.
    """
    while True:
        runner.tick()
        experiment = get_experiment(runner.store, name)
        yield experiment
        running = list_trials(runner.store, experiment.experiment_id, {TrialState.RUNNING})
        if experiment.state not in ACTIVE and not running:
            return
        time.sleep(runner.settings.poll_seconds)


def _because(reason: str | None) -> str:
    return f": {reason}" if reason else ""

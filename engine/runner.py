"""The runner: one loop that watches trials, queues lost ones again, and lets experiments go on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

from engine.early_stopping.watch import EarlyStopping
from engine.errors import SettingError
from engine.executors.local import LocalExecutor
from engine.frontier import frontier
from engine.launch import stored_spec
from engine.launcher import Launcher
from engine.lifecycle import ACTIVE_EXPERIMENT_STATES, TrialState
from engine.observations import measured_trials
from engine.scheduling import Scheduler, because
from engine.settings import Home, RunnerSettings
from engine.suggestions import SuggestionDesk
from engine.supervision import Supervisor
from storage.experiments import ExperimentRow, experiment_by_id, get_experiment, list_experiments
from storage.store import Store
from storage.trials import TrialRow, list_trials, reload_trial, set_frontier, trials_in

log = logging.getLogger(__name__)

RETRY_SECONDS = 2.0
"""Pause of the loop after an unexpected error, so that a full disk does not fill the log too."""


class Runner:
    """Carries out experiments. ``tick`` is one pass; ``start`` runs passes in a thread of its own."""

    def __init__(
        self,
        store: Store,
        home: Home,
        settings: RunnerSettings | None = None,
        *,
        only: str | None = None,
        executor: LocalExecutor | None = None,
        desk: SuggestionDesk | None = None,
    ) -> None:
        """Make a runner.

        Args:
            store: the database.
            home: where trial folders and caches are.
            settings: limits.
            only: name of the one experiment to advance; None advances all. All running trials are watched.
            executor: where trials run; this machine, unless given.
            desk: where suggestions come from; a process of its own, unless given.
        """
        self.store = store
        self.settings = settings or RunnerSettings()
        self.executor = executor or LocalExecutor(self.settings)
        self.only = only
        self.last_error: str | None = None
        self._desk = desk or SuggestionDesk(store, self.settings)
        self._supervisor = Supervisor(store, home, self.executor, self.settings)
        self._launcher = Launcher(self._supervisor)
        self._scheduler = Scheduler(store, self.settings, self._launcher, self._desk, EarlyStopping(store))
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the loop. The executor starts with the first experiment: its libraries take seconds and memory."""
        self._thread = threading.Thread(target=self._loop, name="runner", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the loop and its helpers. Running trials go on and are adopted by the next runner."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._desk.close()
        self.executor.close()

    def tick(self) -> bool:
        """One pass over everything.

        Returns:
            Whether there was anything to look after; if not, there is nothing before the database changes.
        """
        trials = trials_in(self.store, {TrialState.RUNNING, TrialState.LOST})
        for trial in trials:
            self._look_after(trial)
        active = list_experiments(self.store, ACTIVE_EXPERIMENT_STATES)
        for experiment in active:
            if self.only in (None, experiment.name):
                self._scheduler.advance(experiment)
        return bool(trials or active)

    def _loop(self) -> None:
        idle_since: int | None = None
        while not self._stop.wait(self.settings.poll_seconds):
            # Only this process writes the database, so that without a change there is still nothing to do.
            revision = self.store.revision
            if revision == idle_since:
                continue
            try:
                idle_since = None if self.tick() else revision
                self.last_error = None
            except Exception as error:
                # The boundary of the thread: whatever happened, running trials must stay looked after.
                self.last_error = f"{type(error).__name__}: {error}"
                log.exception("the runner will try again")
                self._stop.wait(RETRY_SECONDS)

    def _look_after(self, trial: TrialRow) -> None:
        if trial.state == TrialState.RUNNING and self._supervisor.watch(trial):
            return
        experiment = experiment_by_id(self.store, trial.experiment_id)
        if trial.state == TrialState.RUNNING:
            self._launcher.release(trial)
            self._update_frontier(experiment)
            trial = reload_trial(self.store, trial)
            log.info("%s/%d %s%s", experiment.name, trial.number, trial.state, because(trial.reason))
        if trial.state == TrialState.LOST and experiment.state in ACTIVE_EXPERIMENT_STATES:
            self._supervisor.requeue_lost(trial)

    def _update_frontier(self, experiment: ExperimentRow) -> None:
        trials = list_trials(self.store, experiment.experiment_id, {TrialState.COMPLETED})
        students = [trial for trial in trials if trial.is_student]
        measured = measured_trials(self.store, experiment.experiment_id, students)
        try:
            metrics = stored_spec(experiment).metrics
        except SettingError:
            # The scheduler ends such an experiment and says why; the others must not wait for it.
            return
        numbers = frontier(metrics, {item.number: item.metrics for item in measured})
        set_frontier(self.store, experiment.experiment_id, numbers)


def run_to_end(runner: Runner, name: str) -> Iterator[ExperimentRow]:
    """Tick until the experiment is no longer active; yields its row after every pass.

    Raises:
        BertFrontierError: when the executor cannot work.
    """
    while True:
        runner.tick()
        experiment = get_experiment(runner.store, name)
        yield experiment
        running = list_trials(runner.store, experiment.experiment_id, {TrialState.RUNNING})
        if experiment.state not in ACTIVE_EXPERIMENT_STATES and not running:
            return
        time.sleep(runner.settings.poll_seconds)

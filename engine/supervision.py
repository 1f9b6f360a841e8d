"""Watching running trials: reads their events, carries out what a person asked, and settles those that ended."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from engine.executors.local import LocalExecutor
from engine.lifecycle import FINAL_TRIAL_STATES, REQUESTS, STOP_EARLY, TrialState, trial_sources
from engine.settings import Home, RunnerSettings
from engine.trial_folder import TrialFolder
from storage.agora import ingest_generated, ingest_reconsidered
from storage.curves import ended_attempts, final_event
from storage.early_stops import drop_early_stop, open_early_stop
from storage.example_scores import ingest_example_scores
from storage.ingest import ingest
from storage.store import Store
from storage.trials import TrialRow, move_trial, reload_trial, request_trial


@dataclass(slots=True)
class Supervisor:
    """Looks after running trials, whichever server started them.

    Attributes:
        store: the database.
        home: where trial folders are.
        executor: starts and ends processes.
        settings: limits.
    """

    store: Store
    home: Home
    executor: LocalExecutor
    settings: RunnerSettings
    _asked_at: dict[int, float] = field(default_factory=dict)
    _gone_at: dict[int, float] = field(default_factory=dict)

    def folder(self, trial: TrialRow) -> TrialFolder:
        """The trial's folder."""
        return TrialFolder(self.home.path / trial.folder)

    def watch(self, trial: TrialRow) -> bool:
        """Bring a running trial's rows up to date; gives whether it is still running."""
        folder = self.folder(trial)
        # Before reading: once the process is gone, everything it had to say is in the file.
        alive = folder.holder() is not None
        ingest(self.store, trial.trial_id, folder.events)
        if alive:
            if trial.requested is None:
                self._asked_at.pop(trial.trial_id, None)
            else:
                self._ask_to_stop(trial, folder)
            return True
        if self._is_being_noted(trial, folder):
            return True
        self._asked_at.pop(trial.trial_id, None)
        self._gone_at.pop(trial.trial_id, None)
        self._settle(trial, folder)
        return False

    def lose(self, trial: TrialRow, reason: str) -> None:
        """Count a trial as lost whose process could not be started."""
        self._move(trial, TrialState.LOST, reason)

    def requeue_lost(self, trial: TrialRow) -> None:
        """Queue a lost trial again, or count it as failed when its processes keep vanishing.

        Attempts that ended with a last word, such as those that were paused, do not count against it.
        """
        vanished = trial.attempts - ended_attempts(self.store, trial.trial_id)
        if vanished < self.settings.max_attempts:
            self._move(trial, TrialState.QUEUED, trial.reason)
            return
        reason = (
            f"{trial.reason}; its process vanished {vanished} times, so its settings are held to be at fault"
        )
        self._move(trial, TrialState.FAILED, reason, trial.error)

    def _is_being_noted(self, trial: TrialRow, folder: TrialFolder) -> bool:
        """Whether the process has just gone without a last word and its parent may be noting how it ended."""
        if folder.exit.exists() or final_event(self.store, trial.trial_id, trial.attempts) is not None:
            return False
        gone_at = self._gone_at.setdefault(trial.trial_id, time.monotonic())
        return time.monotonic() - gone_at < self.settings.exit_seconds

    def _ask_to_stop(self, trial: TrialRow, folder: TrialFolder) -> None:
        asked = self._asked_at.get(trial.trial_id)
        if asked is None:
            self._asked_at[trial.trial_id] = time.monotonic()
            self.executor.ask_to_stop(folder)
        elif time.monotonic() - asked > self.settings.grace_seconds:
            self.executor.kill(folder)

    def _settle(self, trial: TrialRow, folder: TrialFolder) -> None:
        """Move a trial whose process is gone to the state its last words, or their absence, mean."""
        last = final_event(self.store, trial.trial_id, trial.attempts)
        kind = None if last is None else last["kind"]
        with self.store.write():
            # Read again: since the row was listed, a person may have asked for something else.
            trial = reload_trial(self.store, trial)
            if kind == "finished":
                ingest_example_scores(self.store, trial.trial_id, folder.example_scores)
                ingest_generated(self.store, trial.trial_id, folder.generated)
                ingest_reconsidered(self.store, trial.trial_id, folder.reconsidered)
                self._move(trial, TrialState.COMPLETED, None)
            elif kind == "failed" and last is not None:
                self._move(trial, TrialState.FAILED, last["reason"], last["error"])
            elif trial.requested is not None:
                self._move(trial, *self._asked_for(trial, trial.requested))
            elif kind == "stopped":
                self._move(trial, TrialState.LOST, "it was told to stop, but not for good")
            else:
                self._move(trial, TrialState.LOST, folder.how_it_ended())
            if trial.requested is not None:
                request_trial(self.store, trial.trial_id, None)
            if kind in ("finished", "failed") or trial.requested != STOP_EARLY:
                drop_early_stop(self.store, trial.trial_id)

    def _asked_for(self, trial: TrialRow, requested: str) -> tuple[TrialState, str]:
        """The state a request means, and its reason; early stopping has stored one of its own."""
        to, reason = REQUESTS[requested]
        early = open_early_stop(self.store, trial.trial_id) if requested == STOP_EARLY else None
        return to, reason if early is None else early.reason

    def _move(self, trial: TrialRow, to: TrialState, reason: str | None, error: str | None = None) -> None:
        move_trial(
            self.store,
            trial.trial_id,
            to,
            allowed_from=trial_sources(to),
            reason=reason,
            error=error,
            finished=to in FINAL_TRIAL_STATES,
        )

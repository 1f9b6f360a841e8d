"""Free slots, and starting trials in them so that no trial ever has two processes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.errors import ExecutorError
from engine.executors.local import Slot
from engine.experiment import ExperimentSpec
from engine.lifecycle import ACTIVE_EXPERIMENT_STATES, TrialState, trial_sources
from engine.supervision import Supervisor
from engine.trial_folder import AgoraPlace, TrialSpec
from storage.agora import agora_place
from storage.experiments import ExperimentRow, get_experiment
from storage.trials import TrialRow, move_trial, trials_in

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Launcher:
    """Gives queued trials a slot and a process.

    Attributes:
        supervisor: looks after the trials that run; its store, home and executor are used here too.
    """

    supervisor: Supervisor
    _slot_of: dict[int, Slot] = field(default_factory=dict)

    def free_slots(self) -> list[Slot]:
        """Slots without a trial; a trial of an earlier server keeps the slot that its lock names."""
        slots = self.supervisor.executor.slots()
        taken = set()
        for trial in trials_in(self.supervisor.store, {TrialState.RUNNING}):
            slot = self._slot_of.get(trial.trial_id)
            holder = None if slot else self.supervisor.folder(trial).holder()
            taken.add(slot.index if slot else holder.slot if holder else -1)
        return [slot for slot in slots if slot.index not in taken]

    def release(self, trial: TrialRow) -> None:
        """Forget the slot of a trial that has ended."""
        self._slot_of.pop(trial.trial_id, None)

    def launch(
        self,
        experiment: ExperimentRow,
        spec: ExperimentSpec,
        trials: Sequence[TrialRow],
        threads: int | None = None,
    ) -> None:
        """Start as many of the trials, in their order, as there are free slots.

        Args:
            experiment: the trials' experiment.
            spec: its specification.
            trials: queued trials.
            threads: CPU threads of each, if other than its slot's.
        """
        for trial, slot in zip(trials, self.free_slots(), strict=False):
            self._write_spec(experiment, spec, trial)
            # First the row, then the process: a crash between the two costs an attempt, never a second process.
            if not self._claim(experiment, trial):
                continue
            self._slot_of[trial.trial_id] = slot
            folder = self.supervisor.folder(trial)
            try:
                self.supervisor.executor.launch(folder, trial.attempts + 1, slot, threads)
            except ExecutorError as error:
                log.exception("%s/%d could not be started", experiment.name, trial.number)
                self.supervisor.lose(trial, str(error))

    def _write_spec(self, experiment: ExperimentRow, spec: ExperimentSpec, trial: TrialRow) -> None:
        folder = self.supervisor.folder(trial)
        if folder.spec.exists():
            return
        facts: dict[str, Any] = {
            "experiment": spec,
            "name": experiment.name,
            "number": trial.number,
            "role": trial.role,
            "parameters": trial.parameters,
            "seed": trial.seed,
            "cache": self.supervisor.home.cache,
        }
        if place := agora_place(self.supervisor.store, trial.trial_id):
            facts["agora"] = AgoraPlace(round=place[0], parents=place[1])
        folder.write_spec(TrialSpec.model_validate(facts))

    def _claim(self, experiment: ExperimentRow, trial: TrialRow) -> bool:
        """Move a trial to running, unless a person paused or stopped it or its experiment a moment ago."""
        store = self.supervisor.store
        with store.write():
            present = get_experiment(store, experiment.name)
            return present.state in ACTIVE_EXPERIMENT_STATES and move_trial(
                store,
                trial.trial_id,
                TrialState.RUNNING,
                allowed_from=trial_sources(TrialState.RUNNING),
                started=True,
                new_attempt=True,
            )

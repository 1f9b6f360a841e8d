"""Trials without processes: real folders, locks held by the test itself, and events it writes on their behalf."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from engine.events import Evaluation, Event, Failed, Finished, Progress, Started
from engine.executors.local import LocalExecutor, Slot
from engine.runner import Runner
from engine.settings import Home, RunnerSettings
from engine.strategies import registry
from engine.strategies.interface import SearchProblem, Suggestion
from engine.suggestions import SuggestionDesk
from engine.trial_folder import EventWriter, Holder, TrialFolder, note_holder, take_lock
from storage.store import Store

METRICS = {"exact": 50.0, "num_parameters": 1000.0, "latency_ms": 3.0}


@dataclass
class FakeTrial:
    """A trial that 'runs': its lock, its event file, and whether it was asked to stop."""

    folder: TrialFolder
    lock: int
    writer: EventWriter
    attempt: int
    asked: bool = False


class FakeExecutor(LocalExecutor):
    """Stands for the machine: it outlives any runner, as real trials do."""

    def __init__(self, slots: int = 2) -> None:
        super().__init__(RunnerSettings())
        self.running: dict[Path, FakeTrial] = {}
        self.launched: list[tuple[Path, int, int]] = []
        self.error: Exception | None = None
        self._slots = tuple(Slot(index, 1) for index in range(slots))

    def start(self) -> None:
        pass

    def close(self) -> None:
        pass

    def slots(self) -> tuple[Slot, ...]:
        return self._slots

    def launch(self, folder: TrialFolder, attempt: int, slot: Slot, threads: int | None = None) -> bool:
        if self.error is not None:
            raise self.error
        lock = take_lock(folder)
        assert lock is not None, f"a second process for {folder.path}"
        note_holder(lock, Holder(os.getpid(), slot.index))
        folder.exit.unlink(missing_ok=True)
        writer = EventWriter(folder.events, attempt)
        writer.write(Started(os.getpid(), "host", "cpu", 1))
        self.running[folder.path] = FakeTrial(folder, lock, writer, attempt)
        self.launched.append((folder.path, attempt, slot.index))
        return True

    def ask_to_stop(self, folder: TrialFolder) -> None:
        self.running[folder.path].asked = True

    def kill(self, folder: TrialFolder) -> None:
        self.end(folder.path, None, signal=9)

    def end(self, path: Path, last: Event | None, status: int = 0, signal: int = 0) -> None:
        """End a trial with a last event, or without a word."""
        trial = self.running.pop(path)
        if last is not None:
            trial.writer.write(last)
        trial.writer.close()
        os.close(trial.lock)
        trial.folder.exit.write_text(json.dumps({"status": status, "signal": signal}))

    def evaluate(self, path: Path, share: float, **metrics: float) -> None:
        """A trial measures itself when ``share`` of its training is done."""
        writer = self.running[path].writer
        writer.write(Evaluation(round(100 * share), {"train_flops": 1000 * share, **metrics}, {"exact": 1.0}))
        writer.write(Progress(share, "training"))

    def finish(self, path: Path, **metrics: float) -> None:
        self.end(path, Finished(METRICS | metrics, {"exact": 1.0}))

    def fail(self, path: Path, reason: str = "out of memory: on purpose") -> None:
        self.end(path, Failed(reason, f"Traceback\n{reason}"))


class InstantDesk(SuggestionDesk):
    """Suggests at once, in this process."""

    def prepare(self, experiment_id: int, strategy: str, problem: SearchProblem, wanted: int) -> None:
        pass

    def take(self, experiment_id: int, problem: SearchProblem) -> Suggestion | None:
        return registry.suggest("sobol", problem, self._seen(experiment_id), 1)[0]


def fake_runner(
    machine: FakeExecutor, store: Store, home: Home, settings: RunnerSettings, only: str | None = None
) -> Runner:
    """A runner on that machine."""
    return Runner(store, home, settings, only=only, executor=machine, desk=InstantDesk(store, settings))

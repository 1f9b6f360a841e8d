"""Trials of a real experiment without its runner: each in a fresh process, its outcome one line of a file."""

from __future__ import annotations

import json
import multiprocessing
import resource
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from engine.experiment import ExperimentSpec
from engine.parameters import Configuration
from engine.trial_folder import TrialFolder, TrialSpec
from engine.trial_process import run_trial
from tests.benchmarks.search.problem import Metrics, SearchTask


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What came of a trial.

    Attributes:
        number: from 1, the baseline.
        parameters: its configuration.
        seed: of its training.
        metrics: None when it failed.
        standard_errors: of the metrics that have one.
        reason: why it failed, or empty.
        seconds: CPU seconds of its process.
    """

    number: int
    parameters: Configuration
    seed: int
    metrics: Metrics | None
    standard_errors: Metrics
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Training:
    """An experiment, the folder its trials are kept in, and the threads each may use."""

    spec: ExperimentSpec
    folder: Path
    threads: int

    @property
    def teacher(self) -> TrialFolder:
        """Folder of the trial that prepares what all others share."""
        return TrialFolder(self.folder / "teacher")

    def results(self, method: str) -> Path:
        """File of a method's trials."""
        return self.folder / f"{method}.jsonl"

    def run(self, method: str, number: int, parameters: Configuration) -> TrialResult:
        """Run a trial and put it on record.

        Raises:
            RuntimeError: when its process ended without a final event.
        """
        seed = self.spec.seed + number
        role: Literal["baseline", "student"] = "baseline" if number == 1 else "student"
        before = _seconds_of_children()
        last = self.last_event(
            TrialFolder(self.folder / method / f"{number:03d}"), role, number, parameters, seed
        )
        result = TrialResult(
            number,
            parameters,
            seed,
            last["metrics"] if last["kind"] == "finished" else None,
            last.get("standard_errors", {}),
            last.get("reason", ""),
            _seconds_of_children() - before,
        )
        with self.results(method).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(result)) + "\n")
        return result

    def last_event(
        self,
        folder: TrialFolder,
        role: Literal["teacher", "baseline", "student"],
        number: int,
        parameters: Any,
        seed: int,
    ) -> dict[str, Any]:
        """Run one trial process in its folder to its end.

        Raises:
            RuntimeError: when it ended without a final event.
        """
        folder.write_spec(
            TrialSpec(
                experiment=self.spec,
                name=self.spec.name,
                number=number,
                role=role,
                parameters=parameters,
                seed=seed,
                cache=self.folder / "cache",
            )
        )
        process = multiprocessing.get_context("spawn").Process(
            target=run_trial, args=(folder, 1, self.threads)
        )
        process.start()
        process.join()
        last: dict[str, Any] = json.loads(folder.events.read_text(encoding="utf-8").splitlines()[-1])
        if last["kind"] not in ("finished", "failed"):
            raise RuntimeError(f"the trial in {folder.path} ended with {last}, status {process.exitcode}")
        return last


def prepare(training: Training) -> None:
    """Prepare what all trials share, unless that was done before.

    Raises:
        RuntimeError: when it fails.
    """
    done = training.folder / "prepared"
    if done.exists():
        return
    last = training.last_event(training.teacher, "teacher", 0, {}, training.spec.seed)
    if last["kind"] != "finished":
        raise RuntimeError(f"preparing failed: {last}")
    done.write_text(json.dumps(last["metrics"]), encoding="utf-8")


def search_task(training: Training) -> SearchTask:
    """What a method is told of the experiment; needs its teacher prepared."""
    # Imported late: the database is not needed otherwise.
    from engine.search_problems import student_sizes

    spec = training.spec
    return SearchTask(
        spec.name, spec.space(), spec.metrics, student_sizes(spec, training.teacher), can_fail=True
    )


def read_results(path: Path) -> list[TrialResult]:
    """The trials on record, in order."""
    if not path.exists():
        return []
    return [TrialResult(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _seconds_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime

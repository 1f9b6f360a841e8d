"""A trial's folder: the only thing its process writes, with the lock that says whether that process is alive."""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from pydantic import BaseModel, ConfigDict

from engine.events import Event, to_line
from engine.experiment import ExperimentSpec
from engine.parameters import Configuration

NOTE_SECONDS = 1.0
"""Longest time between taking a lock and noting who holds it."""


class AgoraPlace(BaseModel):
    """Where a trial stands in Agora's rounds.

    Attributes:
        round: the round whose data it is trained on, or makes; 0 has the data as given.
        parents: numbers of the best students of the rounds before, in order: their mistakes make the data.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    round: int
    parents: tuple[int, ...]


class TrialSpec(BaseModel):
    """Everything a trial process needs to know; written once, before the first attempt.

    Attributes:
        experiment: the experiment's specification.
        name: the experiment's name as stored, which may carry a number the specification lacks.
        number: the trial's number; 0 prepares and measures the teacher.
        role: what the trial is for.
        parameters: its configuration.
        seed: of its training.
        cache: folder of features, teacher logits and embedded data.
        agora: its place in Agora's rounds; None under any other strategy, and for teachers.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    experiment: ExperimentSpec
    name: str
    number: int
    role: Literal["teacher", "baseline", "student", "augmentation"]
    parameters: Configuration
    seed: int
    cache: Path
    agora: AgoraPlace | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """The process behind a trial: its number, which is also that of its process group, and its slot."""

    pid: int
    slot: int


@dataclass(frozen=True, slots=True)
class TrialFolder:
    """Paths of a trial."""

    path: Path

    @property
    def spec(self) -> Path:
        """The trial's specification."""
        return self.path / "spec.json"

    @property
    def events(self) -> Path:
        """Numbered events, one JSON object a line, only ever appended to."""
        return self.path / "events.jsonl"

    @property
    def log(self) -> Path:
        """Standard output and error of every attempt."""
        return self.path / "log.txt"

    @property
    def checkpoint(self) -> Path:
        """What a later attempt goes on from."""
        return self.path / "checkpoint"

    @property
    def model(self) -> Path:
        """The finished model, as a Hugging Face folder."""
        return self.path / "model"

    @property
    def predictions(self) -> Path:
        """What the finished model answered, see ``engine.tasks.predictions``."""
        return self.path / "predictions.parquet"

    @property
    def examples(self) -> Path:
        """Of the teacher's trial: the evaluation examples as people read them, the same for all trials."""
        return self.path / "examples.parquet"

    @property
    def example_scores(self) -> Path:
        """Metrics of the finished model example by example, see ``engine.tasks.example_scores``."""
        return self.path / "example_scores.parquet"

    @property
    def generated(self) -> Path:
        """Of a trial that makes the data of a round of Agora: every example it generated, kept or not."""
        return self.path / "generated.parquet"

    @property
    def reconsidered(self) -> Path:
        """Of the same trial: what its student says of the examples of the round before, which it was trained on."""
        return self.path / "reconsidered.parquet"

    @property
    def architecture(self) -> Path:
        """Of the teacher's trial: the architecture students are derived from."""
        return self.path / "architecture.json"

    @property
    def lock(self) -> Path:
        """Held by the trial's process as long as it lives; tells its process number and slot."""
        return self.path / "process.lock"

    @property
    def exit(self) -> Path:
        """How the last process ended, as its parent saw it."""
        return self.path / "exit.json"

    def sibling(self, number: int) -> TrialFolder:
        """The folder of another trial of the same experiment."""
        return TrialFolder(self.path.parent / f"{number:04d}")

    def write_spec(self, spec: TrialSpec) -> None:
        """Make the folder and write the specification in one step."""
        self.path.mkdir(parents=True, exist_ok=True)
        part = self.spec.with_suffix(".part")
        part.write_text(spec.model_dump_json(indent=1), encoding="utf-8")
        part.replace(self.spec)

    def read_spec(self) -> TrialSpec:
        """The specification."""
        return TrialSpec.model_validate_json(self.spec.read_text(encoding="utf-8"))

    def holder(self) -> Holder | None:
        """The process that runs this trial now, or None.

        The lock tells: the kernel releases it when its holder ends, however that happens, so a process number
        that was given to somebody else can never be mistaken for the trial.
        """
        try:
            with self.lock.open("r+") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return _noted(file)
                return None
        except FileNotFoundError:
            return None

    def how_it_ended(self) -> str:
        """In words, how the last process of the trial ended."""
        try:
            record: dict[str, Any] = json.loads(self.exit.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return "its process vanished (machine restarted?)"
        if record["signal"]:
            hint = ", perhaps for want of memory" if record["signal"] == 9 else ""
            return f"its process was ended by signal {record['signal']}{hint}"
        return f"its process ended with status {record['status']}"


def _noted(file: IO[str]) -> Holder | None:
    """Who holds a lock. Whoever has just taken it notes itself a moment later: that is waited for."""
    end = time.monotonic() + NOTE_SECONDS
    while not (words := file.read().split()) and time.monotonic() < end:
        time.sleep(NOTE_SECONDS / 100)
        file.seek(0)
    return Holder(*map(int, words)) if words else None


def note_holder(lock: int, holder: Holder) -> None:
    """Write into a held lock who holds it."""
    os.pwrite(lock, f"{holder.pid:<12} {holder.slot:<6}".encode(), 0)


def take_lock(folder: TrialFolder) -> int | None:
    """An open descriptor that holds the trial's lock, or None when another process has it.

    The lock belongs to the open file, so a forked child that inherits the descriptor holds it too.
    """
    descriptor = os.open(folder.lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


class EventWriter:
    """Appends numbered events to a trial's file; any thread may use it."""

    def __init__(self, path: Path, attempt: int) -> None:
        self._attempt = attempt
        self._sequence = _mend(path)
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, event: Event) -> None:
        """Append one event; it is in the file when this returns, even if the process is killed next."""
        with self._lock:
            self._sequence += 1
            self._file.write(to_line(event, self._sequence, self._attempt))
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@contextmanager
def event_writer(path: Path, attempt: int) -> Iterator[EventWriter]:
    """An event writer that is closed in the end."""
    writer = EventWriter(path, attempt)
    try:
        yield writer
    finally:
        writer.close()


def _mend(path: Path) -> int:
    """Cut off a last line that a killed process left unfinished; gives the number of whole lines."""
    if not path.exists():
        return 0
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with path.open("r+b") as file:
            file.truncate(whole)
    return content.count(b"\n")

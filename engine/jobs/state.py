"""How far a job is, as a file that its process writes and everybody reads."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from engine.settings import Home


class JobKind(StrEnum):
    """What is done with a trial's model."""

    ONNX = "onnx"
    """Exported with an ONNX file, as a zip file."""
    INT8 = "int8"
    """Exported with an ONNX file and one in 8 bits."""
    CONFIRM = "confirm"
    """Measured on all evaluation examples."""


@dataclass(frozen=True, slots=True)
class JobFolder:
    """Where a job keeps its files, in the cache: all of it can be deleted, and is made again."""

    path: Path

    @property
    def status(self) -> Path:
        """Where it stands."""
        return self.path / "status.json"

    @property
    def lock(self) -> Path:
        """Held by its process as long as that lives."""
        return self.path / "process.lock"

    @property
    def log(self) -> Path:
        """Output of its process."""
        return self.path / "log.txt"

    @property
    def result(self) -> Path:
        """The zip file of an export."""
        return self.path / "model.zip"


def job_folder(home: Home, name: str, number: int, kind: JobKind) -> JobFolder:
    """The folder of a job of a trial."""
    return JobFolder(home.cache / "jobs" / f"{name}-{number}-{kind}")


@dataclass(frozen=True, slots=True)
class JobStatus:
    """What a job says of itself.

    Attributes:
        state: ``running``, ``done`` or ``failed``.
        doing: what it is doing, or why it failed.
        share: share of the work done, from 0 to 1.
        began: when it began, in seconds since 1970.
        model: time stamp of the model's weights, so that an old result is not taken for one of a new model.
        pid: its process.
    """

    state: str
    doing: str
    share: float
    began: float
    model: int
    pid: int

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.time() - self.began


def write_status(folder: JobFolder, status: JobStatus) -> None:
    """Put a status in the place of the one before, in one step."""
    part = folder.status.with_suffix(".part")
    part.write_text(json.dumps(asdict(status)), encoding="utf-8")
    part.replace(folder.status)


def read_status(folder: JobFolder) -> JobStatus | None:
    """The last status; None where there is none that can be read."""
    try:
        return JobStatus(**json.loads(folder.status.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


class Reporter:
    """Lets a job tell how far it is."""

    def __init__(self, folder: JobFolder, model: int) -> None:
        self._folder = folder
        self._status = JobStatus("running", "starting", 0.0, time.time(), model, os.getpid())
        write_status(folder, self._status)

    def tell(self, doing: str, share: float) -> None:
        """Say what is being done now, and the share that is done."""
        self._status = replace(self._status, doing=doing, share=share)
        write_status(self._folder, self._status)

    def end(self, state: str, doing: str) -> None:
        """Say how it ended."""
        share = 1.0 if state == "done" else self._status.share
        write_status(self._folder, replace(self._status, state=state, doing=doing, share=share))

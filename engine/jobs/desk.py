"""Starting jobs, asking how far they are, and ending them; a job outlives the server that started it."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from engine.errors import StateError
from engine.exporting import trial_folder
from engine.jobs.state import JobFolder, JobKind, JobStatus, job_folder, read_status, write_status
from engine.settings import Home
from engine.trial_folder import TrialFolder

MOST_RUNNING = 2
"""Jobs at a time: each takes a core for a while."""
LOG_BYTES = 600
"""Shown of the output of a job that vanished."""
WEIGHTS = "model.safetensors"


def start_job(home: Home, name: str, number: int, kind: JobKind) -> None:
    """Start a job in a process of its own; nothing happens where it is under way already.

    Raises:
        UnknownNameError: There is no such trial.
        ModelError: The trial has no model.
        StateError: ``MOST_RUNNING`` jobs are under way.
    """
    trial = trial_folder(home, name, number)
    folder = job_folder(home, name, number, kind)
    if running_jobs(home) >= MOST_RUNNING and not _held(folder.lock):
        raise StateError(f"{MOST_RUNNING} exports or measurements are under way; wait until one has ended")
    folder.path.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder.lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        folder.result.unlink(missing_ok=True)
        write_status(folder, JobStatus("running", "starting", 0.0, time.time(), _stamp(trial), 0))
        # -P keeps the folder the program was started in out of the import path. The lock belongs to the open file,
        # which the process inherits: it is held from before the process begins until it ends.
        command = [sys.executable, "-P", "-m", "engine.jobs.process"]
        with folder.log.open("wb") as log:
            subprocess.Popen(  # noqa: S603
                [*command, str(home.path), name, str(number), kind.value, str(_stamp(trial))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock,),
                start_new_session=True,
                env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE", "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
            )
    finally:
        os.close(lock)


def job_status(home: Home, name: str, number: int, kind: JobKind) -> JobStatus | None:
    """Where a job stands; None where it was never started, or its result is that of an earlier model."""
    folder = job_folder(home, name, number, kind)
    held = _held(folder.lock)
    status = read_status(folder)
    if status is None or status.model != _stamp(
        TrialFolder(home.path / "experiments" / name / f"{number:04d}")
    ):
        return None
    if status.state == "running" and not held:
        said = _tail(folder.log)
        return JobStatus(
            "failed",
            f"its process ended without a word{f': {said}' if said else ''}",
            status.share,
            status.began,
            status.model,
            status.pid,
        )
    if status.state == "done" and kind is not JobKind.CONFIRM and not folder.result.exists():
        return None
    return status


def stop_job(home: Home, name: str, number: int, kind: JobKind) -> None:
    """End a job that is under way, and forget it."""
    folder = job_folder(home, name, number, kind)
    status = read_status(folder)
    if status is not None and status.pid and _held(folder.lock):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(status.pid, signal.SIGTERM)
    forget_job(home, name, number, kind)


def forget_job(home: Home, name: str, number: int, kind: JobKind) -> None:
    """Remove a job's files, its result among them."""
    shutil.rmtree(job_folder(home, name, number, kind).path, ignore_errors=True)


def running_jobs(home: Home) -> int:
    """How many jobs are under way."""
    folder = home.cache / "jobs"
    return sum(_held(JobFolder(path).lock) for path in folder.iterdir()) if folder.is_dir() else 0


def _held(lock: Path) -> bool:
    """Whether a process holds a lock; the kernel frees it with its holder."""
    try:
        with lock.open("r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    except FileNotFoundError:
        pass
    return False


def _stamp(trial: TrialFolder) -> int:
    """When the model's weights were written; 0 where there are none."""
    try:
        return (trial.model / WEIGHTS).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LOG_BYTES))
            return file.read().decode("utf-8", errors="replace").strip()
    except FileNotFoundError:
        return ""

"""Runs trials with trainables made for tests, each in a process of its own: ``python trial_scenarios.py FOLDER``.

Every folder in FOLDER is a trial and named after its trainable. The exit status of each goes to ``status.txt`` in it.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
import traceback
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

import torch

from engine.distill import trial
from engine.distill.hyperparameters import hyperparameters
from engine.errors import DatasetError, DivergenceError
from engine.events import Event, Finished, Progress
from engine.trial_folder import TrialFolder, TrialSpec
from engine.trial_process import run_trial

Events = Generator[Event, None, None]


def finishes(folder: TrialFolder) -> Events:
    yield Progress(0.5, f"{torch.get_num_threads()} threads")
    yield Finished({"exact": 50.0, "f1": float("nan")}, {"exact": 1.0})


def fails(folder: TrialFolder) -> Events:
    yield Progress(0.5, "so far so good")
    raise ValueError("first line\nsecond line")


def diverges(folder: TrialFolder) -> Events:
    yield Progress(0.5, "so far so good")
    raise DivergenceError("the loss is nan at step 3")


def has_no_data(folder: TrialFolder) -> Events:
    yield Progress(0.0, "reading")
    raise DatasetError("no such file")


def has_impossible_settings(folder: TrialFolder) -> Events:
    yield Progress(0.0, "reading")
    hyperparameters({}, {"epochs": 0})


def runs_out_of_memory(folder: TrialFolder) -> Events:
    yield Progress(0.0, "allocating")
    torch.empty(2**60, dtype=torch.uint8)


def runs_out_of_gpu_memory(folder: TrialFolder) -> Events:
    yield Progress(0.0, "allocating")
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")


def runs_out_of_python_memory(folder: TrialFolder) -> Events:
    yield Progress(0.0, "allocating")
    bytearray(2**62)


def cannot_fork(folder: TrialFolder) -> Events:
    yield Progress(0.0, "allocating")
    raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))


def full_disk() -> BinaryIO:
    """A file on a disk that is always full."""
    device = Path("/dev/full")
    assert device.is_char_device()
    return device.open("wb")


def finds_the_disk_full(folder: TrialFolder) -> Events:
    yield Progress(0.0, "saving")
    with full_disk() as file:
        file.write(b"x")


def finds_the_disk_full_in_torch(folder: TrialFolder) -> Events:
    yield Progress(0.0, "saving")
    with full_disk() as file:
        torch.save({"weights": torch.zeros(10**6)}, file)


def stops(folder: TrialFolder) -> Events:
    try:
        for step in range(1000):
            if step == 2:
                os.kill(os.getpid(), signal.SIGTERM)
            yield Progress(step / 1000, f"step {step}")
    finally:
        (folder.path / "closed").touch()


def ends_while_asked_to_stop(folder: TrialFolder) -> Events:
    os.kill(os.getpid(), signal.SIGTERM)
    yield Finished({"exact": 50.0})


def cannot_save_when_asked_to_stop(folder: TrialFolder) -> Events:
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        yield Progress(0.5, "half")
    finally:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def is_killed(folder: TrialFolder) -> Events:
    yield Progress(0.5, "half")
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def trainable(spec: TrialSpec, folder: TrialFolder) -> Events:
    return globals()[folder.path.name](folder)  # type: ignore[no-any-return]


def main() -> None:
    trial.TRAINABLES["student"] = trainable
    for path in sorted(Path(sys.argv[1]).iterdir()):
        child = os.fork()
        if child == 0:
            log = os.open(path / "log.txt", os.O_WRONLY | os.O_CREAT)
            os.dup2(log, 1)
            os.dup2(log, 2)
            status = 1
            try:
                run_trial(TrialFolder(path), 1, 1)
                status = 0
            except BaseException:  # noqa: BLE001 - the boundary of the process
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(status)
        _, status = os.waitpid(child, 0)
        (path / "status.txt").write_text(str(os.waitstatus_to_exitcode(status)))


if __name__ == "__main__":
    main()

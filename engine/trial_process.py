"""The thin process around a trial: runs its generator, writes its events down, and turns errors into events."""

from __future__ import annotations

import errno
import os
import signal
import socket
import traceback
from collections.abc import Generator
from contextlib import closing
from types import FrameType

from pydantic import ValidationError

from engine.errors import BertFrontierError
from engine.events import Event, Failed, Started, Stopped
from engine.trial_folder import EventWriter, TrialFolder, event_writer

MACHINE_FAULTS = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EIO,
    errno.EROFS,
    errno.EMFILE,
    errno.ENFILE,
    errno.ESTALE,
}
"""Errors of the operating system that say nothing about a trial's settings: the trial counts as lost."""


class _StopFlag:
    """Set by SIGTERM; looked at between two events."""

    def __init__(self) -> None:
        self.requested = False
        signal.signal(signal.SIGTERM, self._set)

    def _set(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's shape
        self.requested = True


def run_trial(folder: TrialFolder, attempt: int, threads: int) -> None:
    """Run one attempt of the trial in this process, to its end or until SIGTERM.

    An error that is the machine's fault (a full disk, say) is raised, so that the process ends with a status and
    without a final event, which makes the trial count as lost.
    """
    stop = _StopFlag()
    # Imported here: the fork server has loaded torch before it forks, and nobody else needs it.
    import torch

    from engine.distill.precision import default_device
    from engine.distill.trial import TRAINABLES

    torch.set_num_threads(threads)
    with event_writer(folder.events, attempt) as writer:
        try:
            spec = folder.read_spec()
            device = default_device()
            writer.write(Started(os.getpid(), socket.gethostname(), _device_name(device.type), threads))
            _write_all(TRAINABLES[spec.role](spec, folder), writer, stop)
        except Exception as error:
            if isinstance(error, OSError) and error.errno in MACHINE_FAULTS:
                raise
            traceback.print_exc()
            writer.write(Failed(_reason(error), traceback.format_exc()))


def _write_all(events: Generator[Event, None, None], writer: EventWriter, stop: _StopFlag) -> None:
    with closing(events):
        for event in events:
            writer.write(event)
            if stop.requested and event.kind not in ("finished", "failed"):
                break
        else:
            return
    writer.write(Stopped("asked to stop; a checkpoint was written"))


def _reason(error: Exception) -> str:
    """One line that says why a trial failed."""
    text = str(error).strip().split("\n")[0]
    if isinstance(error, MemoryError) or "out of memory" in text.lower() or "can't allocate memory" in text:
        return f"out of memory: {text or type(error).__name__}"
    if isinstance(error, ValidationError):
        return f"impossible settings: {error.errors()[0]['msg']}"
    if isinstance(error, BertFrontierError):
        return text
    return f"{type(error).__name__}: {text}"


def _device_name(kind: str) -> str:
    import torch

    return torch.cuda.get_device_name() if kind == "cuda" else "cpu"

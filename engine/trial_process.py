"""The thin process around a trial: runs its generator, writes its events down, and turns errors into events."""

from __future__ import annotations

import errno
import os
import re
import signal
import socket
import traceback
from collections.abc import Generator
from contextlib import closing
from types import FrameType

from pydantic import ValidationError

from engine.errors import BertFrontierError
from engine.events import Event, Failed, Started, Stopped
from engine.resources import watched
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


_FAULT_TEXT = re.compile(
    "|".join(
        [*(re.escape(os.strerror(number)) for number in sorted(MACHINE_FAULTS)), r"requested and \d+ written"]
    )
)
_MEMORY_TEXT = re.compile("out of memory|can(?:'|no)t allocate memory", re.IGNORECASE)


class _StopFlag:
    """Set by SIGTERM; looked at between two events."""

    def __init__(self) -> None:
        self.requested = False
        signal.signal(signal.SIGTERM, self._set)

    def _set(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's shape
        self.requested = True


def run_trial(folder: TrialFolder, attempt: int, threads: int, resource_seconds: float = 0.0) -> None:
    """Run one attempt of the trial in this process, to its end or until SIGTERM.

    What it uses of the machine is written down every ``resource_seconds``; never where that is 0.

    An error that is the machine's fault (a full disk, say) is raised, so that the process ends with a status and
    without a final event, which makes the trial count as lost.
    """
    stop = _StopFlag()
    # Imported here: the fork server has loaded torch before it forks, and nobody else needs it.
    import torch

    from engine.distill.training.precision import default_device
    from engine.distill.trial import trainable_of

    torch.set_num_threads(threads)
    with event_writer(folder.events, attempt) as writer:
        try:
            spec = folder.read_spec()
            device = default_device()
            writer.write(Started(os.getpid(), socket.gethostname(), _device_name(device.type), threads))
            with watched(writer.write, resource_seconds):
                _write_all(trainable_of(spec)(spec, folder), writer, stop)
        except Exception as error:
            if is_machine_fault(error):
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


def is_machine_fault(error: BaseException) -> bool:
    """Whether a full disk or the like lies behind an error.

    Libraries say so in ways of their own: torch raises a RuntimeError out of the OSError, safetensors and numpy
    have nothing but the text.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in MACHINE_FAULTS:
            return True
        if _FAULT_TEXT.search(str(cause)):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _reason(error: Exception) -> str:
    """One line that says why a trial failed."""
    text = str(error).strip().split("\n")[0]
    if isinstance(error, MemoryError) or _MEMORY_TEXT.search(text):
        return f"out of memory: {text or type(error).__name__}"
    if isinstance(error, ValidationError):
        return f"impossible settings: {error.errors()[0]['msg']}"
    if isinstance(error, BertFrontierError):
        return text
    return f"{type(error).__name__}: {text}"


def _device_name(kind: str) -> str:
    import torch

    return torch.cuda.get_device_name() if kind == "cuda" else "cpu"

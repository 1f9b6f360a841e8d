"""The fork server: a process with torch and transformers loaded that turns into trial processes within milliseconds.

Run as ``python -m engine.executors.fork_server``. It reads one JSON request a line from standard input and answers
one JSON line each; the owner waits for the answer before it asks again. When its input ends (its owner stopped or
was killed) it takes no more requests, waits for the trials it started, notes how each ended, and goes; the trials
themselves never notice.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from engine.trial_folder import Holder, TrialFolder, note_holder, take_lock

PRELOAD = ("torch", "transformers", "engine.distill.trial", "engine.trial_process")
REAP_SECONDS = 0.5


def serve() -> None:
    """Answer requests until input ends, then wait for the trials."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for name in PRELOAD:
        __import__(name)
    children: dict[int, TrialFolder] = {}
    answers.write(json.dumps({"ready": True, "gpus": _count_gpus()}) + "\n")
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            if selector.select(REAP_SECONDS):
                line = sys.stdin.readline()
                if not line:
                    break
                answers.write(json.dumps(_start(json.loads(line), children)) + "\n")
            _reap(children, block=False)
    while children:
        _reap(children, block=True)


def _start(request: Mapping[str, Any], children: dict[int, TrialFolder]) -> dict[str, Any]:
    """Fork a trial process; its folder is locked before this returns, so that nobody starts it twice."""
    folder = TrialFolder(Path(request["folder"]))
    try:
        lock = take_lock(folder)
    except OSError as error:
        return {"error": f"the lock of {folder.path} cannot be taken: {error.strerror}"}
    if lock is None:
        return {"running": True}
    child = os.fork()
    if child == 0:
        _become_trial(folder, lock, request)
    note_holder(lock, Holder(child, request["slot"]))
    os.close(lock)
    children[child] = folder
    return {"started": child}


def _become_trial(folder: TrialFolder, lock: int, request: Mapping[str, Any]) -> NoReturn:
    """In the child: a session of its own, its own log, then the trial."""
    status = 1
    try:
        os.setsid()
        note_holder(lock, Holder(os.getpid(), request["slot"]))
        folder.exit.unlink(missing_ok=True)
        log = os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        # The owner's pipes must not be kept open by a trial that outlives it.
        os.closerange(3, lock)
        os.closerange(lock + 1, 256)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.environ.update(request.get("environment", {}))
        from engine.trial_process import run_trial

        run_trial(folder, request["attempt"], request["threads"], request["resource_seconds"])
        status = 0
    except BaseException:  # noqa: BLE001 - the process boundary: the log must say what happened
        traceback.print_exc()
    finally:
        # Leave without the parent's clean-up: its buffers and locks are not the child's to flush or free.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _reap(children: dict[int, TrialFolder], *, block: bool) -> None:
    """Note how ended children ended."""
    while children:
        try:
            child, status = os.waitpid(-1, 0 if block else os.WNOHANG)
        except ChildProcessError:
            return
        if child == 0:
            return
        folder = children.pop(child, None)
        if folder is not None and folder.path.exists():
            code = os.waitstatus_to_exitcode(status)
            record = {"status": max(code, 0), "signal": max(-code, 0)}
            folder.exit.write_text(json.dumps(record), encoding="utf-8")


def _count_gpus() -> int:
    """GPUs of this machine, counted in a child so that this process never touches CUDA (forks could not use it)."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        import torch

        os.write(write, str(torch.cuda.device_count()).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        count = int(pipe.read() or 0)
    os.waitpid(child, 0)
    return count


if __name__ == "__main__":
    serve()

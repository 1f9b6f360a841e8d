"""The local executor: trials as processes of this machine, forked from a preloaded server, one slot for each GPU."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import Any

from engine.errors import ExecutorError, SettingError
from engine.settings import RunnerSettings, cpu_count
from engine.trial_folder import TrialFolder

ANSWER_SECONDS = 60.0
"""Time the fork server has to answer a request; a fork takes milliseconds, so more means that it hangs."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Room for one trial.

    Attributes:
        index: number of the slot, from 0.
        threads: CPU threads of a trial in it.
        environment: variables a trial in it gets, such as the GPU it may see.
    """

    index: int
    threads: int
    environment: dict[str, str] = field(default_factory=dict)


def make_slots(settings: RunnerSettings, cores: int, gpus: int) -> tuple[Slot, ...]:
    """Slots of a machine: one for each group of GPUs, else CPU slots that share the cores.

    ``settings.slots`` overrides their number; more slots than groups share them.

    Raises:
        SettingError: a trial is to see more GPUs than there are.
    """
    if gpus:
        size = settings.gpus_per_slot
        if size > gpus:
            raise SettingError(f"gpus_per_slot is {size} but this machine has {gpus} GPU(s)")
        groups = [",".join(map(str, range(first, first + size))) for first in range(0, gpus - size + 1, size)]
        count = settings.slots or len(groups)
        return tuple(
            Slot(index, max(1, cores // count), {"CUDA_VISIBLE_DEVICES": groups[index % len(groups)]})
            for index in range(count)
        )
    count = settings.slots or max(min(2, cores), cores // settings.threads_per_slot)
    return tuple(Slot(index, max(1, cores // count)) for index in range(count))


class LocalExecutor:
    """Starts, watches and ends trial processes. All methods are to be called from one thread.

    Trials are sessions of their own: they outlive this object and the process that holds it.
    """

    def __init__(self, settings: RunnerSettings) -> None:
        self._settings = settings
        self._server: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._slots: tuple[Slot, ...] = ()

    def start(self) -> None:
        """Start the fork server; it loads its libraries while the caller goes on."""
        environment = os.environ | {
            "OMP_WAIT_POLICY": "PASSIVE",
            "OMP_NUM_THREADS": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "PYTHONUNBUFFERED": "1",
        }
        self._slots = ()
        self._answers = queue.Queue()
        # -P keeps the folder the program was started in out of the import path.
        self._server = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.executors.fork_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,
        )
        threading.Thread(target=_read_answers, args=(self._server, self._answers), daemon=True).start()

    def slots(self) -> tuple[Slot, ...]:
        """The machine's slots; empty until the fork server is ready. Restarts a fork server that died."""
        if self._server is None or self._server.poll() is not None:
            self.start()
        if not self._slots:
            try:
                ready = self._answers.get_nowait()
            except queue.Empty:
                return ()
            if ready is None:
                raise ExecutorError("the process that starts trials ended at once; its error stands above")
            self._slots = make_slots(self._settings, cpu_count(), ready["gpus"])
        return self._slots

    def likely_slots(self) -> int:
        """How many slots there are, or will be without a GPU: those are counted when the first trial starts.

        Unlike the other methods it may be called from any thread.
        """
        return len(self._slots or make_slots(self._settings, cpu_count(), gpus=0))

    def launch(self, folder: TrialFolder, attempt: int, slot: Slot, threads: int | None = None) -> bool:
        """Start a trial's process; False when one is already running.

        Args:
            folder: the trial's folder, with its specification written.
            attempt: number of the attempt, from 1.
            slot: where it runs.
            threads: CPU threads, if other than the slot's.

        Raises:
            ExecutorError: when the process cannot be started.
        """
        request = {
            "folder": str(folder.path),
            "attempt": attempt,
            "threads": threads or slot.threads,
            "slot": slot.index,
            "resource_seconds": self._settings.resource_seconds,
            "environment": slot.environment,
        }
        answer = self._ask(request)
        if "error" in answer:
            raise ExecutorError(answer["error"])
        return "started" in answer

    def ask_to_stop(self, folder: TrialFolder) -> None:
        """Ask a running trial to write a checkpoint and end."""
        _signal_group(folder, signal.SIGTERM)

    def kill(self, folder: TrialFolder) -> None:
        """End a running trial at once."""
        _signal_group(folder, signal.SIGKILL)

    def close(self) -> None:
        """Let the fork server go; running trials go on."""
        if self._server is not None and self._server.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._server.stdin.close()
        self._server = None

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._server is None or self._server.stdin is None:
            raise ExecutorError("the executor was not started")
        try:
            self._server.stdin.write(json.dumps(request) + "\n")
            self._server.stdin.flush()
            answer = self._answers.get(timeout=ANSWER_SECONDS)
        except (OSError, queue.Empty) as error:
            # A late answer must not be taken for that to the next request.
            self.close()
            raise ExecutorError(f"the process that starts trials does not answer: {error!r}") from error
        if answer is None:
            self.close()
            raise ExecutorError("the process that starts trials died")
        return answer


def _read_answers(server: subprocess.Popen[str], answers: queue.Queue[dict[str, Any] | None]) -> None:
    """Pass answers on until the server's output ends, then a None."""
    assert server.stdout is not None
    for line in server.stdout:
        answers.put(json.loads(line))
    answers.put(None)


def _signal_group(folder: TrialFolder, number: signal.Signals) -> None:
    holder = folder.holder()
    if holder is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(holder.pid, number)

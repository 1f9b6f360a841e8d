"""Keeps a few query processes warm, hands each query to a free one, and ends those that run past their time."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

from storage.errors import QueryError
from storage.sql_child import GRACE_SECONDS, out_of_memory
from storage.sql_messages import Refusal, Request, receive, send
from storage.sql_reading import Reading, too_slow

PROCESSES = 4
"""Queries that may run at once; more wait. A process is started when all others are busy."""
WAIT_SECONDS = 20.0
"""Time a query waits for a free process."""
START_SECONDS = 20.0
"""Time a new process may take to start on a busy machine, beside the query's own."""
LOOK_SECONDS = 0.05
"""Time between two looks at whether a query was cancelled."""
SPARE_BYTES = 16 * 2**20
"""What an answer may be longer than its rows are reckoned."""

_ROOT = Path(__file__).resolve().parents[1]


class QueryCancelledError(QueryError):
    """A person cancelled the query."""


class _Process:
    """One query process and the line to it."""

    def __init__(self) -> None:
        self.connection, theirs = Pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this very Python and a module of our own
                [sys.executable, "-m", "storage.sql_child", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # Ctrl-C in the server's terminal is for the server; this process ends with it.
                start_new_session=True,
                env={"PYTHONPATH": str(_ROOT), "PATH": os.defpath},
            )
        finally:
            theirs.close()
        self.used = False

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self.connection.close()


class Processes:
    """The query processes of one server; any thread may use them."""

    def __init__(self) -> None:
        self._free = threading.Semaphore(PROCESSES)
        self._lock = threading.Lock()
        self._idle: list[_Process] = []
        self._busy: set[_Process] = set()
        self._closed = False

    def warm(self) -> None:
        """Have a process ready, so that the next query need not wait for one to start."""
        with self._lock:
            if not (self._idle or self._busy or self._closed):
                self._idle.append(_Process())

    def run(self, request: Request, cancelled: Callable[[], bool]) -> Reading:
        """Run a query in a process of its own for as long as it takes.

        Raises:
            QueryCancelledError: ``cancelled`` said so.
            QueryError: It was refused, failed, took too much, or no process was free.
        """
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise QueryError(
                f"{PROCESSES} other queries are running and none has ended; try again in a moment"
            )
        try:
            process = self._take()
            try:
                answer = _ask(process, request, cancelled)
            except BaseException:
                self._end(process)
                raise
            if isinstance(answer, Refusal) and answer.last:
                self._end(process)
            else:
                self._give_back(process)
        finally:
            self._free.release()
        if isinstance(answer, Refusal):
            raise QueryError(answer.message)
        return answer

    def close(self) -> None:
        """End all processes; queries that are running fail."""
        with self._lock:
            self._closed = True
            for process in (*self._idle, *self._busy):
                process.end()
            self._idle.clear()

    def _take(self) -> _Process:
        with self._lock:
            if self._closed:
                raise QueryError("the database is being closed")
            while self._idle:
                process = self._idle.pop()
                if process.alive:
                    break
                process.end()
            else:
                process = _Process()
            self._busy.add(process)
        return process

    def _give_back(self, process: _Process) -> None:
        with self._lock:
            self._busy.discard(process)
            if self._closed:
                return
            process.used = True
            self._idle.append(process)

    def _end(self, process: _Process) -> None:
        with self._lock:
            self._busy.discard(process)
            process.end()


def _ask(process: _Process, request: Request, cancelled: Callable[[], bool]) -> Reading | Refusal:
    """The answer; anything raised means that the process is not to be used again."""
    limits = request.limits
    deadline = time.monotonic() + limits.seconds + GRACE_SECONDS + (0 if process.used else START_SECONDS)
    try:
        send(process.connection, request)
        while not process.connection.poll(LOOK_SECONDS):
            if cancelled():
                raise QueryCancelledError("the query was cancelled")
            if time.monotonic() > deadline:
                raise too_slow(limits)
        answer = _answer(process.connection, round(limits.megabytes * 2**20) + SPARE_BYTES, deadline)
    except (EOFError, OSError) as error:
        # Its own alarm ended it, or the system would give it no more memory.
        late = time.monotonic() > deadline - GRACE_SECONDS
        raise (too_slow(limits) if late else QueryError(out_of_memory())) from error
    except pickle.UnpicklingError as error:
        raise QueryError(f"the query's answer cannot be read: {error}") from error
    if not isinstance(answer, Reading | Refusal):
        raise QueryError("the query's answer cannot be read")
    return answer


def _answer(connection: Connection, most: int, deadline: float) -> object:
    """One message, unless it stops in its midst."""
    timer = threading.Timer(max(0.0, deadline - time.monotonic()) + GRACE_SECONDS, _cut, [connection])
    timer.daemon = True
    timer.start()
    try:
        return receive(connection, most)
    finally:
        timer.cancel()


def _cut(connection: Connection) -> None:
    with suppress(OSError):
        connection.close()

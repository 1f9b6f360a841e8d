"""A helper process that answers each line with a line, so that heavy libraries and long sums stay out of the server."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import IO, TextIO

CLOSE_SECONDS = 5.0
"""Time an idle process gets to end by itself before it is killed."""

LOG_TAIL = 2000
"""Characters of the process's standard error kept when it dies."""

_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false"}


class ProcessDiedError(Exception):
    """The process ended instead of answering; the next ``start`` makes a new one.

    Attributes:
        details: the end of its standard error.
    """

    def __init__(self, message: str, details: str) -> None:
        super().__init__(message)
        self.details = details


class LineProcess:
    """The owner's side of ``python -m MODULE``; the process ends at the end of its input, and so with its owner."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[str] | None = None
        self._log: IO[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id, or None while no process runs."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def start(self) -> None:
        """Start the process if none runs."""
        if self.pid is not None:
            return
        self.close()
        # A file, for a pipe that nobody reads would fill up and block the process.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        # -P keeps the folder the program was started in out of the import path.
        self._process = subprocess.Popen(  # noqa: S603 - a module of this program
            [sys.executable, "-P", "-m", self._module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **_ENVIRONMENT},
            # Ctrl-C at the terminal is for the owner, which then closes the input.
            start_new_session=True,
        )

    def ask(self, line: str) -> str:
        """Send a line to the started process and wait for its answer; one thread at a time.

        Raises:
            ProcessDiedError: when the process ends before it has answered.
        """
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        answer = ""
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(line + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        if not answer.endswith("\n"):
            process.kill()
            code = process.wait()
            raise ProcessDiedError(f"ended (exit status {code})", self._tail())
        return answer

    def kill(self) -> None:
        """End the process at once; an ``ask`` in another thread comes back with an error."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End an idle process, and let go of one that has ended."""
        if self._process is not None:
            _end(self._process)
            self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def _tail(self) -> str:
        if self._log is None:
            return ""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - LOG_TAIL))
        return self._log.read().decode(errors="replace")


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(CLOSE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def serve_lines(serve: Callable[[TextIO, TextIO], None]) -> None:
    """The process's side: serve standard input; what libraries print goes to standard error, away from the answers.

    Args:
        serve: writes one line to its second argument for each line of its first.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin, answers)

"""The suggestion process: strategies run beside the server, so that no page and no runner waits for them.

``python -m engine.suggester`` reads one JSON request a line and answers each with one JSON line. It ends at
the end of its input and so never outlives its owner.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Literal, TextIO

from engine.errors import SettingError, StateError
from engine.strategies import registry, wire
from engine.strategies.interface import Observation, SearchProblem, Suggestion

if TYPE_CHECKING:
    from engine.strategies.processes import Memory

MEMORIES = 16
"""Problems whose fitted hyperparameters are kept."""

CLOSE_SECONDS = 5.0
"""Time an idle process gets to end by itself before it is killed."""

LOG_TAIL = 2000
"""Characters of the process's standard error kept with a failure."""

_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false"}


@dataclass(frozen=True, slots=True)
class SuggestionFailure:
    """A request that brought no suggestions.

    Attributes:
        kind: ``setting`` when the experiment cannot work as it is set up; ``error`` when the strategy raised;
            ``died`` when the process ended. A died process is started anew by the next request.
        message: what went wrong, in a sentence.
        details: traceback, or the end of the process's standard error.
    """

    kind: Literal["setting", "error", "died"]
    message: str
    details: str = ""


class SuggestionProcess:
    """The owner's side: one request at a time, and a ``poll`` that never blocks."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._log: IO[bytes] | None = None
        self._results: queue.SimpleQueue[list[Suggestion] | SuggestionFailure] = queue.SimpleQueue()
        self._exchange: threading.Thread | None = None
        self._requests = 0

    @property
    def busy(self) -> bool:
        """Whether a request has been made whose result ``poll`` has not handed out yet."""
        return self._exchange is not None

    @property
    def pid(self) -> int | None:
        """Process id, or None while no process runs."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def start(self) -> None:
        """Start the process if none runs; done by ``request`` too, but earlier is sooner ready."""
        if self.pid is not None:
            return
        self._discard()
        # A file, for a pipe that nobody reads would fill up and block the process.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        # -P keeps the folder the program was started in out of the import path.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.suggester"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **_ENVIRONMENT},
            # Ctrl-C at the terminal is for the owner, which then closes the input.
            start_new_session=True,
        )

    def request(
        self, strategy: str, problem: SearchProblem, observations: Sequence[Observation], count: int = 1
    ) -> None:
        """Ask for suggestions; the result comes by ``poll``.

        Raises:
            StateError: when the result of an earlier request is still to come.
        """
        if self.busy:
            raise StateError("a suggestion is already being made; poll for it before asking for the next")
        self.start()
        assert self._process is not None
        self._requests += 1
        request = wire.Request.of(self._requests, strategy, problem, observations, count)
        line = json.dumps(request.model_dump())
        self._exchange = threading.Thread(
            target=self._ask, args=(self._process, line, self._requests), name="suggestion", daemon=True
        )
        self._exchange.start()

    def poll(self) -> list[Suggestion] | SuggestionFailure | None:
        """The result of the request, handed out once; None while there is none."""
        try:
            result = self._results.get_nowait()
        except queue.Empty:
            return None
        assert self._exchange is not None
        self._exchange.join()
        self._exchange = None
        return result

    def close(self) -> None:
        """End the process; an unfinished request is given up."""
        if self._process is not None and self.busy:
            self._process.kill()
        self._discard()

    def _discard(self) -> None:
        """Let go of a process that has ended or is to end."""
        if self._exchange is not None:
            self._exchange.join()
            self._exchange = None
            self._results = queue.SimpleQueue()
        if self._process is not None:
            _end(self._process)
            self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def _ask(self, process: subprocess.Popen[str], line: str, identity: int) -> None:
        """In a thread of its own: a long request may fill the pipe, and the answer takes seconds."""
        assert process.stdin is not None
        assert process.stdout is not None
        answer = ""
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(line + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        self._results.put(self._result(process, answer, identity))

    def _result(
        self, process: subprocess.Popen[str], line: str, identity: int
    ) -> list[Suggestion] | SuggestionFailure:
        if not line.endswith("\n"):
            process.kill()
            code = process.wait()
            return SuggestionFailure(
                "died", f"the suggestion process ended (exit status {code})", self._tail()
            )
        answer = wire.Answer.model_validate_json(line)
        assert answer.id == identity
        if answer.suggestions is not None:
            return wire.suggestions_from_json(answer.suggestions)
        kind: Literal["setting", "error"] = "setting" if answer.is_setting else "error"
        return SuggestionFailure(kind, answer.error or "", answer.traceback)

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


def answer(line: str, memories: dict[str, Memory] | None = None) -> wire.Answer:
    """Carry out one request; whatever it raises becomes the answer.

    Args:
        line: the request.
        memories: what models found for each problem so far; updated.
    """
    memories = {} if memories is None else memories
    identity = 0
    try:
        request = wire.Request.model_validate_json(line)
        identity = request.id
        suggestions = registry.suggest(
            request.strategy,
            wire.problem_from_json(request.problem),
            wire.observations_from_json(request.observations),
            request.count,
            _memory(request, memories),
        )
    except SettingError as error:
        return wire.Answer(id=identity, error=str(error), is_setting=True, traceback=traceback.format_exc())
    except Exception as error:  # noqa: BLE001 - the boundary of the process: the owner reports it
        message = f"{type(error).__name__}: {error}"
        return wire.Answer(id=identity, error=message, traceback=traceback.format_exc())
    return wire.Answer(id=identity, suggestions=wire.suggestions_to_json(suggestions))


def _memory(request: wire.Request, memories: dict[str, Memory]) -> Memory | None:
    """What was kept for this problem; experiments that were not asked for lately are forgotten."""
    if request.strategy != "nehvi" or len(request.observations) <= request.problem["initial_trials"]:
        return None
    # Imported late: torch takes seconds, and the first trials do without it.
    from engine.strategies.processes import Memory

    key = json.dumps(request.problem, sort_keys=True)
    memory = memories.pop(key, None) or Memory()
    memories[key] = memory
    while len(memories) > MEMORIES:
        del memories[next(iter(memories))]
    return memory


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer every line until the input ends."""
    memories: dict[str, Memory] = {}
    for line in requests:
        print(json.dumps(answer(line, memories).model_dump()), file=answers, flush=True)


def main() -> None:
    """Serve standard input; what libraries print goes to standard error, away from the answers."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin, answers)


if __name__ == "__main__":
    main()

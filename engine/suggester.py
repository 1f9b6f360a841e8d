"""The suggestion process: strategies run beside the server, so that no page and no runner waits for them.

``python -m engine.suggester`` reads one JSON request a line and answers each with one JSON line. It ends at
the end of its input and so never outlives its owner.
"""

from __future__ import annotations

import json
import queue
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TextIO

from engine.errors import SettingError, StateError
from engine.line_process import LineProcess, ProcessDiedError, serve_lines
from engine.strategies import registry, wire
from engine.strategies.interface import Observation, SearchProblem, Suggestion

if TYPE_CHECKING:
    from engine.strategies.processes import Memory

MEMORIES = 16
"""Problems whose fitted hyperparameters are kept."""


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
        self._lines = LineProcess("engine.suggester")
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
        return self._lines.pid

    def start(self) -> None:
        """Start the process if none runs; done by ``request`` too, but earlier is sooner ready."""
        if self.pid is None:
            self._join()
            self._lines.start()

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
        self._requests += 1
        request = wire.Request.of(self._requests, strategy, problem, observations, count)
        line = json.dumps(request.model_dump())
        # In a thread of its own: a long request may fill the pipe, and the answer takes seconds.
        self._exchange = threading.Thread(
            target=lambda: self._results.put(self._ask(line, request.id)), name="suggestion", daemon=True
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
        if self.busy:
            self._lines.kill()
        self._join()
        self._lines.close()

    def _join(self) -> None:
        """Let go of a request whose process has ended."""
        if self._exchange is not None:
            self._exchange.join()
            self._exchange = None
            self._results = queue.SimpleQueue()

    def _ask(self, line: str, identity: int) -> list[Suggestion] | SuggestionFailure:
        try:
            answer = wire.Answer.model_validate_json(self._lines.ask(line))
        except ProcessDiedError as error:
            return SuggestionFailure("died", f"the suggestion process {error}", error.details)
        assert answer.id == identity
        if answer.suggestions is not None:
            return wire.suggestions_from_json(answer.suggestions)
        kind: Literal["setting", "error"] = "setting" if answer.is_setting else "error"
        return SuggestionFailure(kind, answer.error or "", answer.traceback)


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


if __name__ == "__main__":
    serve_lines(serve)

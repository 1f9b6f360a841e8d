"""Questions of many readers to the what-if process: nobody waits for a fit, and answers are kept while they hold."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from engine.errors import BertFrontierError
from engine.line_process import LineProcess, ProcessDiedError
from engine.whatif.answer import Answer
from engine.whatif.cuts import Cut, Cuts
from engine.whatif.question import Question
from engine.whatif.stored import Study
from engine.whatif.worker import Reply, Request

log = logging.getLogger(__name__)

ANSWERS = 256
"""Answers that are kept."""

STUDIES = 64
"""Experiments of which it is kept how good their models were."""

IDLE_SECONDS = 600.0
"""Time without a question after which the process is ended; it holds some hundred MB."""

Stage = Literal["fitting", "answering"]
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question so far.

    Attributes:
        answer: to a question; None while it is not answered, and after an error.
        cuts: those asked for; None likewise.
        error: why there is no answer.
        stage: what is being done; None once it is answered.
    """

    answer: Answer | None = None
    cuts: Cuts | None = None
    error: str | None = None
    stage: Stage | None = None

    @property
    def is_ready(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.stage is None


_Key = tuple[str, str]
"""Key of the study, the question as text."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    study: Study
    question: Question | Cut | None

    @property
    def key(self) -> _Key:
        return self.study.key, repr(self.question)


@dataclass(slots=True)
class WhatIfDesk:
    """Takes questions from any thread and puts them to the process one by one, each reader's latest only.

    Attributes:
        process: the what-if process; started by the first question.
        idle_seconds: time without a question after which it is ended.
    """

    process: LineProcess = field(default_factory=lambda: LineProcess("engine.whatif.worker"))
    idle_seconds: float = IDLE_SECONDS
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _wanted: dict[str, _Wanted] = field(default_factory=dict)
    _outcomes: dict[_Key, Outcome] = field(default_factory=dict)
    _fitted: set[str] = field(default_factory=set)
    _quality: dict[tuple[str, str], Mapping[str, float]] = field(default_factory=dict)
    _thread: threading.Thread | None = None
    _is_closed: bool = False

    def ask(self, study: Study, question: Question | Cut, reader: str, patience: float = 0.0) -> Outcome:
        """What is known of a question; an unknown one is put to the process.

        Args:
            study: what it is about.
            question: a checked one, or a cut through the models.
            reader: who asks; an earlier question of the same reader that was not begun is dropped.
            patience: seconds to wait for the answer.
        """
        wanted = _Wanted(study, question)
        with self._changed:
            if wanted.key not in self._outcomes:
                self._want(reader, wanted)
                self._changed.wait_for(lambda: wanted.key in self._outcomes or self._is_closed, patience)
            found = self._outcomes.get(wanted.key)
            if found is not None:
                return found
            return Outcome(stage="answering" if study.key in self._fitted else "fitting")

    def is_fitted(self, study: Study) -> bool:
        """Whether the models of a study are there, so that an answer is worth waiting for."""
        with self._changed:
            return study.key in self._fitted

    def quality(self, study: Study) -> Mapping[str, float]:
        """How well the models predict trials left out, by metric; of the last version that was fitted."""
        with self._changed:
            return self._quality.get((study.place, study.name), {})

    def forget(self, study: Study) -> None:
        """Forget what became of questions about a study, so that they can be asked again."""
        with self._changed:
            for key in [key for key in self._outcomes if key[0] == study.key]:
                del self._outcomes[key]

    def prepare(self, study: Study, reader: str) -> None:
        """See to it that the models of a study are fitted, without a question."""
        with self._changed:
            if study.key not in self._fitted and (study.key, "None") not in self._outcomes:
                self._want(reader, _Wanted(study, None))

    def close(self) -> None:
        """End the process; questions under way are given up."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            thread = self._thread
        self.process.kill()
        if thread is not None:
            thread.join()
        self.process.close()

    def _want(self, reader: str, wanted: _Wanted) -> None:
        """Note a question; the lock is held."""
        if self._is_closed:
            return
        self._wanted[reader] = wanted
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="what-if", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _work(self) -> None:
        """Put questions to the process until there have been none for long."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._is_closed, self.idle_seconds)
                if self._is_closed or not self._wanted:
                    if not self._is_closed:
                        self.process.close()
                        self._fitted.clear()
                    self._thread = None
                    return
                reader, wanted = next(iter(self._wanted.items()))
            outcome = self._outcome_of(wanted)
            with self._changed:
                if self._wanted.get(reader) == wanted:
                    del self._wanted[reader]
                _put(self._outcomes, wanted.key, outcome, ANSWERS)
                self._changed.notify_all()

    def _outcome_of(self, wanted: _Wanted) -> Outcome:
        try:
            reply = self._reply_to(wanted)
        except BertFrontierError as error:
            return Outcome(error=str(error))
        except ProcessDiedError as error:
            log.warning("the what-if process %s: %s", error, error.details)
            return Outcome(error=f"The what-if process {error}; ask again to start it anew.")
        if reply.error is not None:
            if not reply.is_setting:
                log.error("what-if on %s failed\n%s", wanted.study.name, reply.traceback)
            return Outcome(error=reply.error)
        return Outcome(answer=reply.read_answer(), cuts=reply.read_cuts())

    def _reply_to(self, wanted: _Wanted) -> Reply:
        study = wanted.study
        if self.process.pid is None:
            with self._changed:
                self._fitted.clear()
            self.process.start()
        if study.key in self._fitted:
            reply = self._send(Request.of(study.key, None, wanted.question))
            if not reply.is_unknown:
                return reply
        reply = self._send(Request.of(study.key, study.load(), None))
        if reply.error is not None:
            return reply
        with self._changed:
            self._fitted.add(study.key)
            _put(self._quality, (study.place, study.name), reply.r_squared, STUDIES)
            self._changed.notify_all()
        return self._send(Request.of(study.key, None, wanted.question))

    def _send(self, request: Request) -> Reply:
        return Reply.model_validate_json(self.process.ask(request.model_dump_json()))


def _put(kept: dict[K, V], key: K, value: V, most: int) -> None:
    """Keep a value, and of all values the latest."""
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > most:
        del kept[next(iter(kept))]

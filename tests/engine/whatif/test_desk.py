"""The desk: who waits for what, what is kept, and what becomes of a process that dies."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from engine.errors import SettingError
from engine.line_process import LineProcess, ProcessDiedError
from engine.whatif.answer import Answer, answer_to_json
from engine.whatif.desk import Outcome, WhatIfDesk
from engine.whatif.question import Question
from engine.whatif.stored import StoredStudy, Study
from engine.whatif.worker import Reply, Request
from tests.engine.whatif.test_worker import as_data

PATIENCE = 60.0


def an_answer(question: Question) -> Answer:
    return Answer(question, "exact", None, 3, 2, False, None, None, {}, [], None, {}, [])


class ScriptedProcess(LineProcess):
    """Answers at once, unless it is held up or to die; notes what it was asked."""

    def __init__(self) -> None:
        super().__init__("nothing")
        self.asked: list[Request] = []
        self.held: set[str] = set()
        self.go_on = threading.Event()
        self.alive = False
        self.dies = False
        self.starts = 0
        self.closes = 0

    @property
    def pid(self) -> int | None:
        return 1 if self.alive else None

    def start(self) -> None:
        self.alive, self.starts, self.held = True, self.starts + 1, set()

    def ask(self, line: str) -> str:
        request = Request.model_validate_json(line)
        self.asked.append(request)
        assert self.go_on.wait(PATIENCE)
        if self.dies:
            self.alive = False
            raise ProcessDiedError("ended (exit status -9)", "out of memory")
        if request.data is not None:
            self.held.add(request.study)
        if request.study not in self.held:
            return Reply(is_unknown=True).model_dump_json()
        if request.question is None:
            return Reply(r_squared={"exact": 0.8}).model_dump_json()
        question = Question(request.question["pinned"], [])
        return Reply(answer=answer_to_json(an_answer(question))).model_dump_json()

    def kill(self) -> None:
        self.alive = False
        self.go_on.set()

    def close(self) -> None:
        self.alive, self.closes = False, self.closes + 1


@pytest.fixture
def process() -> ScriptedProcess:
    made = ScriptedProcess()
    made.go_on.set()
    return made


@pytest.fixture
def desk(process: ScriptedProcess) -> Iterator[WhatIfDesk]:
    made = WhatIfDesk(process)
    yield made
    made.close()


def test_models_can_be_fitted_ahead_of_the_first_question(desk: WhatIfDesk, process: ScriptedProcess) -> None:
    desk.prepare(a_study(), "me")
    assert desk.ask(a_study(), layers(4), "me too", PATIENCE).is_ready
    desk.prepare(a_study(), "me")
    assert sum(request.data is not None for request in process.asked) == 1


def a_study(version: int = 1, data: StoredStudy | None = None) -> Study:
    return Study("s", version, lambda: {"problem": version} if data is None else data)


def layers(count: int) -> Question:
    return Question({"n_layers": count}, [])


def test_a_question_is_answered_and_kept(desk: WhatIfDesk, process: ScriptedProcess) -> None:
    found = desk.ask(a_study(), layers(4), "me", PATIENCE)
    assert found == Outcome(answer=an_answer(layers(4)))
    assert desk.ask(a_study(), layers(4), "somebody else").is_ready
    # Sent with its trials once, then asked.
    assert [request.data is not None for request in process.asked] == [True, False]
    desk.ask(a_study(), layers(5), "me", PATIENCE)
    assert len(process.asked) == 3
    assert desk.quality(a_study()) == {"exact": 0.8}


def test_nobody_waits_for_a_fit(desk: WhatIfDesk, process: ScriptedProcess) -> None:
    process.go_on.clear()
    assert desk.ask(a_study(), layers(4), "me") == Outcome(stage="fitting")
    assert desk.quality(a_study()) == {}
    assert not desk.is_fitted(a_study())
    process.go_on.set()
    assert desk.ask(a_study(), layers(4), "me", PATIENCE).is_ready
    assert desk.is_fitted(a_study())
    process.go_on.clear()
    assert desk.ask(a_study(), layers(5), "me") == Outcome(stage="answering")
    process.go_on.set()


def test_only_the_latest_question_of_a_reader_is_put(desk: WhatIfDesk, process: ScriptedProcess) -> None:
    process.go_on.clear()
    for count in range(1, 8):
        desk.ask(a_study(), layers(count), "me")
    desk.ask(a_study(), layers(9), "somebody else")
    process.go_on.set()
    assert desk.ask(a_study(), layers(7), "me", PATIENCE).is_ready
    assert desk.ask(a_study(), layers(9), "somebody else", PATIENCE).is_ready
    put = [request.question["pinned"]["n_layers"] for request in process.asked if request.question]
    # The first may have been under way already.
    assert [count for count in put if count != 1] == [7, 9]


def test_another_version_is_fitted_anew(desk: WhatIfDesk, process: ScriptedProcess) -> None:
    for version in (1, 2):
        desk.ask(a_study(version), layers(4), "me", PATIENCE)
    assert [request.study for request in process.asked if request.data] == ["/s/1", "/s/2"]


def test_what_the_process_has_forgotten_is_sent_again(desk: WhatIfDesk, process: ScriptedProcess) -> None:
    desk.ask(a_study(), layers(4), "me", PATIENCE)
    process.held.clear()
    assert desk.ask(a_study(), layers(5), "me", PATIENCE).answer is not None
    assert sum(request.data is not None for request in process.asked) == 2


def test_a_process_that_dies_is_told_and_started_anew(desk: WhatIfDesk, process: ScriptedProcess) -> None:
    process.dies = True
    found = desk.ask(a_study(), layers(4), "me", PATIENCE)
    assert found.answer is None
    assert "ended (exit status -9)" in str(found.error)
    process.dies = False
    assert desk.ask(a_study(), layers(4), "me", PATIENCE) == found
    desk.forget(a_study())
    assert desk.ask(a_study(), layers(4), "me", PATIENCE).answer is not None
    assert process.starts == 2


def test_a_study_that_cannot_be_read_says_why(desk: WhatIfDesk) -> None:
    def refuse() -> StoredStudy:
        raise SettingError("s is an extraction")

    assert desk.ask(Study("s", 1, refuse), layers(4), "me", PATIENCE) == Outcome(error="s is an extraction")


def test_an_idle_process_is_ended(process: ScriptedProcess) -> None:
    desk = WhatIfDesk(process, idle_seconds=0.05)
    desk.ask(a_study(), layers(4), "me", PATIENCE)
    threading.Event().wait(0.5)
    assert process.closes == 1
    assert desk.ask(a_study(), layers(5), "me", PATIENCE).answer is not None
    assert process.starts == 2
    desk.close()


def test_closing_gives_up_what_is_under_way(desk: WhatIfDesk, process: ScriptedProcess) -> None:
    process.go_on.clear()
    desk.ask(a_study(), layers(4), "me")
    desk.close()
    assert not process.alive


def test_a_real_process() -> None:
    desk = WhatIfDesk()
    try:
        found = desk.ask(a_study(1, as_data(12)), Question({"n_layers": 4}), "me", PATIENCE)
        assert found.answer is not None, found.error
        assert found.answer.trials == 12
        assert found.answer.best is not None
        assert found.answer.best.parameters["n_layers"] == 4
        assert set(desk.quality(a_study())) == {"exact", "num_parameters", "latency_ms"}
    finally:
        desk.close()
    assert desk.process.pid is None

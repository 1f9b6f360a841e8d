"""The what-if process from inside: what it fits, keeps and replies."""

from __future__ import annotations

import io
import json

import pytest

from engine.strategies.wire import observations_to_json, problem_to_json
from engine.whatif.asking import what_if
from engine.whatif.question import Budget, Question, Range
from engine.whatif.stored import StoredStudy
from engine.whatif.worker import STUDIES, Reply, Request, Worker, serve
from tests.engine.whatif.studies import study


def as_data(trials: int, seed: int = 0) -> StoredStudy:
    """A study as it is sent; without its known sizes, which are functions here."""
    problem, observations = study(trials, seed=seed, known=None)
    return {"problem": problem_to_json(problem), "observations": observations_to_json(observations)}


def send(worker: Worker, key: str, data: StoredStudy | None, question: Question | None) -> Reply:
    return worker.reply(Request.of(key, data, question).model_dump_json())


@pytest.fixture(scope="module")
def fitted() -> Worker:
    """A worker that holds a study of 16 trials."""
    worker = Worker()
    reply = send(worker, "s/1", as_data(16), None)
    assert reply.error is None, reply.traceback
    assert set(reply.r_squared) == {"exact", "num_parameters", "latency_ms"}
    return worker


def test_an_answer_comes_back_as_it_was_made(fitted: Worker) -> None:
    question = Question(
        {"n_layers": Range(2.0, 5.0), "hidden_size": 256}, [Budget("num_parameters", "max", 4e6)]
    )
    reply = Reply.model_validate_json(send(fitted, "s/1", None, question).model_dump_json())
    found = reply.read_answer()
    problem, observations = study(16, known=None)
    expected = what_if(problem, observations, question)
    assert found is not None
    assert found.question == question
    assert found.best is not None
    assert expected.best is not None
    assert found.best.parameters == expected.best.parameters
    assert found.best.estimates == expected.best.estimates
    assert isinstance(found.best.parameters["n_layers"], int)
    assert found.shipment == expected.shipment
    assert [point.parameters for point in found.frontier] == [point.parameters for point in expected.frontier]


def test_a_budget_on_another_metric_is_learned_when_it_is_asked(fitted: Worker) -> None:
    reply = send(fitted, "s/1", None, Question({}, [Budget("nonsense", "max", 1.0)]))
    assert reply.is_setting
    assert "no trial reports the metric 'nonsense'" in str(reply.error)


def test_an_unknown_study_has_to_be_sent(fitted: Worker) -> None:
    assert send(fitted, "s/2", None, Question()).is_unknown


def test_what_cannot_be_read_is_replied_to(fitted: Worker) -> None:
    reply = fitted.reply("{}")
    assert not reply.is_setting
    assert "study" in str(reply.error)
    assert "Traceback" in reply.traceback


def test_only_the_studies_asked_for_last_are_kept() -> None:
    worker = Worker()
    # Too few trials to fit anything, so that this is quick.
    for number in range(STUDIES + 1):
        send(worker, f"s/{number}", as_data(2, seed=number), None)
    assert send(worker, "s/0", None, None).is_unknown
    assert not send(worker, f"s/{STUDIES}", None, None).is_unknown


def test_every_line_gets_a_line() -> None:
    replies = io.StringIO()
    request = Request.of("s/1", as_data(2), Question()).model_dump_json()
    serve(io.StringIO(f"nonsense\n{request}\n"), replies)
    first, second = (json.loads(line) for line in replies.getvalue().splitlines())
    assert first["error"]
    assert second["answer"]["trials"] == 2
    assert second["answer"]["best"] is None

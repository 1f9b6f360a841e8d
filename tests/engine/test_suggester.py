"""The suggestion process: round trips, its death, and its end."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from engine.errors import StateError
from engine.metrics import Metric
from engine.parameters import FloatParameter
from engine.rules import Rule
from engine.space import SearchSpace
from engine.strategies import registry, wire
from engine.strategies.interface import Observation, SearchProblem, Suggestion
from engine.suggester import SuggestionFailure, SuggestionProcess, answer, serve

METRICS = (Metric(name="exact", direction="maximize"), Metric(name="size", direction="minimize"))
SPACE = SearchSpace(
    {"x": FloatParameter(low=0, high=1), "y": FloatParameter(low=0, high=1)}, (Rule("x + y < 1.9"),)
)
PROBLEM = SearchProblem(SPACE, METRICS, seed=4, baseline={"x": 0.5, "y": 0.5}, initial_trials=4)
TRIALS = [
    Observation(
        i, {"x": i / 10, "y": 0.5}, "completed", {"exact": float(i), "size": float(i)}, {"exact": 0.5}
    )
    for i in range(1, 7)
]


@pytest.fixture
def process() -> Iterator[SuggestionProcess]:
    process = SuggestionProcess()
    yield process
    process.close()


def wait(process: SuggestionProcess) -> list[Suggestion] | SuggestionFailure:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (result := process.poll()) is not None:
            return result
        time.sleep(0.02)
    raise AssertionError("no answer within a minute")


def test_suggestions_are_those_of_the_strategies(process: SuggestionProcess) -> None:
    assert not process.busy
    for strategy in ("sobol", "nehvi"):
        process.request(strategy, PROBLEM, TRIALS, 2)
        assert process.busy
        result = wait(process)
        assert not process.busy
        assert process.poll() is None
        assert isinstance(result, list)
        expected = registry.suggest(strategy, PROBLEM, TRIALS, 2)
        assert [s.strategy for s in result] == [s.strategy for s in expected] == [strategy] * 2
        for made, same in zip(result, expected, strict=True):
            # Another number of BLAS threads changes the last digits.
            assert made.parameters == pytest.approx(same.parameters, abs=1e-3)
        assert set(result[0].predicted) == set(expected[0].predicted)


def test_only_one_request_at_a_time(process: SuggestionProcess) -> None:
    process.request("sobol", PROBLEM, [])
    with pytest.raises(StateError, match="already"):
        process.request("sobol", PROBLEM, [])
    assert isinstance(wait(process), list)


def test_errors_of_settings_come_as_such_and_the_process_lives_on(process: SuggestionProcess) -> None:
    process.request("bayes", PROBLEM, [])
    failure = wait(process)
    assert isinstance(failure, SuggestionFailure)
    assert failure.kind == "setting"
    assert "'bayes'" in failure.message
    pid = process.pid
    process.request("sobol", PROBLEM, TRIALS)
    assert isinstance(wait(process), list)
    assert process.pid == pid


def test_a_killed_process_is_reported_and_started_anew(process: SuggestionProcess) -> None:
    process.start()
    first = process.pid
    assert first is not None
    process.request("nehvi", PROBLEM, TRIALS)
    os.kill(first, signal.SIGKILL)
    failure = wait(process)
    assert isinstance(failure, SuggestionFailure)
    assert failure.kind == "died"
    assert "-9" in failure.message
    assert process.pid is None
    process.request("sobol", PROBLEM, TRIALS)
    assert isinstance(wait(process), list)
    assert process.pid not in (None, first)


def test_a_process_killed_while_idle_is_started_anew(process: SuggestionProcess) -> None:
    process.request("sobol", PROBLEM, [])
    wait(process)
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    while process.pid is not None:
        time.sleep(0.01)
    process.request("sobol", PROBLEM, [])
    assert isinstance(wait(process), list)


def test_more_than_a_pipe_holds_gets_through(process: SuggestionProcess) -> None:
    many = [Observation(i, {"x": i / 5000, "y": 0.5}, "completed", {"exact": 1.0}) for i in range(4000)]
    assert len(json.dumps(wire.observations_to_json(many))) > 2**18
    process.request("sobol", PROBLEM, many)
    assert isinstance(wait(process), list)


def test_closing_ends_the_process_busy_or_idle(process: SuggestionProcess) -> None:
    for busy in (False, True):
        process.start()
        pid = process.pid
        assert pid is not None
        if busy:
            process.request("nehvi", PROBLEM, TRIALS)
        process.close()
        assert process.pid is None
        assert not process.busy
        assert process.poll() is None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_the_end_of_the_input_ends_the_process() -> None:
    request = json.dumps(wire.Request.of(1, "sobol", PROBLEM, TRIALS, 1).model_dump()) + "\n"
    done = subprocess.run(
        [sys.executable, "-m", "engine.suggester"],
        input=request,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    [line] = done.stdout.splitlines()
    assert wire.Answer.model_validate_json(line).id == 1


def test_the_process_ends_with_its_owner() -> None:
    code = (
        "import os, signal; from engine.suggester import SuggestionProcess; p = SuggestionProcess(); p.start(); "
        "print(p.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    pid = int(done.stdout)
    deadline = time.monotonic() + 60
    while _is_running(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_is_no_request_is_answered_with_an_error() -> None:
    reply = answer("{}")
    assert reply.suggestions is None
    assert reply.error is not None
    assert "strategy" in reply.error
    assert "Traceback" in reply.traceback
    answers = io.StringIO()
    serve(io.StringIO("nonsense\n{}\n"), answers)
    assert len(answers.getvalue().splitlines()) == 2


def _is_running(pid: int) -> bool:
    """False for a process that is gone, and for one that waits to be reaped by an init that never does."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip()) and not done.stdout.strip().startswith("Z")

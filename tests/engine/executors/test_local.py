"""Slots of machines, and the executor's side of the conversation with the fork server."""

from __future__ import annotations

import queue
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import ExecutorError, SettingError
from engine.executors import local
from engine.executors.local import LocalExecutor, Slot, make_slots
from engine.settings import RunnerSettings
from engine.trial_folder import TrialFolder


def test_a_trial_may_see_several_gpus() -> None:
    made = make_slots(RunnerSettings(gpus_per_slot=2), 16, 5)
    assert [slot.environment["CUDA_VISIBLE_DEVICES"] for slot in made] == ["0,1", "2,3"]
    shared = make_slots(RunnerSettings(gpus_per_slot=2, slots=3), 16, 4)
    assert [slot.environment["CUDA_VISIBLE_DEVICES"] for slot in shared] == ["0,1", "2,3", "0,1"]
    with pytest.raises(SettingError, match="gpus_per_slot is 4 but this machine has 2"):
        make_slots(RunnerSettings(gpus_per_slot=4), 16, 2)


@pytest.mark.parametrize(
    ("settings", "cores", "gpus", "slots", "threads"),
    [
        ({}, 1, 0, 1, 1),
        ({}, 2, 0, 2, 1),
        ({}, 4, 0, 2, 2),
        ({}, 8, 0, 2, 4),
        ({}, 16, 0, 4, 4),
        ({}, 17, 0, 4, 4),
        ({"threads_per_slot": 1}, 6, 0, 6, 1),
        ({"slots": 1}, 8, 0, 1, 8),
        ({"slots": 3}, 2, 0, 3, 1),
        ({}, 16, 1, 1, 16),
        ({}, 16, 8, 8, 2),
        ({}, 2, 8, 8, 1),
        ({"slots": 4}, 16, 2, 4, 4),
    ],
)
def test_slots_share_the_machine(
    settings: dict[str, int], cores: int, gpus: int, slots: int, threads: int
) -> None:
    made = make_slots(RunnerSettings(**settings), cores, gpus)
    assert [slot.index for slot in made] == list(range(slots))
    assert {slot.threads for slot in made} == {threads}
    seen = [slot.environment.get("CUDA_VISIBLE_DEVICES") for slot in made]
    assert seen == [str(index % gpus) if gpus else None for index in range(slots)]


def with_server(code: str) -> LocalExecutor:
    """An executor whose fork server is a few lines of Python."""
    executor = LocalExecutor(RunnerSettings(slots=1))
    executor._server = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    local.threading.Thread(
        target=local._read_answers, args=(executor._server, executor._answers), daemon=True
    ).start()
    return executor


def close(executor: LocalExecutor, server: subprocess.Popen[str]) -> None:
    executor.close()
    server.wait(10)
    assert server.stdout is not None
    server.stdout.close()


def test_an_executor_that_was_not_started_says_so(tmp_path: Path) -> None:
    with pytest.raises(ExecutorError, match="not started"):
        LocalExecutor(RunnerSettings()).launch(TrialFolder(tmp_path), 1, Slot(0, 1))


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [('{"started": 3}', True), ('{"running": true}', False), ('{"error": "why"}', "why")],
)
def test_answers(tmp_path: Path, answer: str, wanted: bool | str) -> None:
    executor = with_server(f"input(); print('{answer}', flush=True); input()")
    server = executor._server
    assert server is not None
    if isinstance(wanted, str):
        with pytest.raises(ExecutorError, match=wanted):
            executor.launch(TrialFolder(tmp_path), 1, Slot(0, 1))
    else:
        assert executor.launch(TrialFolder(tmp_path), 1, Slot(0, 1)) == wanted
    close(executor, server)


def test_a_server_that_dies_over_a_request_is_let_go(tmp_path: Path) -> None:
    executor = with_server("input()")
    server = executor._server
    assert server is not None
    with pytest.raises(ExecutorError, match="died"):
        executor.launch(TrialFolder(tmp_path), 1, Slot(0, 1))
    assert executor._server is None
    close(executor, server)


def test_a_late_answer_is_not_taken_for_that_to_the_next_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "ANSWER_SECONDS", 0.1)
    executor = with_server("import sys; sys.stdin.read(); print('{\"started\": 3}', flush=True)")
    server, answers = executor._server, executor._answers
    assert server is not None
    with pytest.raises(ExecutorError, match="does not answer"):
        executor.launch(TrialFolder(tmp_path), 1, Slot(0, 1))
    close(executor, server)
    # It came, but nobody asks that server again.
    assert answers.get(timeout=10) == {"started": 3}
    with pytest.raises(ExecutorError, match="not started"):
        executor.launch(TrialFolder(tmp_path), 2, Slot(0, 1))


def test_the_likely_slots_are_told_without_starting_anything() -> None:
    executor = LocalExecutor(RunnerSettings(slots=3))
    assert executor.likely_slots() == 3
    assert executor._server is None


def test_a_server_that_ends_before_it_is_ready_is_an_error() -> None:
    executor = with_server("pass")
    server = executor._server
    assert server is not None
    # Not ended yet, but its output is: the executor must not restart it for ever without a word.
    executor._answers = queue.Queue()
    executor._answers.put(None)
    executor._server = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, text=True)
    second = executor._server
    with pytest.raises(ExecutorError, match="ended at once"):
        executor.slots()
    executor.close()
    second.wait(10)
    server.wait(10)
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.close()
    server.stdout.close()


def test_signals_to_a_trial_that_has_ended_do_nothing(tmp_path: Path) -> None:
    executor = LocalExecutor(RunnerSettings())
    executor.ask_to_stop(TrialFolder(tmp_path))
    executor.kill(TrialFolder(tmp_path))

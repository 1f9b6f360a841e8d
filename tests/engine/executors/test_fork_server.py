"""The fork server: starts trials, never two for one folder, and is missed by none of them when it dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ExecutorError
from engine.executors.local import LocalExecutor
from engine.experiment import ExperimentSpec
from engine.settings import RunnerSettings
from engine.trial_folder import TrialFolder, TrialSpec, take_lock

OWNER = """
import sys, time
from pathlib import Path
from engine.executors.local import LocalExecutor
from engine.settings import RunnerSettings
from engine.trial_folder import TrialFolder

executor = LocalExecutor(RunnerSettings(slots=1))
while not executor.slots():
    time.sleep(0.05)
assert executor.launch(TrialFolder(Path(sys.argv[1])), 1, executor.slots()[0])
print(executor._server.pid, flush=True)
time.sleep(600)
"""


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def events(folder: TrialFolder) -> list[dict[str, Any]]:
    lines = folder.events.read_text().split("\n")[:-1] if folder.events.exists() else []
    return [json.loads(line) for line in lines]


def kinds(folder: TrialFolder) -> list[str]:
    return [event["kind"] for event in events(folder)]


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    executor = LocalExecutor(RunnerSettings(slots=1))
    wait_until(lambda: bool(executor.slots()))
    yield executor
    executor.close()


@pytest.fixture
def long_trial(tiny_spec: ExperimentSpec, tmp_path: Path) -> Iterator[TrialFolder]:
    """A trial that would take minutes."""
    folder = TrialFolder(tmp_path / "0001")
    folder.write_spec(
        TrialSpec(
            experiment=tiny_spec.changed(
                fixed=tiny_spec.fixed | {"epochs": 5000.0},
                training=tiny_spec.training.model_dump() | {"checkpoint_seconds": 0.2},
            ),
            name="tiny",
            number=1,
            role="student",
            parameters=tiny_spec.baseline_configuration(),
            seed=1,
            cache=tmp_path / "cache",
        )
    )
    yield folder
    if (holder := folder.holder()) is not None:
        os.killpg(holder.pid, signal.SIGKILL)


@pytest.mark.timeout(300)
def test_a_trial_runs_is_not_started_twice_and_its_death_is_noted(
    executor: LocalExecutor, long_trial: TrialFolder
) -> None:
    (slot,) = executor.slots()
    long_trial.exit.write_text("that of an earlier attempt")
    assert executor.launch(long_trial, 1, slot)
    holder = long_trial.holder()
    assert holder is not None
    assert holder.slot == 0
    assert not executor.launch(long_trial, 2, slot)
    wait_until(lambda: "checkpoint" in kinds(long_trial))
    assert kinds(long_trial).count("started") == 1
    assert os.getpgid(holder.pid) == holder.pid
    assert events(long_trial)[0]["pid"] == holder.pid
    assert not long_trial.exit.exists()
    executor.kill(long_trial)
    wait_until(long_trial.exit.exists)
    assert json.loads(long_trial.exit.read_text()) == {"status": 0, "signal": 9}
    assert long_trial.holder() is None
    # The next attempt goes on numbering; asked to stop, it says so.
    assert executor.launch(long_trial, 2, slot)
    wait_until(
        lambda: any(event["attempt"] == 2 and event["kind"] == "checkpoint" for event in events(long_trial))
    )
    executor.ask_to_stop(long_trial)
    wait_until(lambda: long_trial.holder() is None)
    assert kinds(long_trial)[-1] == "stopped"
    assert [event["seq"] for event in events(long_trial)] == list(range(1, len(events(long_trial)) + 1))
    assert any(long_trial.checkpoint.iterdir())
    wait_until(long_trial.exit.exists)
    assert json.loads(long_trial.exit.read_text()) == {"status": 0, "signal": 0}


def test_a_folder_that_somebody_holds_is_left_alone(executor: LocalExecutor, tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path)
    lock = take_lock(folder)
    assert lock is not None
    assert not executor.launch(folder, 1, executor.slots()[0])
    os.close(lock)
    assert [path.name for path in tmp_path.iterdir()] == ["process.lock"]


def test_a_folder_that_is_not_there_is_an_error_and_the_server_lives_on(
    executor: LocalExecutor, tmp_path: Path
) -> None:
    with pytest.raises(ExecutorError, match="nowhere cannot be taken: No such file"):
        executor.launch(TrialFolder(tmp_path / "nowhere"), 1, executor.slots()[0])
    assert executor._server is not None
    assert executor._server.poll() is None


def test_a_trial_without_a_specification_fails_by_its_own_account(
    executor: LocalExecutor, tmp_path: Path
) -> None:
    folder = TrialFolder(tmp_path)
    assert executor.launch(folder, 1, executor.slots()[0])
    wait_until(folder.exit.exists)
    assert kinds(folder) == ["failed"]
    assert "spec.json" in events(folder)[0]["reason"]
    assert "FileNotFoundError" in folder.log.read_text()


@pytest.mark.timeout(300)
def test_a_trial_outlives_its_fork_server_and_their_owner(long_trial: TrialFolder) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, long_trial.path], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    server = int(owner.stdout.readline())
    wait_until(lambda: "checkpoint" in kinds(long_trial))
    before = long_trial.holder()
    assert before is not None
    for pid in (owner.pid, server):
        os.kill(pid, signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    wait_until(
        lambda: (
            not Path(f"/proc/{server}").exists()
            or "Z" in Path(f"/proc/{server}/stat").read_text().split(")")[1]
        )
    )
    seen = len(events(long_trial))
    wait_until(lambda: len(events(long_trial)) > seen)
    assert long_trial.holder() == before
    LocalExecutor(RunnerSettings()).ask_to_stop(long_trial)
    wait_until(lambda: long_trial.holder() is None)
    assert kinds(long_trial)[-1] == "stopped"
    # Nobody was there to note how it ended.
    assert not long_trial.exit.exists()

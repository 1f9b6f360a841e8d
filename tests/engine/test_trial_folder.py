"""A trial's folder: its lock, its numbered events, and how its process ended."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.events import Checkpoint, Progress, Stopped
from engine.experiment import ExperimentSpec
from engine.trial_folder import (
    EventWriter,
    Holder,
    TrialFolder,
    TrialSpec,
    event_writer,
    note_holder,
    take_lock,
)


@pytest.fixture
def folder(tmp_path: Path) -> TrialFolder:
    return TrialFolder(tmp_path)


def hold(path: Path, ready: str) -> None:
    """In a child: take the lock, say so, and wait to be killed."""
    folder = TrialFolder(path)
    lock = take_lock(folder)
    assert lock is not None
    note_holder(lock, Holder(os.getpid(), 3))
    Path(ready).touch()
    time.sleep(600)


@pytest.fixture
def holding_child(folder: TrialFolder, tmp_path: Path) -> Iterator[multiprocessing.process.BaseProcess]:
    ready = tmp_path / "ready"
    child = multiprocessing.get_context("fork").Process(target=hold, args=(folder.path, str(ready)))
    child.start()
    while not ready.exists():
        assert child.is_alive()
        time.sleep(0.005)
    yield child
    child.kill()
    child.join()


def test_the_specification_comes_back(folder: TrialFolder, sample_spec: ExperimentSpec) -> None:
    spec = TrialSpec(
        experiment=sample_spec,
        name="sample-2",
        number=3,
        role="student",
        parameters={"n_layers": 2, "alpha": 0.1, "kind": "a"},
        seed=5,
        cache=Path("/cache"),
    )
    TrialFolder(folder.path / "new" / "0003").write_spec(spec)
    again = TrialFolder(folder.path / "new" / "0003").read_spec()
    assert again == spec
    assert type(again.parameters["n_layers"]) is int
    assert [path.name for path in (folder.path / "new" / "0003").iterdir()] == ["spec.json"]


def test_nobody_holds_a_new_folder_and_looking_does_not_take_it(folder: TrialFolder) -> None:
    assert folder.holder() is None
    lock = take_lock(folder)
    assert lock is not None
    os.close(lock)
    assert folder.holder() is None
    second = take_lock(folder)
    assert second is not None
    os.close(second)


def test_a_child_holds_the_lock_until_it_is_killed(
    folder: TrialFolder, holding_child: multiprocessing.process.BaseProcess
) -> None:
    assert holding_child.pid is not None
    assert folder.holder() == Holder(holding_child.pid, 3)
    assert take_lock(folder) is None
    holding_child.kill()
    # Not reaped yet: a zombie holds nothing any more.
    os.waitid(os.P_PID, holding_child.pid, os.WEXITED | os.WNOWAIT)
    assert folder.holder() is None
    lock = take_lock(folder)
    assert lock is not None
    os.close(lock)


def test_a_process_number_given_to_somebody_else_is_not_taken_for_the_trial(folder: TrialFolder) -> None:
    lock = take_lock(folder)
    assert lock is not None
    note_holder(lock, Holder(os.getpid(), 0))
    os.close(lock)
    # The number in the file is that of a living process, but the lock is free.
    assert str(os.getpid()) in folder.lock.read_text()
    assert folder.holder() is None


def test_a_forked_child_keeps_the_lock_when_its_parent_lets_go(folder: TrialFolder) -> None:
    lock = take_lock(folder)
    assert lock is not None
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            signal.pause()
        os._exit(0)
    note_holder(lock, Holder(child, 1))
    os.close(lock)
    try:
        assert folder.holder() == Holder(child, 1)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert folder.holder() is None


def test_a_shorter_note_leaves_nothing_of_a_longer_one(folder: TrialFolder) -> None:
    lock = take_lock(folder)
    assert lock is not None
    for holder in (Holder(4194304, 127), Holder(7, 0)):
        note_holder(lock, holder)
        assert folder.holder() == holder
    os.close(lock)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (None, "vanished (machine restarted?)"),
        ('{"stat', "vanished (machine restarted?)"),
        ('{"status": 0, "signal": 9}', "ended by signal 9, perhaps for want of memory"),
        ('{"status": 0, "signal": 11}', "ended by signal 11"),
        ('{"status": 1, "signal": 0}', "ended with status 1"),
    ],
)
def test_how_it_ended_in_words(folder: TrialFolder, written: str | None, told: str) -> None:
    if written is not None:
        folder.exit.write_text(written)
    assert folder.how_it_ended().endswith(told)


def events(path: Path) -> list[tuple[int, int, str]]:
    return [(e["seq"], e["attempt"], e["kind"]) for e in map(json.loads, path.read_text().splitlines())]


def test_numbers_go_on_over_attempts(folder: TrialFolder) -> None:
    for attempt in (1, 2):
        with event_writer(folder.events, attempt) as writer:
            writer.write(Checkpoint(attempt))
            # Already there for others to read, not only when the file is closed.
            assert events(folder.events)[-1] == (2 * attempt - 1, attempt, "checkpoint")
            writer.write(Stopped("x"))
    assert events(folder.events) == [
        (1, 1, "checkpoint"),
        (2, 1, "stopped"),
        (3, 2, "checkpoint"),
        (4, 2, "stopped"),
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=10), max_size=4), st.integers(0, 400))
def test_a_torn_last_line_is_cut_off_and_its_number_used_again(messages: list[str], torn: int) -> None:
    path = Path(f"/tmp/torn-{os.getpid()}.jsonl")
    path.unlink(missing_ok=True)
    try:
        with event_writer(path, 1) as writer:
            for message in messages:
                writer.write(Progress(0.5, message))
        content = path.read_bytes()[: max(0, path.stat().st_size - torn)]
        path.write_bytes(content)
        whole = content[: content.rfind(b"\n") + 1]
        writer = EventWriter(path, 2)
        writer.write(Checkpoint(1))
        writer.close()
        assert path.read_bytes().startswith(whole)
        assert [seq for seq, _, _ in events(path)] == list(range(1, whole.count(b"\n") + 2))
        assert events(path)[-1][1:] == (2, "checkpoint")
    finally:
        path.unlink(missing_ok=True)

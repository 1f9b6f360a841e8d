"""The process around a trial: what it writes at every kind of end, and with which status it goes."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.spec_files import parse_spec
from engine.trial_folder import TrialFolder, TrialSpec
from engine.trial_process import is_machine_fault
from tests.engine import trial_scenarios
from tests.engine.sample_spec import SAMPLE

SCENARIOS = [
    name
    for name, item in vars(trial_scenarios).items()
    if getattr(item, "__module__", None) == trial_scenarios.__name__
    and name not in ("main", "trainable", "full_disk")
]


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every scenario has been run."""
    path = tmp_path_factory.mktemp("trials")
    for name in SCENARIOS:
        spec = TrialSpec(
            experiment=parse_spec(SAMPLE),
            name="sample",
            number=1,
            role="student",
            parameters={},
            seed=1,
            cache=path / "cache",
        )
        TrialFolder(path / name).write_spec(spec)
    script = Path(trial_scenarios.__file__)
    subprocess.run([sys.executable, script, path], check=True, timeout=240)
    return path


def outcome(trials: Path, name: str) -> tuple[int, list[dict[str, Any]]]:
    lines = TrialFolder(trials / name).events.read_text().splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["kind"] == "started"
    return int((trials / name / "status.txt").read_text()), events[1:]


def test_finished(trials: Path) -> None:
    status, (progress, last) = outcome(trials, "finishes")
    assert status == 0
    assert progress["message"] == "1 threads"
    assert (last["kind"], last["metrics"]) == ("finished", {"exact": 50.0, "f1": None})


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("fails", "ValueError: first line"),
        ("diverges", "the loss is nan at step 3"),
        ("has_no_data", "no such file"),
        ("has_impossible_settings", "impossible settings: Input should be greater than 0"),
        ("runs_out_of_memory", "out of memory: "),
        ("runs_out_of_gpu_memory", "out of memory: CUDA out of memory. Tried to allocate 20.00 GiB."),
        ("runs_out_of_python_memory", "out of memory: MemoryError"),
        ("cannot_fork", "out of memory: [Errno 12] Cannot allocate memory"),
    ],
)
def test_failed_with_reason_and_traceback(trials: Path, name: str, reason: str) -> None:
    status, events = outcome(trials, name)
    assert status == 0
    assert [event["kind"] for event in events] == ["progress", "failed"]
    assert events[-1]["reason"].startswith(reason)
    assert events[-1]["error"].startswith("Traceback")
    assert name in events[-1]["error"]
    assert "Traceback" in (trials / name / "log.txt").read_text()


@pytest.mark.parametrize(
    "name", ["finds_the_disk_full", "finds_the_disk_full_in_torch", "cannot_save_when_asked_to_stop"]
)
def test_a_full_disk_is_no_word_against_the_settings(trials: Path, name: str) -> None:
    if "disk_full" in name and not Path("/dev/full").is_char_device():
        pytest.skip("no /dev/full")
    status, events = outcome(trials, name)
    assert status == 1
    assert [event["kind"] for event in events] == ["progress"]
    assert "No space left on device" in (trials / name / "log.txt").read_text()


def test_stopped_with_the_generator_closed(trials: Path) -> None:
    status, events = outcome(trials, "stops")
    assert status == 0
    assert [event["kind"] for event in events] == ["progress"] * 3 + ["stopped"]
    assert (trials / "stops" / "closed").exists()


def test_a_last_word_is_not_followed_by_another(trials: Path) -> None:
    status, events = outcome(trials, "ends_while_asked_to_stop")
    assert (status, [event["kind"] for event in events]) == (0, ["finished"])


def test_killed(trials: Path) -> None:
    status, events = outcome(trials, "is_killed")
    assert (status, [event["kind"] for event in events]) == (-9, ["progress"])


def wrapped(error: Exception) -> Exception:
    """The error as a library passes it on: raised out of its handling."""
    try:
        try:
            raise error
        except type(error):
            raise RuntimeError("unexpected pos 704 vs 598")  # noqa: B904 - as torch does
    except RuntimeError as outer:
        return outer


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), True),
        (OSError(errno.EIO, os.strerror(errno.EIO)), True),
        (wrapped(OSError(errno.ENOSPC, "No space left on device")), True),
        # As safetensors and numpy word it.
        (RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)"), True),
        (OSError("1000000 requested and 12784 written"), True),
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), False),
        (wrapped(KeyError("x")), False),
        (MemoryError(), False),
        (RuntimeError("CUDA out of memory"), False),
    ],
)
def test_faults_of_the_machine(error: Exception, *, fault: bool) -> None:
    assert is_machine_fault(error) == fault

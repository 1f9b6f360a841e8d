"""Jobs: processes of their own that tell how far they are, may fail, vanish or be ended, and leave one result."""

from __future__ import annotations

import fcntl
import os
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from engine.errors import ModelError, StateError, UnknownNameError
from engine.jobs.desk import MOST_RUNNING, forget_job, job_status, running_jobs, start_job, stop_job
from engine.jobs.state import JobFolder, JobKind, JobStatus, Reporter, job_folder, read_status, write_status
from engine.settings import Home
from tests.engine.export.test_onnx import needs_onnx
from tests.server import wait_until


@contextmanager
def held(folder: JobFolder) -> Iterator[None]:
    """As if a process did the job."""
    folder.path.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder.lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a model of demo/3 that was never trained."""
    home = Home(tmp_path / "home")
    model = home.path / "experiments/demo/0003/model"
    model.mkdir(parents=True)
    (model / "model.safetensors").write_bytes(b"weights")
    return home


def stamp(home: Home) -> int:
    return (home.path / "experiments/demo/0003/model/model.safetensors").stat().st_mtime_ns


def said(home: Home, state: str, **more: object) -> JobStatus:
    facts: dict[str, object] = {"doing": "", "share": 0.5, "began": 0.0, "model": stamp(home), "pid": 0}
    return JobStatus(state=state, **(facts | more))  # type: ignore[arg-type]


@needs_onnx
def test_an_export_in_8_bits(stored: Home) -> None:
    start_job(stored, "tiny", 1, JobKind.INT8)
    assert running_jobs(stored) == 1
    start_job(stored, "tiny", 1, JobKind.INT8)
    seen: dict[str, float] = {}

    def ended() -> JobStatus | None:
        status = job_status(stored, "tiny", 1, JobKind.INT8)
        assert status is not None
        seen[status.doing] = status.share
        return status if status.state != "running" else None

    status = wait_until(ended, 240)
    assert (status.state, status.share) == ("done", 1.0), status.doing
    assert list(seen.values()) == sorted(seen.values())
    folder = job_folder(stored, "tiny", 1, JobKind.INT8)
    with zipfile.ZipFile(folder.result) as archive:
        names = archive.namelist()
    assert {"tiny-1/onnx/model.onnx", "tiny-1/onnx/model_int8.onnx", "tiny-1/config.json"} <= set(names)
    assert {path.name for path in folder.path.iterdir()} == {
        *("status.json", "process.lock", "log.txt", "model.zip")
    }
    wait_until(lambda: running_jobs(stored) == 0, 30)


def test_a_failure_says_why(home: Home) -> None:
    (home.path / "experiments/demo/0003/spec.json").write_text("{}")
    start_job(home, "demo", 3, JobKind.CONFIRM)
    wait_until(lambda: job_status(home, "demo", 3, JobKind.CONFIRM).state != "running", 120)
    status = job_status(home, "demo", 3, JobKind.CONFIRM)
    assert status is not None
    assert status.state == "failed"
    assert "ValidationError" in status.doing
    assert "Traceback" in job_folder(home, "demo", 3, JobKind.CONFIRM).log.read_text()


def test_only_models_have_jobs(home: Home) -> None:
    with pytest.raises(UnknownNameError, match="no trial demo/9"):
        start_job(home, "demo", 9, JobKind.ONNX)
    (home.path / "experiments/demo/0004").mkdir()
    with pytest.raises(ModelError, match="no model"):
        start_job(home, "demo", 4, JobKind.ONNX)
    assert job_status(home, "demo", 4, JobKind.ONNX) is None


def test_a_vanished_process_is_told_with_its_last_words(home: Home) -> None:
    folder = job_folder(home, "demo", 3, JobKind.ONNX)
    with held(folder):
        write_status(folder, said(home, "running", doing="writing"))
        folder.log.write_text("Killed for want of memory\n")
        running = job_status(home, "demo", 3, JobKind.ONNX)
        assert running is not None
        assert (running.state, running.doing) == ("running", "writing")
    vanished = job_status(home, "demo", 3, JobKind.ONNX)
    assert vanished is not None
    assert vanished.state == "failed"
    assert "without a word: Killed for want of memory" in vanished.doing


def test_results_of_another_model_and_lost_ones_do_not_count(home: Home) -> None:
    folder = job_folder(home, "demo", 3, JobKind.ONNX)
    folder.path.mkdir(parents=True)
    write_status(folder, said(home, "done"))
    assert job_status(home, "demo", 3, JobKind.ONNX) is None, "the file was deleted"
    folder.result.write_bytes(b"zip")
    assert job_status(home, "demo", 3, JobKind.ONNX) == said(home, "done")
    write_status(folder, said(home, "done", model=stamp(home) - 1))
    assert job_status(home, "demo", 3, JobKind.ONNX) is None
    folder.status.write_text("torn")
    assert read_status(folder) is None
    forget_job(home, "demo", 3, JobKind.ONNX)
    assert not folder.path.exists()


def test_few_at_a_time(home: Home) -> None:
    with ExitStack() as stack:
        for number in range(MOST_RUNNING):
            stack.enter_context(held(job_folder(home, "other", number, JobKind.ONNX)))
        with pytest.raises(StateError, match=f"{MOST_RUNNING} exports"):
            start_job(home, "demo", 3, JobKind.ONNX)


def test_one_that_is_ended_is_forgotten(home: Home) -> None:
    start_job(home, "demo", 3, JobKind.CONFIRM)
    folder = job_folder(home, "demo", 3, JobKind.CONFIRM)
    status = wait_until(lambda: (found := read_status(folder)) and found.pid and found, 60)
    stop_job(home, "demo", 3, JobKind.CONFIRM)
    assert job_status(home, "demo", 3, JobKind.CONFIRM) is None

    def gone() -> bool:
        try:
            os.killpg(status.pid, 0)
        except ProcessLookupError:
            return True
        return os.waitpid(status.pid, os.WNOHANG)[0] != 0

    wait_until(gone, 60)


def test_a_report_keeps_when_it_began(home: Home) -> None:
    folder = job_folder(home, "demo", 3, JobKind.ONNX)
    folder.path.mkdir(parents=True)
    reporter = Reporter(folder, 7)
    first = read_status(folder)
    reporter.tell("copying", 0.25)
    second = read_status(folder)
    reporter.end("failed", "no room")
    last = read_status(folder)
    assert first is not None
    assert second is not None
    assert last is not None
    assert first.began == second.began == last.began
    assert (second.doing, second.share, last.state, last.share) == ("copying", 0.25, "failed", 0.25)
    assert first.seconds >= 0

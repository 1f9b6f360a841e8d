"""Progress on standard error, where that is no terminal."""

from __future__ import annotations

from typing import Any

import pytest

from engine.cli import follow
from engine.errors import StateError


def summary(done: int, *, teacher: str = "completed", progress: float = 0.0) -> dict[str, Any]:
    return {
        "name": "pre",
        "budget": 3,
        "done": done,
        "counts": {"failed": 1} if done > 1 else {},
        "frontier": [1],
        "teacher": {"state": teacher, "progress": 0.404, "progress_message": "reading"},
        "trials": [{"state": "running", "progress": progress}],
    }


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the next looks at the clock see."""
    now = [100.0]
    monkeypatch.setattr(follow.time, "monotonic", lambda: now[0])
    return now


def test_lines_come_every_half_minute_and_at_the_end(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    def summaries() -> Any:
        yield summary(0, teacher="running")
        for second in range(1, 61):
            clock[0] = 100.0 + second
            yield summary(second // 20, progress=0.25)
        yield summary(3)

    last = follow.show_progress(summaries())
    assert last["done"] == 3
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.splitlines() == [
        "pre: teacher 40 %, reading",
        "pre: 1.2 of 3 trials, 1 on the frontier",
        "pre: 3.2 of 3 trials, 1 on the frontier, 1 failed",
        "pre: 3 of 3 trials, 1 on the frontier, 1 failed",
    ]


def test_the_end_is_told_once(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    follow.show_progress([summary(3)])
    assert capsys.readouterr().err.count("\n") == 1


def test_bars_in_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(follow.sys.stderr, "isatty", lambda: True, raising=False)
    follow.show_progress([summary(0, teacher="running"), summary(3)])
    errors = capsys.readouterr().err
    assert "\r" in errors
    assert "trial/s" in errors or "s/trial" in errors or "3/3" in errors


def test_nothing_reported_is_an_error() -> None:
    with pytest.raises(StateError):
        follow.show_progress([])

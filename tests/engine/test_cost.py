"""Time spent and to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.cost import cost
from storage.trials import TrialRow
from tests.engine.conftest import Lab

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.fixture
def row(lab: Lab) -> TrialRow:
    return lab.trial(0)


def trial(
    row: TrialRow, number: int, state: str, start: float | None, end: float | None, progress: float = 0.0
) -> TrialRow:
    return replace(
        row,
        number=number,
        role="student" if number else "teacher",
        state=state,
        progress=progress,
        started_at=None if start is None else at(start),
        finished_at=None if end is None else at(end),
    )


def test_a_running_experiment(row: TrialRow) -> None:
    trials = [
        trial(row, 0, "completed", 0, 10),
        trial(row, 1, "completed", 10, 30),
        trial(row, 2, "failed", 10, 12),
        trial(row, 3, "running", 40, None, progress=0.5),
        trial(row, 4, "queued", None, None),
        trial(row, 5, "paused", 20, None),
    ]
    found = cost(trials, 10, at(60), None)
    assert found.spent == 60
    assert found.busy == 10 + 20 + 2 + 20, "who waits is not busy"
    assert found.each == 20
    assert found.trials_left == 8
    assert found.left == pytest.approx(7.5 * 20)


def test_before_and_after(row: TrialRow) -> None:
    nothing = cost([trial(row, 0, "queued", None, None)], 10, at(60), None)
    assert (nothing.spent, nothing.left, nothing.busy, nothing.each) == (0.0, None, 0.0, None)
    ended = cost([trial(row, 1, "completed", 0, 30)], 1, at(500), at(40))
    assert (ended.spent, ended.left, ended.trials_left) == (40, None, 0)

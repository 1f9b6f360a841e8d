"""Time spent and to come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.cost import cost, seconds_left
from storage.totals import TrialTotals

START = datetime(2026, 1, 1, tzinfo=UTC)
NOTHING = TrialTotals(1, {}, None, 0.0, (0, 0.0), None, 0.0)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_a_running_experiment() -> None:
    counts = {"completed": 1, "failed": 1, "running": 1, "queued": 1, "paused": 1}
    found = cost(
        TrialTotals(6, counts, START, 10 + 20 + 2, (1, at(40).timestamp()), 20.0, 0.5), 10, at(60), None
    )
    assert found.spent == 60
    assert found.busy == pytest.approx(10 + 20 + 2 + 20)
    assert found.each == 20
    assert found.trials_left == 8
    assert found.left == pytest.approx(7.5 * 20)


def test_before_and_after() -> None:
    nothing = cost(NOTHING, 10, at(60), None)
    assert (nothing.spent, nothing.left, nothing.busy, nothing.each) == (0.0, None, 0.0, None)
    done = TrialTotals(2, {"completed": 1}, START, 30.0, (0, 0.0), 30.0, 0.0)
    ended = cost(done, 1, at(500), at(40))
    assert (ended.spent, ended.left, ended.trials_left) == (40, None, 0)


@pytest.mark.parametrize(
    ("counts", "each", "progress", "to_go", "seconds"),
    [
        ({}, None, 0.0, 10, None),
        ({"running": 1}, None, 0.5, 10, None),
        # Nine of mean length to go, one after the other.
        ({"completed": 1}, 10.0, 0.0, 9, 90),
        ({"completed": 2}, 20.0, 0.0, 8, 160),
        # Seven that have not begun and one half of each running one, two at a time.
        ({"completed": 1, "running": 2}, 10.0, 1.0, 9, 40),
        ({"completed": 1, "failed": 1, "stopped": 1}, 10.0, 0.0, 7, 70),
        ({"completed": 12}, 10.0, 0.0, -2, 0),
    ],
)
def test_time_left(
    counts: dict[str, int], each: float | None, progress: float, to_go: int, seconds: float | None
) -> None:
    found = seconds_left(TrialTotals(9, counts, START, 0.0, (0, 0.0), each, progress), to_go)
    assert found == (None if seconds is None else pytest.approx(seconds))

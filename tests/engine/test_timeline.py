"""Lanes and ends of attempts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from engine.timeline import timeline

START = pd.Timestamp("2026-01-01")
NOW = datetime(2026, 1, 1, 1, tzinfo=UTC)


def attempts(*rows: tuple[int, int, float, float, str | None, str]) -> pd.DataFrame:
    """Number, attempt, begin and end in minutes, last word, state of the trial."""
    return pd.DataFrame(
        [
            {
                "number": number,
                "role": "student",
                "state": state,
                "on_frontier": False,
                "finished_at": None,
                "attempt": attempt,
                "begin": START + timedelta(minutes=begin),
                "last": START + timedelta(minutes=last),
                "kind": kind,
            }
            for number, attempt, begin, last, kind, state in rows
        ]
    )


def test_trials_at_the_same_time_have_lanes_of_their_own() -> None:
    found = timeline(
        attempts(
            (1, 1, 0, 10, "finished", "completed"),
            (2, 1, 2, 5, "failed", "failed"),
            (3, 1, 5, 9, "finished", "completed"),
            (4, 1, 10, 12, "finished", "completed"),
            (5, 1, 11, 12, "finished", "completed"),
        ),
        NOW,
    )
    assert found["lane"].tolist() == [0, 1, 1, 0, 1]
    assert found["outcome"].tolist() == ["completed", "failed", "completed", "completed", "completed"]


@pytest.mark.parametrize(
    ("kind", "state", "outcome"),
    [
        ("finished", "completed", "completed"),
        ("failed", "failed", "failed"),
        ("stopped", "stopped", "stopped"),
        ("stopped", "paused", "paused"),
        (None, "running", "running"),
        (None, "queued", "lost"),
        (None, "lost", "lost"),
        (None, "stopped", "stopped"),
        (None, "failed", "failed"),
    ],
)
def test_how_an_attempt_ended(kind: str | None, state: str, outcome: str) -> None:
    found = timeline(attempts((1, 1, 0, 10, kind, state)), NOW)
    assert found["outcome"].tolist() == [outcome]


def test_a_trial_that_was_begun_again() -> None:
    found = timeline(
        attempts(
            (1, 1, 0, 10, None, "running"),
            (2, 1, 0, 8, "stopped", "completed"),
            (2, 2, 20, 30, "finished", "completed"),
            (1, 2, 12, 15, None, "running"),
        ).sort_values("begin", kind="stable"),
        NOW,
    )
    assert found["outcome"].tolist() == ["lost", "paused", "running", "completed"]
    assert found["again"].tolist() == [True, True, False, False]
    assert found["end"].iloc[2] == pd.Timestamp("2026-01-01 01:00"), "a running attempt reaches to now"


def test_nothing_ran() -> None:
    assert timeline(attempts((1, 1, 0, 1, None, "running"))[:0], NOW).columns.tolist()[-1] == "lane"

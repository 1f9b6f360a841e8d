"""What changed since a moment, in figures and words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from engine.metrics import Metric
from engine.outcomes import Outcomes
from engine.since import Changes, changes_since

METRICS = (Metric(name="exact", direction="maximize"), Metric(name="size", direction="minimize"))
START = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = [(60.0, 100.0), (50.0, 50.0), (70.0, 120.0), (60.0, 90.0), (40.0, 200.0)]
"""Exact match and size of trials 1 to 5, which end after 1 to 5 minutes."""


@pytest.fixture
def found() -> Outcomes:
    exact, size = zip(*ROWS, strict=True)
    minutes = range(1, len(ROWS) + 1)
    finished = [START.replace(tzinfo=None) + timedelta(minutes=minute) for minute in minutes]
    return Outcomes(
        METRICS,
        pd.DataFrame({"number": list(minutes), "exact": exact, "size": size, "finished_at": finished}),
    )


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def test_trials_that_joined_and_left(found: Outcomes) -> None:
    changes = changes_since(found, {"completed": 3, "failed": 1}, at(2))
    assert (changes.joined, changes.left) == ((3, 4), (1,))
    assert changes.growth == pytest.approx(found.growth.volumes[-1] / found.growth.volumes[1] - 1)
    assert changes.growth > 0
    assert changes.sentence.startswith(
        "4 trials ended (1 failed), 2 new on the frontier (3 and 4), 1 left it (1), hypervolume +"
    )


def test_a_moment_in_another_zone_is_the_same(found: Outcomes) -> None:
    from datetime import timezone

    elsewhere = at(2).astimezone(timezone(timedelta(hours=5)))
    assert changes_since(found, {}, elsewhere) == changes_since(found, {}, at(2))


def test_nothing_new_on_the_frontier(found: Outcomes) -> None:
    changes = changes_since(found, {"completed": 1}, at(4.5))
    assert (changes.joined, changes.left, changes.growth) == ((), (), 0)
    assert changes.sentence == "1 trial ended, none new on the frontier, hypervolume unchanged."
    assert changes_since(found, {}, at(9)).sentence == "no trial ended."


def test_from_the_beginning_there_is_no_growth_to_tell(found: Outcomes) -> None:
    changes = changes_since(found, {"completed": 5}, at(0))
    assert changes.joined == (2, 3, 4)
    assert changes.growth is None
    assert "hypervolume" not in changes.sentence


def test_many_trials_are_not_named() -> None:
    told = Changes({"completed": 9000}, tuple(range(20)), (), 0.031).sentence
    assert told == "9,000 trials ended, 20 new on the frontier, hypervolume +3.1 %."

"""The frontier's history as tables."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from dashboard.history import hypervolume_frame, moves_frame
from engine.metrics import Metric
from engine.outcomes import Outcomes

METRICS = (
    Metric(name="exact", direction="maximize", threshold=50.0),
    Metric(name="size", direction="minimize"),
)
START = datetime(2026, 1, 1)  # noqa: DTZ001 - as the database gives it


@pytest.fixture
def found() -> Outcomes:
    rows = [(7, 60.0, 100.0), (3, 40.0, 0.0), (4, 60.0, 50.0), (9, 70.0, 50.0)]
    ends = [START + timedelta(hours=hour) for hour in range(1, 5)]
    return Outcomes(
        METRICS,
        pd.DataFrame(
            {
                "number": [row[0] for row in rows],
                "exact": [row[1] for row in rows],
                "size": [row[2] for row in rows],
                "started_at": [end - timedelta(minutes=30) for end in ends],
                "finished_at": ends,
                "train_seconds": [3600.0, np.nan, 1800.0, 1800.0],
            }
        ),
    )


def test_hypervolume_and_training_spent(found: Outcomes) -> None:
    table = hypervolume_frame(found)
    assert table["trial"].tolist() == [7, 3, 4, 9]
    # The reference is (50, 110); a trial without its training time counts from start to end.
    assert table["hypervolume"].tolist() == pytest.approx([100, 100, 600, 1200])
    assert table["spent"].tolist() == pytest.approx([1.0, 1.5, 2.0, 2.5])


def test_trials_that_moved_the_frontier(found: Outcomes) -> None:
    table = moves_frame(found)
    assert table["trial"].tolist() == [9, 4, 7]
    assert table["place"].tolist() == [4, 3, 1]
    assert table["gain"].tolist()[:2] == pytest.approx([100.0, 500.0])
    assert np.isnan(table["gain"].iloc[2])
    assert table["replaced"].tolist() == ["4", "7", ""]
    assert table["exact"].tolist() == [70.0, 60.0, 60.0]
    assert str(table["finished"].dt.tz) == "UTC"


def test_nothing_has_moved_it_yet() -> None:
    empty = pd.DataFrame(
        {name: [] for name in ("number", "exact", "size", "train_seconds")}
        | {name: pd.to_datetime([]) for name in ("started_at", "finished_at")}
    )
    assert moves_frame(Outcomes(METRICS, empty)).empty
    assert hypervolume_frame(Outcomes(METRICS, empty)).empty

"""How a frontier grew: against the definition, and on a history worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import growth as module
from engine.frontier import frontier
from engine.growth import Columns, eligible, growth
from engine.metrics import Metric

METRICS = (
    Metric(name="exact", direction="maximize", threshold=50.0),
    Metric(name="size", direction="minimize"),
    Metric(name="f1", role="store"),
)


def columns(*rows: tuple[float, float]) -> Columns:
    exact, size = np.array(rows, dtype=np.float64).reshape(-1, 2).T
    return {"exact": exact, "size": size}


KNOWN = columns((60, 100), (np.nan, 10), (60, 50), (40, 0), (70, 50), (55, 20), (70, 50))


def test_a_history_by_hand() -> None:
    found = growth(METRICS, KNOWN)
    # The reference is (50, 110): the worst size 100 and a tenth of the range 100 - 0.
    assert found.volumes == pytest.approx([100, 100, 600, 600, 1200, 1350, 1350])
    assert found.entered == (0, 2, 4, 5)
    assert found.replaced == ((), (0,), (2,), ())


def test_the_frontier_of_any_moment() -> None:
    found = growth(METRICS, KNOWN)
    assert [found.frontier_after(count) for count in range(8)] == [
        [],
        [0],
        [0],
        [2],
        [2],
        [4],
        [4, 5],
        [4, 5],
    ]


def test_only_trials_that_meet_every_threshold_count() -> None:
    assert eligible(METRICS, KNOWN).tolist() == [True, False, True, False, True, True, True]
    nothing = growth(METRICS, columns((10, 1), (20, 2)))
    assert (nothing.volumes.tolist(), nothing.entered) == ([0.0, 0.0], ())
    assert growth(METRICS, columns()).volumes.tolist() == []


point = st.tuples(st.integers(40, 60).map(float), st.one_of(st.integers(0, 20).map(float), st.just(np.nan)))


@given(st.lists(point, min_size=1, max_size=40), st.integers(1, 7))
def test_blocks_change_nothing_and_the_last_frontier_is_that_of_the_definition(
    rows: list[tuple[float, float]], block: int
) -> None:
    whole = growth(METRICS, columns(*rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        parts = growth(METRICS, columns(*rows))
    assert whole.volumes.tolist() == parts.volumes.tolist()
    assert (whole.entered, whole.replaced) == (parts.entered, parts.replaced)
    named = {place: {"exact": exact, "size": size} for place, (exact, size) in enumerate(rows)}
    last = frontier(METRICS, named)
    # Of trials with equal values the history keeps the first.
    assert {rows[place] for place in whole.frontier_after(len(rows))} == {rows[place] for place in last}
    assert set(whole.frontier_after(len(rows))) <= last

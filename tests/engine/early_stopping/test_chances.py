"""The chance to reach the frontier: known answers in one and two objectives, and bounds in general."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.early_stopping.chances import Barrier, Frontier, best_case, chance
from engine.early_stopping.regression import Prediction
from engine.metrics import Metric

EXACT = Metric(name="exact", direction="maximize", threshold=30.0)
SIZE = Metric(name="size", direction="minimize")
LATENCY = Metric(name="latency", direction="minimize")
FRONT = Frontier.of(
    (EXACT, SIZE),
    {
        1: {"exact": 60.0, "size": 10.0},
        2: {"exact": 70.0, "size": 20.0},
        3: {"exact": 65.0, "size": 25.0},
        4: {"exact": 20.0, "size": 1.0},
    },
)


def test_the_frontier_leaves_out_dominated_trials_and_those_below_a_threshold() -> None:
    assert list(FRONT.points) == [1, 2]


@pytest.mark.parametrize(
    ("exact", "size", "barrier"),
    [
        (59.0, 10.0, Barrier(trial=1)),
        (60.0, 10.0, None),
        (60.0, 10.5, Barrier(trial=1)),
        (31.0, 9.9, None),
        (29.0, 9.9, Barrier(metric="exact")),
        (69.0, 21.0, Barrier(trial=2)),
        (71.0, 99.0, None),
    ],
)
def test_what_bars_the_way(exact: float, size: float, barrier: Barrier | None) -> None:
    assert FRONT.barrier({"exact": exact, "size": size}) == barrier


def test_the_chance_is_exact_where_one_metric_alone_is_not_known() -> None:
    expected = Prediction(60.0, 5.0, 6.0)
    found = chance(FRONT, {"exact": expected, "size": Prediction(22.0)})
    assert found == pytest.approx(1 - expected.probability_below(70.0), abs=1e-6)
    # Smaller than every other: the threshold alone is in its way.
    found = chance(FRONT, {"exact": expected, "size": Prediction(5.0)})
    assert found == pytest.approx(1 - expected.probability_below(30.0), abs=1e-6)


def test_what_is_known_is_certain() -> None:
    assert chance(FRONT, {"exact": Prediction(69.0), "size": Prediction(21.0)}) == 0.0
    assert chance(FRONT, {"exact": Prediction(71.0), "size": Prediction(21.0)}) == 1.0


def test_without_a_frontier_the_threshold_alone_counts() -> None:
    empty = Frontier.of((EXACT, SIZE), {})
    found = chance(empty, {"exact": Prediction(20.0, 4.0, 5.0), "size": Prediction(1.0)})
    assert found == pytest.approx(1 - Prediction(20.0, 4.0, 5.0).probability_below(30.0), abs=1e-6)


def test_a_constrained_metric_bars_the_way_too() -> None:
    f1 = Metric(name="f1", role="constrain", direction="maximize", threshold=50.0)
    front = Frontier.of((EXACT, f1), {})
    assert front.barrier({"exact": 40.0, "f1": 49.0}) == Barrier(metric="f1")
    assert front.barrier({"exact": 40.0, "f1": 50.0}) is None


@given(
    st.floats(40, 80),
    st.floats(0.5, 15),
    st.floats(3, 40),
    st.floats(0.5, 5),
    st.integers(3, 30),
)
def test_the_chance_is_at_least_the_true_probability_of_independent_metrics(
    mean: float, scale: float, latency: float, spread: float, freedom: int
) -> None:
    front = Frontier.of(
        (EXACT, LATENCY), {1: {"exact": 60.0, "latency": 10.0}, 2: {"exact": 70.0, "latency": 20.0}}
    )
    found = {"exact": Prediction(mean, scale, freedom), "latency": Prediction(latency, spread, freedom)}
    random = np.random.default_rng(0)
    exact, slow = (
        prediction.mean + prediction.scale * random.standard_t(freedom, 4000) for prediction in found.values()
    )
    free = (exact >= 30) & ~((exact < 60) & (slow >= 10)) & ~((exact < 70) & (slow >= 20))
    assert chance(front, found) >= free.mean() - 0.03


@given(st.floats(0.01, 0.98), st.floats(0.001, 0.02))
def test_the_best_case_gets_worse_with_the_doubt_allowed(doubt: float, more: float) -> None:
    found = {"exact": Prediction(50.0, 5.0, 4.0), "size": Prediction(7.0)}
    better, worse = (best_case((EXACT, SIZE), found, value) for value in (doubt, doubt + more))
    assert better["exact"] > worse["exact"]
    assert better["size"] == worse["size"] == 7.0


def test_the_doubt_is_shared_by_the_metrics_that_are_not_known() -> None:
    found = {"exact": Prediction(50.0, 5.0, 4.0), "latency": Prediction(10.0, 1.0, 4.0)}
    best = best_case((EXACT, LATENCY), found, 0.1)
    assert best["exact"] == pytest.approx(found["exact"].quantile(0.95))
    assert best["latency"] == pytest.approx(found["latency"].quantile(0.05))

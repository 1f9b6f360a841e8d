"""When more trials are unlikely to help."""

from __future__ import annotations

import numpy as np

from engine.advice.interface import Advice
from engine.advice.predictability import unpredictable
from engine.advice.stopping import stopping as advise
from engine.growth import growth
from engine.metrics import Metric

METRICS = (Metric(name="exact", direction="maximize"), Metric(name="size", direction="minimize"))


GOOD = [(60.0, 10.0), (70.0, 20.0), (50.0, 5.0)]


def stopping(points: list[tuple[float, float]], parameters: int) -> Advice | None:
    exact, size = np.array(points).reshape(-1, 2).T
    return advise(growth(METRICS, {"exact": exact, "size": size}), len(points), parameters)


def test_an_unchanged_frontier_is_told() -> None:
    worse = [(40.0 + number, 30.0) for number in range(10)]
    advice = stopping(GOOD + worse, parameters=2)
    assert advice is not None
    assert advice.sentence.startswith(
        "The frontier has not changed in the last 10 trials (5 for each parameter)"
    )
    assert stopping(GOOD + worse[:9], parameters=2) is None, "one more could still have changed it"


def test_a_trial_that_joins_the_frontier_late_keeps_it_going() -> None:
    worse = [(40.0, 30.0)] * 9
    assert stopping(GOOD + worse + [(80.0, 20.0)], parameters=2) is None


def test_hardly_any_growth_is_told() -> None:
    advice = stopping(GOOD + [(40.0, 30.0)] * 9 + [(70.01, 20.0)], parameters=2)
    assert advice is not None
    assert "unlikely to help much" in advice.sentence


def test_nothing_is_told_too_early() -> None:
    assert stopping([], parameters=2) is None
    assert stopping(GOOD, parameters=1) is None
    assert stopping(GOOD * 10, parameters=0) is None


def test_a_metric_the_model_cannot_predict() -> None:
    found = unpredictable({"exact": 0.05, "latency_ms": 0.9, "f1": -0.2})
    assert [advice.sentence.split(" ")[0] for advice in found] == ["exact", "f1"]
    assert {advice.severity for advice in found} == {"warning"}
    assert unpredictable({}) == []

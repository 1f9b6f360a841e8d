"""When more trials are unlikely to help."""

from __future__ import annotations

from engine.advice.predictability import unpredictable
from engine.advice.stopping import stopping
from engine.metrics import Metric

METRICS = (Metric(name="exact", direction="maximize"), Metric(name="size", direction="minimize"))


def history(*points: tuple[float, float]) -> list[dict[str, float]]:
    return [{"exact": exact, "size": size} for exact, size in points]


GOOD = history((60, 10), (70, 20), (50, 5))


def test_an_unchanged_frontier_is_told() -> None:
    worse = history(*[(40 + number, 30) for number in range(10)])
    advice = stopping(METRICS, GOOD + worse, parameters=2)
    assert advice is not None
    assert advice.sentence.startswith(
        "The frontier has not changed in the last 10 trials (5 for each parameter)"
    )
    assert stopping(METRICS, GOOD + worse[:9], parameters=2) is None, "one more could still have changed it"


def test_a_trial_that_joins_the_frontier_late_keeps_it_going() -> None:
    worse = history(*[(40, 30)] * 9)
    assert stopping(METRICS, GOOD + worse + history((80, 20)), parameters=2) is None


def test_hardly_any_growth_is_told() -> None:
    advice = stopping(METRICS, GOOD + history(*[(40, 30)] * 9, (70.01, 20)), parameters=2)
    assert advice is not None
    assert "unlikely to help much" in advice.sentence


def test_nothing_is_told_too_early() -> None:
    assert stopping(METRICS, [], parameters=2) is None
    assert stopping(METRICS, GOOD, parameters=1) is None
    assert stopping(METRICS, GOOD * 10, parameters=0) is None


def test_a_metric_the_model_cannot_predict() -> None:
    found = unpredictable({"exact": 0.05, "latency_ms": 0.9, "f1": -0.2})
    assert [advice.sentence.split(" ")[0] for advice in found] == ["exact", "f1"]
    assert {advice.severity for advice in found} == {"warning"}
    assert unpredictable({}) == []

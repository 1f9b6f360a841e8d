"""Roles, directions and thresholds of metrics."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from engine.metrics import Metric, meets_thresholds, objectives

METRICS = (
    Metric(name="exact", direction="maximize", threshold=50.0),
    Metric(name="latency_ms", role="constrain", direction="minimize", threshold=8.0),
    Metric(name="f1", role="store"),
)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "exact"}, "needs direction"),
        ({"name": "size", "role": "constrain", "direction": "minimize"}, "needs a threshold"),
        ({"name": "f1", "role": "store", "threshold": 1.0}, "has no threshold"),
        ({"name": "exact", "direction": "maximize", "threshold": float("nan")}, "finite"),
    ],
)
def test_incomplete_metrics_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Metric.model_validate(settings)


def test_a_value_on_the_threshold_meets_it() -> None:
    assert METRICS[0].meets_threshold(50.0)
    assert not METRICS[0].meets_threshold(49.9)
    assert METRICS[1].meets_threshold(8.0)
    assert not METRICS[1].meets_threshold(8.1)


def test_all_thresholds_must_be_met_and_all_values_given() -> None:
    assert meets_thresholds(METRICS, {"exact": 60.0, "latency_ms": 7.0})
    assert not meets_thresholds(METRICS, {"exact": 60.0, "latency_ms": 9.0})
    assert not meets_thresholds(METRICS, {"exact": 60.0})


def test_objectives_are_the_optimised_metrics() -> None:
    assert [metric.name for metric in objectives(METRICS)] == ["exact"]

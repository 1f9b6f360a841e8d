"""Scales: there and back, and what a single very bad trial may do to them."""

from __future__ import annotations

import numpy as np
import pytest

from engine.metrics import Metric
from engine.strategies.scales import exact_scale, learned_scale

EXACT = Metric(name="exact", direction="maximize")
LATENCY = Metric(name="latency_ms", direction="minimize")


@pytest.mark.parametrize("metric", [EXACT, LATENCY])
def test_there_and_back(metric: Metric) -> None:
    scale = learned_scale(metric, [1.0, 2.0, 6.0])
    assert scale.back(scale.outcomes([1.0, 2.0, 6.0])) == pytest.approx([1, 2, 6])
    assert scale.outcomes([1.0, 2.0, 6.0]).mean() == pytest.approx(0.0)
    assert scale.outcomes([1.0, 2.0, 6.0]).std(ddof=1) == pytest.approx(1.0)
    better = 6.0 if metric is EXACT else 1.0
    assert scale.forward(better) == max(scale.outcomes([1.0, 2.0, 6.0]))


def test_a_collapsed_student_does_not_set_the_unit() -> None:
    good = [60.0, 61.0, 62.0, 63.0, 64.0, 65.0, 66.0, 67.0]
    scale = learned_scale(EXACT, [*good, 0.0])
    assert scale.deviation < 6
    assert scale.outcomes([0.0])[0] == scale.floor < scale.forward(60.0)
    assert exact_scale(EXACT, [*good, 0.0]).deviation > 15


def test_values_up_to_the_threshold_are_told_apart() -> None:
    values = [60.0, 60.1, 60.2, 60.3, 60.4, 60.5, 60.6, 40.0]
    scale = learned_scale(EXACT.model_copy(update={"threshold": 50.0}), values)
    assert scale.forward(50.0) > scale.floor


def test_equal_values_have_a_unit() -> None:
    assert learned_scale(EXACT, [5.0] * 9).outcomes([5.0]) == pytest.approx([0.0])
    assert np.isfinite(exact_scale(LATENCY, [3.0]).forward(4.0))

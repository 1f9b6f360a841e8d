"""Claims against the baseline, in numbers and in words."""

from __future__ import annotations

import math

import pytest

from engine.claims import (
    Measured,
    better_at_equal_cost,
    format_value,
    quality_and_cost,
    sentence,
    smaller_at_no_loss,
)
from engine.metrics import Metric

NAMES = ("exact", "num_parameters")


def trial(number: int, exact: float, size: float, error: float | None = None) -> Measured:
    errors = {} if error is None else {"exact": error}
    return Measured(number, {"exact": exact, "num_parameters": size}, errors)


BASELINE = trial(1, 66.8, 66.0e6, 0.5)


def test_smallest_at_no_loss() -> None:
    trials = [BASELINE, trial(23, 67.1, 51.48e6, 0.5), trial(9, 66.7, 20e6, 0.5), trial(4, 69.0, 60e6, 0.5)]
    claim = smaller_at_no_loss(*NAMES, BASELINE, trials)
    assert claim is not None
    assert claim.trial == 23
    assert claim.cost_saving == pytest.approx(0.22)
    assert claim.quality_gain == pytest.approx(0.3)
    reach = 1.6448536 * math.sqrt(0.5)
    assert claim.interval == pytest.approx((0.3 - reach, 0.3 + reach))
    assert sentence(claim) == (
        "22 % fewer parameters than the baseline at no loss: trial 23, 51.5 M, exact 67.1 "
        "(+0.3, 90 % interval -0.9 to +1.5)"
    )


def test_the_same_quality_is_no_loss_and_ties_go_to_the_better() -> None:
    claim = smaller_at_no_loss(*NAMES, BASELINE, [trial(2, 66.8, 50e6), trial(3, 68.0, 50e6)])
    assert claim is not None
    assert claim.trial == 3
    assert claim.interval is None
    assert "no standard errors" in sentence(claim)
    assert smaller_at_no_loss(*NAMES, BASELINE, [trial(2, 66.8, 50e6)]) is not None


def test_nothing_to_claim_is_said() -> None:
    for trials in (
        [],
        [BASELINE],
        [trial(2, 66.7, 50e6)],
        [trial(2, 70.0, 66.0e6)],
        [trial(2, math.nan, 1e6)],
    ):
        claim = smaller_at_no_loss(*NAMES, BASELINE, trials)
        assert claim is None
        assert sentence(claim) == "No trial so far is smaller than the baseline at no loss."
    assert smaller_at_no_loss(*NAMES, None, [trial(2, 70.0, 1e6)]) is None
    assert smaller_at_no_loss(*NAMES, Measured(1, {"exact": 1.0}), [trial(2, 70.0, 1e6)]) is None


def test_best_at_about_equal_size() -> None:
    trials = [trial(2, 69.0, 65e6), trial(3, 70.3, 67.0e6, 0.4), trial(4, 75.0, 80e6), trial(5, 74.0, 40e6)]
    claim = better_at_equal_cost(*NAMES, BASELINE, trials)
    assert claim is not None
    assert claim.trial == 3
    assert sentence(claim) == (
        "exact 70.3 (+3.5, 90 % interval +2.4 to +4.6) at 1.5 % more "
        "parameters compared with the baseline: trial 3, 67 M"
    )
    nothing = better_at_equal_cost(*NAMES, BASELINE, [trial(4, 75.0, 80e6), trial(6, 66.8, 66e6)])
    assert nothing is None
    assert "5 % of its size" in sentence(nothing, "better")


def test_other_metrics_and_units() -> None:
    fast = Measured(2, {"f1": 0.812, "latency_ms": 6.0})
    claim = smaller_at_no_loss("f1", "latency_ms", Measured(1, {"f1": 0.8, "latency_ms": 8.0}), [fast])
    assert sentence(claim) == (
        "25 % lower latency_ms than the baseline at no loss: trial 2, 6 ms, f1 0.812 (+0.012, no standard errors)"
    )
    assert [
        format_value(*p)
        for p in (("flops", 4.4e9), ("run_ms", 12345.0), ("model_mb", 25.0), ("num_parameters", 512.0))
    ] == [
        "4.4 G",
        "12300 ms",
        "25 MB",
        "512",
    ]


def test_quality_and_cost_are_the_first_of_each_direction() -> None:
    exact = Metric(name="exact", direction="maximize")
    size, latency = (Metric(name=name, direction="minimize") for name in ("size", "latency"))
    assert quality_and_cost([latency, exact, size]) == (exact, latency)
    assert quality_and_cost([exact]) is None

"""How sure the frontier is."""

from __future__ import annotations

import numpy as np
import pytest

from engine.claims.evidence import Evidence, gather
from engine.claims.membership import membership, worth_training_again
from engine.frontier import frontier
from engine.measured import Measured
from engine.metrics import Metric
from tests.engine.claims.known_truth import COST, METRICS, QUALITY

LATENCY = Metric(name="latency_ms", direction="minimize")


def evidence(*trials: Measured, metrics: tuple[Metric, ...] = METRICS) -> Evidence:
    return gather(metrics, trials, 1, {}, {})


def trial(number: int, exact: float, size: float, error: float = 0.0, **more: float) -> Measured:
    return Measured(number, {QUALITY: exact, COST: size, **more}, {QUALITY: error} if error else {})


def test_without_errors_it_is_the_frontier() -> None:
    rng = np.random.default_rng(0)
    trials = [trial(number, *rng.uniform(30, 60, 2)) for number in range(1, 30)]
    found = membership(evidence(*trials))
    expected = frontier(METRICS, {item.number: item.metrics for item in trials})
    assert {number for number, probability in found.items() if probability == 1} == expected
    assert set(found.values()) == {0.0, 1.0}


def test_two_of_a_size_share_the_frontier_by_their_difference() -> None:
    found = membership(
        evidence(trial(1, 61.0, 10.0, 1.0), trial(2, 60.0, 10.0, 1.0), trial(3, 30.0, 5.0, 1.0))
    )
    assert found[1] == pytest.approx(0.76, abs=0.03), "P(N(1, sqrt 2) > 0)"
    assert found[1] + found[2] == pytest.approx(1.0)
    assert found[3] == 1.0, "nothing is smaller"


def test_a_threshold_is_met_with_a_probability() -> None:
    found = membership(
        evidence(trial(1, 60.0, 10.0, 1.0), trial(2, 20.0, 5.0, 1.0), trial(3, 10.0, 4.0, 1.0))
    )
    assert found[2] == pytest.approx(0.5, abs=0.04)
    assert found[3] == 0.0


def test_latency_counts_with_its_own_error() -> None:
    metrics = (METRICS[0], LATENCY)
    trials = [
        Measured(number, {QUALITY: 60.0, "latency_ms": ms}, {"latency_ms": 1.0})
        for number, ms in ((1, 10.0), (2, 11.0))
    ]
    found = membership(evidence(*trials, metrics=metrics))
    assert found[1] == pytest.approx(0.76, abs=0.03)


def test_nothing_optimised_nothing_told() -> None:
    assert membership(evidence()) == {}
    assert membership(evidence(trial(1, 50, 1), metrics=(Metric(name=QUALITY, role="store"),))) == {}


def test_the_undecided_are_worth_training_again() -> None:
    trials = [trial(number, 50.0, 10.0 + number) for number in range(1, 9)]
    trials[3] = trial(4, 50.0, 14.0, collapsed=1.0)
    probabilities = {1: 1.0, 2: 0.05, 3: 0.45, 4: 0.5, 5: 0.8, 6: 0.9, 7: 0.55, 8: 0.95}
    assert worth_training_again(evidence(*trials), probabilities) == [3, 7, 5, 6]
    assert worth_training_again(evidence(*trials), probabilities, most=1) == [3]

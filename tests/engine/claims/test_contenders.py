"""Which trials of a large experiment claims look at."""

from __future__ import annotations

import numpy as np
import pytest

from engine import findings as module
from engine.claims.comparison import better_or_smaller, counted_share
from engine.claims.contenders import contenders
from engine.claims.evidence import gather
from engine.claims.membership import membership
from engine.findings import findings
from engine.frontier import frontier
from engine.kept import Kept
from engine.launch import stored_spec
from engine.measured import Measured
from engine.metrics import Metric
from engine.observations import measured_trials
from engine.settings import Home
from storage.store import Store
from storage.trials import list_trials
from tests.simulated import fill

METRICS = (
    Metric(name="exact", direction="maximize", threshold=30.0),
    Metric(name="num_parameters", direction="minimize"),
)
BASELINE = 7


def _trials(count: int, seed: int = 0) -> list[Measured]:
    rng = np.random.default_rng(seed)
    sizes = rng.uniform(1e6, 9e6, count)
    scores = 20 + 50 * np.sqrt(sizes / 9e6) * rng.uniform(0.5, 1, count)
    return [
        Measured(number, {"exact": float(score), "num_parameters": float(size)}, {"exact": 1.0})
        for number, (size, score) in enumerate(zip(sizes, scores, strict=True), 1)
    ]


def test_few_trials_are_all_contenders() -> None:
    trials = [*_trials(20), Measured(99, {})]
    assert contenders(METRICS, trials, BASELINE, limit=21) == trials


def test_the_baseline_and_the_frontier_stay_in_the_order_given() -> None:
    trials = [*_trials(300), Measured(999, {"exact": 50.0})]
    best = frontier(METRICS, {trial.number: trial.metrics for trial in trials})
    found = [trial.number for trial in contenders(METRICS, trials, BASELINE, limit=100)]
    assert len(found) in (99, 100)
    assert {BASELINE, *best} <= set(found)
    assert found == sorted(found)


def test_no_trial_that_luck_could_put_on_the_frontier_is_left_out() -> None:
    trials = _trials(300)
    chances = membership(gather(METRICS, trials, BASELINE, {}, {}))
    kept = {trial.number for trial in contenders(METRICS, trials, BASELINE, limit=150)}
    assert {number for number, chance in chances.items() if chance > 0} <= kept


def test_without_a_trial_that_meets_the_thresholds_the_best_stay() -> None:
    metrics = (METRICS[0].model_copy(update={"threshold": 99.0}), METRICS[1])
    found = contenders(metrics, _trials(50), BASELINE, limit=10)
    assert len(found) in (9, 10)


def test_the_share_is_the_same_counted_over_all_trials() -> None:
    trials = _trials(60)
    full = better_or_smaller(gather(METRICS, trials, BASELINE, {}, {}), "exact", "num_parameters")
    counted = counted_share(METRICS, trials, trials[BASELINE - 1], "exact", "num_parameters")
    assert full is not None
    assert counted is not None
    assert (counted.value, counted.trials, counted.interval) == (full.value, full.trials, None)


def test_claims_of_a_large_experiment_are_those_of_all_its_trials(
    store: Store, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = fill(store, home, trials=120, steps=2)
    spec = stored_spec(experiment)
    trials = list_trials(store, experiment.experiment_id)
    measured = {item.number: item for item in measured_trials(store, experiment.experiment_id, trials)}

    def found() -> module.Findings:
        monkeypatch.setattr(module, "_remembered", Kept(1))
        return findings(store, experiment.experiment_id, spec.metrics, trials[1:], measured)

    full = found()
    monkeypatch.setattr(
        module, "contenders", lambda metrics, done, baseline: contenders(metrics, done, baseline, 80)
    )
    close = found()
    assert close.membership == pytest.approx(full.membership, abs=0.02)
    assert [claim.partition(",")[0] for claim in close.claims] == [
        claim.partition(",")[0] for claim in full.claims
    ]
    assert close.share is not None
    assert full.share is not None
    assert (close.share.value, close.share.trials) == (full.share.value, full.share.trials)
    assert close.share.interval is None

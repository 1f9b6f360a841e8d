"""Which trials of a large experiment claims look at."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from engine import outcomes as module
from engine.claims.comparison import better_or_smaller, counted_share
from engine.claims.contenders import contenders
from engine.claims.evidence import gather
from engine.claims.membership import membership
from engine.findings import Findings, findings
from engine.frontier import frontier
from engine.growth import Columns
from engine.launch import stored_spec
from engine.measured import Measured
from engine.metrics import Metric
from engine.observations import measured_trials
from engine.outcomes import COLLAPSED, Outcomes
from engine.settings import Home
from storage.store import Store
from storage.totals import outcomes_frame
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


def _columns(trials: list[Measured]) -> Columns:
    return {
        metric.name: np.array([trial.metrics.get(metric.name, math.nan) for trial in trials])
        for metric in METRICS
    }


def _contenders(trials: list[Measured], limit: int, metrics: tuple[Metric, ...] = METRICS) -> list[int]:
    best = frontier(metrics, dict(enumerate(trial.metrics for trial in trials)))
    return contenders(metrics, _columns(trials), sorted(best), {"exact": 1.0}, limit)


def test_few_trials_are_all_contenders() -> None:
    assert _contenders([*_trials(20), Measured(99, {})], limit=21) == list(range(21))


def test_the_frontier_stays_in_the_order_given() -> None:
    trials = [*_trials(300), Measured(999, {"exact": 50.0})]
    best = frontier(METRICS, dict(enumerate(trial.metrics for trial in trials)))
    found = _contenders(trials, limit=100)
    assert len(found) == 100
    assert best <= set(found)
    assert 300 not in found, "a trial without a size is nowhere"
    assert found == sorted(found)


def test_no_trial_that_luck_could_put_on_the_frontier_is_left_out() -> None:
    trials = _trials(300)
    chances = membership(gather(METRICS, trials, BASELINE, {}, {}))
    kept = {trials[place].number for place in _contenders(trials, limit=150)}
    assert {number for number, chance in chances.items() if chance > 0} <= kept


def test_trials_far_beyond_a_threshold_do_not_crowd_out_the_frontier() -> None:
    rng = np.random.default_rng(0)
    tiny = [
        Measured(1000 + n, {"exact": 5.0, "num_parameters": size})
        for n, size in enumerate(rng.uniform(1, 9e5, 500).tolist())
    ]
    trials = [*_trials(100), *tiny]
    best = frontier(METRICS, dict(enumerate(trial.metrics for trial in trials)))
    found = _contenders(trials, limit=60)
    assert best <= set(found)
    assert max(found) < 100


def test_without_a_trial_that_meets_the_thresholds_the_best_stay() -> None:
    metrics = (METRICS[0].model_copy(update={"threshold": 99.0}), METRICS[1])
    assert len(_contenders(_trials(50), 10, metrics)) == 10


def test_the_share_is_the_same_counted_over_all_trials() -> None:
    trials = _trials(60)
    full = better_or_smaller(gather(METRICS, trials, BASELINE, {}, {}), "exact", "num_parameters")
    counted = counted_share(
        METRICS, _columns(trials), np.zeros(60, dtype=bool), BASELINE - 1, "exact", "num_parameters"
    )
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

    def found() -> Findings:
        done = outcomes_frame(store, experiment.experiment_id, ["exact", "num_parameters", COLLAPSED])
        return findings(
            store, experiment.experiment_id, Outcomes(spec.metrics[:2], done), trials[1:], measured
        )

    full = found()
    assert len(full.membership) > 80
    monkeypatch.setattr(module, "contenders", partial(contenders, limit=80))
    close = found()
    assert close.membership == pytest.approx(full.membership, abs=0.02)
    assert [claim.partition(",")[0] for claim in close.claims] == [
        claim.partition(",")[0] for claim in full.claims
    ]
    assert close.share is not None
    assert full.share is not None
    assert (close.share.value, close.share.trials) == (full.share.value, full.share.trials)
    assert close.share.interval is None

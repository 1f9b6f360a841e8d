"""Claims against the baseline: which trial is picked out, what its intervals are, and that they hold."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.claims.comparison import better_at_equal_cost, better_or_smaller, smaller_at_no_loss
from engine.claims.evidence import Evidence, gather
from engine.claims.resampling import Paired
from engine.measured import Measured
from engine.metrics import Metric
from tests.engine.claims.known_truth import COST, METRICS, QUALITY, observe, world

NAMES = (QUALITY, COST)


def trial(number: int, exact: float, size: float, error: float | None = None, **more: float) -> Measured:
    errors = {} if error is None else {QUALITY: error}
    return Measured(number, {QUALITY: exact, COST: size, **more}, errors)


def evidence(*trials: Measured, baseline: int | None = 1, metrics: tuple[Metric, ...] = METRICS) -> Evidence:
    return gather(metrics, trials, baseline, {}, {})


BASELINE = trial(1, 66.8, 66.0e6, 0.5)


def test_the_cheapest_trial_that_measured_no_loss() -> None:
    trials = [BASELINE, trial(23, 67.1, 51.48e6, 0.5), trial(9, 66.7, 20e6, 0.5), trial(4, 69.0, 60e6, 0.5)]
    found = smaller_at_no_loss(evidence(*trials), *NAMES, {})
    claim = found.claim
    assert claim is not None
    assert (claim.trial, claim.sure, claim.paired, claim.p_value) == (23, False, False, None)
    assert claim.cost_saving == pytest.approx(0.22)
    assert claim.quality_gain == pytest.approx(0.3)
    assert found.saving == (pytest.approx(6 / 66), pytest.approx(46 / 66))
    assert (found.confident, found.perhaps) == (4, 9)


def test_with_one_candidate_the_interval_is_the_usual_one() -> None:
    claim = smaller_at_no_loss(evidence(BASELINE, trial(2, 67.1, 50e6, 0.5)), *NAMES, {}).claim
    assert claim is not None
    assert claim.gain_interval is not None
    reach = 1.6448536 * math.sqrt(0.5)
    assert claim.gain_interval == pytest.approx((0.3 - reach, 0.3 + reach), abs=0.08)
    assert claim.share_of_resamples == pytest.approx(0.664, abs=0.03)


def test_the_more_trials_compete_the_less_is_sure() -> None:
    chosen = trial(2, 68.2, 50e6, 0.5)
    others = [trial(number, 65.5, 55e6, 0.5) for number in range(3, 60)]
    few, many = (
        smaller_at_no_loss(evidence(BASELINE, chosen, *more), *NAMES, {}).claim for more in ([], others)
    )
    assert few is not None
    assert many is not None
    assert (few.trial, many.trial) == (2, 2)
    assert few.sure
    assert not many.sure
    assert few.gain_interval is not None
    assert many.gain_interval is not None
    assert few.gain_interval[1] == pytest.approx(many.gain_interval[1], abs=0.1), "luck only ever flatters"


def test_hopeless_trials_make_nothing_less_sure() -> None:
    chosen = trial(2, 68.2, 50e6, 0.5)
    hopeless = [trial(number, 40.0, 55e6, 0.5) for number in range(3, 60)]
    few, many = (
        smaller_at_no_loss(evidence(BASELINE, chosen, *more), *NAMES, {}).claim for more in ([], hopeless)
    )
    assert few is not None
    assert many is not None
    assert few.gain_interval == pytest.approx(many.gain_interval, abs=0.15)


def test_the_same_quality_is_no_loss_and_ties_go_to_the_better() -> None:
    found = smaller_at_no_loss(
        evidence(trial(1, 66.8, 66e6), trial(2, 66.8, 50e6), trial(3, 68.0, 50e6)), *NAMES, {}
    )
    assert found.claim is not None
    assert found.claim.trial == 3
    assert (found.claim.gain_interval, found.claim.share_of_resamples, found.saving) == (None, None, None)
    same = smaller_at_no_loss(evidence(trial(1, 66.8, 66e6), trial(2, 66.8, 50e6)), *NAMES, {}).claim
    assert same is not None


@pytest.mark.parametrize(
    "others",
    [
        [],
        [trial(2, 66.7, 50e6)],
        [trial(2, 70.0, 66.0e6)],
        [trial(2, math.nan, 1e6)],
        [trial(2, 90.0, 1e6, collapsed=1.0)],
        [Measured(2, {QUALITY: 90.0})],
    ],
    ids=["no other", "worse", "not smaller", "not finite", "collapsed", "without size"],
)
def test_nothing_to_claim(others: list[Measured]) -> None:
    assert smaller_at_no_loss(evidence(trial(1, 66.8, 66e6), *others), *NAMES, {}).claim is None


def test_a_trial_beyond_a_threshold_is_never_claimed() -> None:
    found = smaller_at_no_loss(evidence(trial(1, 10.0, 66e6, 1.0), trial(2, 15.0, 1e6, 1.0)), *NAMES, {})
    assert (found.claim, found.saving) == (None, None)


def test_without_a_baseline_nothing_is_claimed() -> None:
    seen = evidence(trial(2, 70.0, 1e6), trial(3, 71.0, 1e6))
    assert smaller_at_no_loss(seen, *NAMES, {}).claim is None
    assert better_at_equal_cost(seen, *NAMES, {}) is None
    assert better_or_smaller(seen, *NAMES) is None


def test_a_loss_within_the_error_keeps_the_upper_end_open() -> None:
    found = smaller_at_no_loss(evidence(BASELINE, trial(2, 66.5, 33e6, 0.5)), *NAMES, {})
    assert found.claim is None
    assert (found.saving, found.confident, found.perhaps) == ((0.0, 0.5), None, 2)


def test_best_at_about_equal_size() -> None:
    trials = [trial(2, 69.0, 65e6), trial(3, 70.3, 67.0e6, 0.4), trial(4, 75.0, 80e6), trial(5, 74.0, 40e6)]
    claim = better_at_equal_cost(evidence(BASELINE, *trials), *NAMES, {})
    assert claim is not None
    assert (claim.trial, claim.kind) == (3, "better")
    assert claim.quality_gain == pytest.approx(3.5)
    assert claim.cost_saving == pytest.approx(-1 / 66)
    assert (
        better_at_equal_cost(evidence(BASELINE, trial(4, 75.0, 80e6), trial(6, 66.8, 66e6)), *NAMES, {})
        is None
    )


def test_share_of_smaller_or_better() -> None:
    others = [
        trial(2, 60.0, 50e6, 0.5),
        trial(3, 80.0, 70e6, 0.5),
        trial(4, 66.9, 70e6, 0.5),
        trial(5, 50.0, 70e6, 0.5),
        trial(6, 90.0, 10e6, 0.5, collapsed=1.0),
    ]
    found = better_or_smaller(evidence(BASELINE, *others), *NAMES)
    assert found is not None
    assert (found.value, found.trials) == (0.6, 5)
    assert found.interval == (0.4, 0.6), "trial 4 may be no better than it looks"
    smaller = better_or_smaller(evidence(trial(1, 66.8, 66e6), trial(2, 60.0, 50e6)), *NAMES)
    assert smaller is not None
    assert smaller.interval == (1.0, 1.0), "sizes have no error"
    unsure = better_or_smaller(evidence(trial(1, 66.8, 66e6), trial(2, 67.0, 70e6)), *NAMES)
    assert unsure is not None
    assert unsure.interval is None


def answers(*rows: list[float]) -> tuple[list[Measured], dict[str, Paired]]:
    """Trials of falling size that answered the same questions."""
    values = 100 * np.array(rows, dtype=np.float32)
    count = values.shape[1]
    trials = [
        trial(number, float(row.mean()), 100.0 - number, float(row.std(ddof=1) / count**0.5))
        for number, row in enumerate(values, 1)
    ]
    numbers = tuple(item.number for item in trials)
    return trials, {QUALITY: Paired(numbers, values, np.ones(count, np.float32))}


def test_paired_errors_are_those_of_the_questions_that_differ() -> None:
    base = [1.0] * 150 + [0.0] * 150
    better = [1.0] * 153 + [0.0] * 147
    trials, paired = answers(base, better)
    claim = smaller_at_no_loss(gather(METRICS, trials, 1, paired, {}), *NAMES, paired).claim
    assert claim is not None
    assert claim.paired
    difference = np.array(better) - np.array(base)
    reach = 1.645 * 100 * difference.std(ddof=1) / 300**0.5
    assert claim.gain_interval == pytest.approx((1 - reach, 1 + reach), abs=0.15)
    assert claim.p_value == pytest.approx(0.25)
    alone = smaller_at_no_loss(gather(METRICS, trials, 1, {}, {}), *NAMES, {}).claim
    assert alone is not None
    assert alone.gain_interval is not None
    assert not alone.paired
    assert alone.gain_interval[1] - alone.gain_interval[0] > 5 * 2 * reach


def test_a_trial_that_answers_alike_might_not_on_other_questions() -> None:
    base = [1.0, 0.0] * 50
    trials, paired = answers(base, base)
    found = smaller_at_no_loss(gather(METRICS, trials, 1, paired, {}), *NAMES, paired)
    assert found.claim is not None
    assert found.claim.gain_interval == pytest.approx((-1.645, 1.645), abs=0.01), "one question more or less"
    assert not found.claim.sure
    assert found.claim.share_of_resamples == 1.0
    assert (found.confident, found.perhaps) == (None, 2)


@pytest.mark.parametrize("paired", [True, False])
def test_intervals_hold_the_truth(paired: bool) -> None:
    """A small share of the 200 repetitions of ``tests/benchmarks/claims_coverage.py``."""
    rng = np.random.default_rng(3)
    held: dict[str, list[bool]] = {"saving": [], "gain": [], "share": []}
    for _ in range(25):
        truth = world(rng, 25)
        seen, matrices = observe(rng, truth, 300, paired=paired)
        found = smaller_at_no_loss(seen, *NAMES, matrices)
        assert found.saving is not None
        held["saving"].append(found.saving[0] <= truth.best_saving <= found.saving[1])
        if found.claim is not None:
            assert found.claim.gain_interval is not None
            low, high = found.claim.gain_interval
            held["gain"].append(bool(low <= truth.gain[found.claim.trial - 1] <= high))
        share = better_or_smaller(seen, *NAMES)
        assert share is not None
        assert share.interval is not None
        held["share"].append(share.interval[0] - 1e-9 <= truth.share <= share.interval[1] + 1e-9)
    # At the promised level of 90 %, 19 of 25 or fewer come about in 3 % of such tests.
    assert {name: np.mean(found) >= 0.8 for name, found in held.items()} == dict.fromkeys(held, True)

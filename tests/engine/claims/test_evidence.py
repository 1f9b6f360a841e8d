"""How metrics might have come out: paired where trials share examples, independent elsewhere, seeds where repeated."""

from __future__ import annotations

import numpy as np
import pytest

from engine.claims.evidence import gather
from engine.claims.gains import gains
from engine.claims.resampling import RESAMPLES, Paired, resampled_means
from engine.measured import Measured
from engine.metrics import Metric
from tests.engine.claims.known_truth import COST, METRICS, QUALITY, observe, world


def measured(number: int, exact: float, error: float | None = None) -> Measured:
    return Measured(number, {QUALITY: exact, COST: 1.0}, {} if error is None else {QUALITY: error})


def paired(*rows: list[float], numbers: tuple[int, ...] | None = None) -> Paired:
    values = np.array(rows, dtype=np.float32)
    return Paired(numbers or tuple(range(1, len(rows) + 1)), values, np.ones(values.shape[1], np.float32))


def test_resampled_means_spread_as_means_do() -> None:
    rng = np.random.default_rng(0)
    examples = paired(*(100 * rng.random((3, 400))))
    means = resampled_means(examples)
    assert means.shape == (RESAMPLES, 3)
    assert means.mean(axis=0) == pytest.approx(examples.means(), abs=0.1)
    assert means.std(axis=0) == pytest.approx(examples.values.std(axis=1) / 20, rel=0.06)
    assert (resampled_means(examples) == means).all(), "the same draw every time"


def test_weights_count() -> None:
    heavy = Paired((1,), np.array([[100.0, 0.0]], np.float32), np.array([3.0, 1.0], np.float32))
    assert heavy.means().tolist() == [75.0]
    assert set(np.unique(resampled_means(heavy))) == {0.0, 75.0, 100.0}


def test_trials_on_the_same_examples_move_together() -> None:
    rng = np.random.default_rng(0)
    common = 100.0 * (rng.random(400) < 0.6)
    other = common.copy()
    other[:8] = 100 - other[:8]
    matrix = paired(common.tolist(), other.tolist())
    trials = [measured(number, float(row.mean()), 2.4) for number, row in enumerate(matrix.values, 1)]
    together = gains(gather(METRICS, trials, 1, {QUALITY: matrix}, {}), QUALITY)
    apart = gains(gather(METRICS, trials, 1, {}, {}), QUALITY)
    assert together is not None
    assert apart is not None
    assert together.errors[1] == pytest.approx(100 * (8 / 400) ** 0.5 / 20, rel=0.1)
    assert apart.errors[1] == pytest.approx(2.4 * 2**0.5, rel=0.1)
    assert (together.paired.tolist(), apart.paired.tolist()) == ([True, True], [False, False])
    assert together.errors[0] == 0


def test_examples_that_do_not_give_the_metric_are_left_out() -> None:
    matrix = paired([100.0, 0.0, 0.0, 100.0], [100.0, 100.0, 0.0, 0.0])
    trials = [measured(1, 50.0, 5.0), measured(2, 61.0, 5.0), measured(3, 40.0, 5.0)]
    seen = gather(METRICS, trials, 1, {QUALITY: matrix}, {})
    assert seen.spreads[QUALITY].paired.tolist() == [True, False, False]
    assert seen.spreads[QUALITY].known.tolist() == [True, True, True]
    assert seen.spreads[QUALITY].draws[:, 1].std() == pytest.approx(5.0, rel=0.1)


def test_a_trial_without_an_error_is_known_to_have_none() -> None:
    seen = gather(METRICS, [measured(1, 50.0, 5.0), measured(2, 61.0)], 1, {}, {})
    assert seen.spreads[QUALITY].known.tolist() == [True, False]
    found = gains(seen, QUALITY)
    assert found is not None
    assert found.known.tolist() == [True, False]
    assert COST not in seen.spreads


def test_only_trials_with_every_metric_are_seen() -> None:
    trials = [measured(1, 50.0), Measured(2, {QUALITY: 60.0}), measured(3, float("inf")), measured(4, 10.0)]
    trials.append(Measured(5, {QUALITY: 90.0, COST: 1.0, "collapsed": 1.0}))
    stored = (*METRICS, Metric(name="f1", role="store"))
    seen = gather(stored, trials, 4, {}, {})
    assert seen.numbers == (1, 4, 5)
    assert (seen.baseline, seen.place(5)) == (1, 2)
    assert seen.eligible.tolist() == [True, False, False], "4 is below the threshold, 5 has collapsed"
    assert seen.collapsed.tolist() == [False, False, True]


def test_repeats_tell_what_seeds_do() -> None:
    """A deviation of 3 points over seeds is found beside the noise of 2,000 questions, and goes into the errors."""
    rng = np.random.default_rng(1)
    truth = world(rng, 15, repeats=4)
    noisy, _ = observe(rng, truth, 2000, seed_deviation=3.0)
    quiet, _ = observe(rng, truth, 2000)
    assert noisy.spreads[QUALITY].seeds == pytest.approx(3.0, rel=0.25)
    assert quiet.spreads[QUALITY].seeds == pytest.approx(0.0, abs=0.4)
    more, less = gains(noisy, QUALITY), gains(quiet, QUALITY)
    assert more is not None
    assert less is not None
    deviation = noisy.spreads[QUALITY].seeds
    assert deviation is not None
    expected = np.sqrt(less.errors[5] ** 2 + 2 * deviation**2)
    assert more.errors[5] == pytest.approx(expected, rel=0.1)


def test_few_repeats_tell_nothing() -> None:
    rng = np.random.default_rng(1)
    seen, _ = observe(rng, world(rng, 15), 500, seed_deviation=3.0)
    assert seen.spreads[QUALITY].seeds is None
    trials = [measured(number, 50.0 + number, 1.0) for number in range(1, 5)]
    two = gather(METRICS, trials, 1, {}, {1: "a", 2: "a", 3: "a", 4: "b"})
    assert two.spreads[QUALITY].seeds is None
    three = gather(METRICS, trials, 1, {}, dict.fromkeys(range(1, 5), "a"))
    assert three.spreads[QUALITY].seeds is not None

"""Models of single metrics: their units, their intervals, and whether these hold on trials they have not seen."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from engine.metrics import Metric
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.sobol import legal_points
from engine.whatif.answer import MIN_TRIALS
from engine.whatif.asking import models_for
from engine.whatif.learning import MODEL_TRIALS, Models, learn, learn_more, telling
from tests.engine.strategies import student_surface
from tests.engine.whatif.studies import BASELINE, NOISE, exact, latency, size, study


def test_sizes_are_exact_and_have_no_model(models: Models) -> None:
    assert set(models.learned) == {"exact", "latency_ms"}
    means, deviations = models.predict(["num_parameters"], [BASELINE])
    assert means[0, 0] == size(BASELINE)
    assert deviations[0, 0] == 0
    estimate = models.estimate("num_parameters", size(BASELINE), 0.0)
    assert (estimate.low, estimate.mean, estimate.high, estimate.is_exact) == (
        *[size(BASELINE)] * 3,
        True,
    )


def test_a_latency_is_learned_as_its_logarithm_and_never_below_zero(models: Models) -> None:
    learned = models.learned["latency_ms"]
    assert learned.is_log
    smallest = {"n_layers": 1, "hidden_size": 128, "learning_rate": 1e-4, "idle": 0.0}
    for one in (BASELINE, smallest):
        mean, deviation = learned.predict([one])
        found = learned.estimate(float(mean[0]), float(deviation[0]))
        assert 0 < found.low < found.mean < found.high
        assert found.low <= latency(one) <= found.high
        # The interval is one of factors.
        assert found.high / found.mean == pytest.approx(found.mean / found.low)


def test_an_interval_holds_the_noise_of_a_measurement(models: Models) -> None:
    learned = models.learned["exact"]
    assert not learned.is_log
    assert learned.noise >= NOISE
    sure = learned.estimate(50.0, 0.0)
    assert sure.high - sure.mean == pytest.approx(learned.reach * learned.noise)
    unsure = learned.estimate(50.0, 3.0)
    assert unsure.high - unsure.mean == pytest.approx(learned.reach * math.hypot(3.0, learned.noise))


def test_intervals_stay_where_the_metric_can_be(models: Models) -> None:
    learned = models.learned["exact"]
    assert learned.estimate(99.0, 10.0).high == 100.0
    assert learned.estimate(101.0, 1.0).mean == 100.0
    assert learned.estimate(2.0, 10.0).low == 0.0


def test_where_very_bad_is_all_that_is_known_the_interval_goes_down_to_the_end() -> None:
    problem, observations = study(16, metrics=(Metric(name="exact", direction="maximize"),), known=None)
    spoilt = [
        replace(one, metrics={"exact": 1.0 + i}) if i in (3, 7) else one for i, one in enumerate(observations)
    ]
    learned = models_for(problem, spoilt).learned["exact"]
    scale = learned.surrogate.scales[0]
    floor = float(scale.back(np.array(scale.floor)))
    assert math.isfinite(floor)
    assert learned.estimate(floor, 0.1).low == 0.0
    assert learned.estimate(floor + 100 * learned.reach * learned.noise, 0.1).low > floor


def test_draws_of_true_values_agree_with_predictions(models: Models) -> None:
    drawn = models.draws("exact", [BASELINE], 500, seed=1)
    mean, deviation = models.learned["exact"].predict([BASELINE])
    assert drawn.shape == (500, 1)
    assert drawn.mean() == pytest.approx(mean[0], abs=3 * deviation[0])
    assert (models.draws("exact", [BASELINE], 500, seed=1) == drawn).all()


def test_too_few_configurations_teach_nothing() -> None:
    problem, observations = study(MIN_TRIALS - 1)
    again = [replace(observations[0], number=10 + i) for i in range(5)]
    found = learn(problem, [*observations, *again], "exact", ["exact", "latency_ms", "num_parameters"])
    assert found.learned == {}
    assert found.missing == {"exact": 1, "latency_ms": 1}


def test_a_metric_that_some_trials_lack_takes_nothing_from_the_others() -> None:
    problem, observations = study(MIN_TRIALS + 1)
    lacking = [
        replace(
            one, metrics={k: v for k, v in one.metrics.items() if k != "latency_ms"} if i < 2 else one.metrics
        )
        for i, one in enumerate(observations)
    ]
    found = learn(problem, lacking, "exact", ["latency_ms"])
    assert found.learned["exact"].reliability.trials == MIN_TRIALS + 1
    assert found.missing == {"latency_ms": 1}


def test_only_the_quality_knows_of_failures() -> None:
    problem, observations = study(12)
    failed = [
        Observation(20 + i, {**BASELINE, "learning_rate": 1e-3, "idle": i / 8}, "failed") for i in range(8)
    ]
    found = models_for(problem, [*observations, *failed])
    good, bad = found.success("exact", [BASELINE, {**BASELINE, "learning_rate": 9e-4}])
    assert bad < 0.5 < good
    assert found.learned["latency_ms"].surrogate.success is None
    assert (models_for(problem, observations).success("exact", [BASELINE]) == 1).all()


def test_reliability_is_that_of_the_truth(models: Models) -> None:
    found = models.learned["exact"].reliability
    assert found.trials == 24
    assert found.r2 > 0.9
    assert found.held_out_r2 > 0.5
    assert found.widening >= 1
    assert 0 < found.error < 5
    assert json.dumps(found.words)


def test_noise_alone_cannot_be_predicted() -> None:
    random = np.random.default_rng(3)
    problem, observations = study(20, metrics=(Metric(name="exact", direction="maximize"),), known=None)
    noisy = [replace(one, metrics={"exact": 50 + random.normal()}) for one in observations]
    found = models_for(problem, noisy).learned["exact"].reliability
    assert found.words.startswith("cannot predict exact yet")


def test_intervals_hold_on_the_held_out_half_of_finished_experiments() -> None:
    problem = SearchProblem(student_surface.SPACE, (Metric(name="exact", direction="maximize"),))
    inside = []
    for seed in range(6):
        random = np.random.default_rng(seed)
        points = legal_points(problem.space, seed, 0, set(), problem.is_legal)
        trials = [
            Observation(
                i,
                one,
                "completed",
                {"exact": student_surface.student(one)["exact"] + 2 * random.normal()},
                {"exact": 2.0},
            )
            for i, one in enumerate(islice(points, 40))
        ]
        order = random.permutation(40)
        found = models_for(problem, [trials[i] for i in order[:20]])
        rest = [trials[i] for i in order[20:]]
        means, deviations = found.predict(["exact"], [dict(one.parameters) for one in rest])
        for one, mean, deviation in zip(rest, means[:, 0], deviations[:, 0], strict=True):
            estimate = found.estimate("exact", float(mean), float(deviation))
            inside.append(estimate.low <= one.metrics["exact"] <= estimate.high)
    assert 0.8 <= np.mean(inside) <= 0.97


def test_predictions_are_near_the_truth(models: Models) -> None:
    means, _ = models.predict(["exact"], [BASELINE])
    assert means[0, 0] == pytest.approx(exact(BASELINE), abs=2.0)


def test_of_very_many_trials_the_best_and_an_even_spread_are_shown() -> None:
    random = np.random.default_rng(0)
    scores = random.permutation(5000).tolist()
    trials = [Observation(i + 1, BASELINE, "completed", {"exact": float(scores[i])}) for i in range(5000)]
    for direction, best in (("maximize", 4999), ("minimize", 0)):
        shown = telling(Metric(name="exact", direction=direction), trials)
        numbers = [trial.number for trial in shown]
        assert len(shown) == MODEL_TRIALS
        assert numbers == sorted(set(numbers))
        assert best in {trial.metrics["exact"] for trial in shown}
        # No stretch of the experiment is left out.
        assert max(np.diff(numbers)) < 60
    few = trials[:MODEL_TRIALS]
    assert telling(Metric(name="exact", direction="maximize"), few) == few


def test_further_metrics_are_learned_without_fitting_the_others_again(models: Models) -> None:
    more = learn_more(models, "exact", ["exact", "latency_ms", "f1", "num_parameters"])
    assert more.learned["exact"] is models.learned["exact"]
    assert more.missing == {"f1": MIN_TRIALS}

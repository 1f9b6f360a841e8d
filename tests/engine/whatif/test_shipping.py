"""Which measured trial is shipped, what the next better one costs, and how surely it beats the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist

import pytest

from engine.strategies.interface import Observation
from engine.whatif.answer import Shipment
from engine.whatif.asking import answer, models_for
from engine.whatif.learning import Models
from engine.whatif.question import Budget, Pin, Question
from tests.engine.whatif.studies import BASELINE, completed, size, study

PROBLEM = study(1)[0]
SMALL = {**BASELINE, "n_layers": 2}
MIDDLE = {**BASELINE, "n_layers": 4}


def trial(
    number: int, one: dict[str, float | int | str], exact: float, error: float | None = 0.5
) -> Observation:
    found = completed(number, one, exact=exact)
    return found if error is None else replace(found, standard_errors={"exact": error})


TRIALS = (
    trial(1, BASELINE, 60.0),
    trial(2, SMALL, 50.0),
    trial(3, MIDDLE, 58.0),
    trial(4, {**SMALL, "idle": 0.1}, 45.0),
)


def shipped(
    trials: Sequence[Observation], *budgets: Budget, pinned: dict[str, Pin] | None = None
) -> Shipment | None:
    return answer(models_for(PROBLEM, trials), Question(pinned or {}, budgets)).shipment


def test_the_best_within_the_budget_and_its_regret() -> None:
    found = shipped(TRIALS, Budget("num_parameters", "max", size(SMALL)))
    assert found is not None
    assert found.trial == 2
    assert found.dearer is not None
    assert (found.dearer.trial, found.dearer.regret) == (3, 8.0)
    assert found.dearer.cost_difference == size(MIDDLE) - size(SMALL)
    assert found.dearer.interval == pytest.approx((8 - 1.645 * 0.5**0.5, 8 + 1.645 * 0.5**0.5), abs=1e-3)


def test_without_a_budget_the_best_of_all_is_shipped_and_nothing_is_regretted() -> None:
    found = shipped(TRIALS)
    assert found is not None
    assert (found.trial, found.dearer) == (1, None)


def test_pins_hold_for_what_is_shipped() -> None:
    found = shipped(TRIALS, pinned={"n_layers": 4})
    assert found is not None
    assert found.trial == 3
    assert shipped(TRIALS, pinned={"n_layers": 5}) is None


def test_equals_are_decided_by_size_then_number() -> None:
    found = shipped([*TRIALS, trial(5, MIDDLE, 60.0), trial(6, MIDDLE, 60.0)])
    assert found is not None
    assert found.trial == 5


def test_a_collapsed_trial_is_never_shipped() -> None:
    fooled = completed(5, SMALL, exact=99.0, collapsed=1.0)
    found = shipped([*TRIALS, fooled])
    assert found is not None
    assert found.trial == 1


def test_thresholds_and_unmeasured_budgets_exclude() -> None:
    assert shipped([trial(1, BASELINE, 19.9)]) is None
    assert shipped(TRIALS, Budget("latency_ms", "max", 5.0)) is None
    timed = replace(TRIALS[1], metrics={**TRIALS[1].metrics, "latency_ms": 4.0})
    found = shipped([*TRIALS[:1], timed, *TRIALS[2:]], Budget("latency_ms", "max", 5.0))
    assert found is not None
    assert found.trial == 2


def test_a_lower_budget() -> None:
    found = shipped(TRIALS, Budget("num_parameters", "max", size(MIDDLE)), Budget("exact", "min", 57.0))
    assert found is not None
    assert found.trial == 3
    assert shipped(TRIALS, Budget("exact", "min", 61.0)) is None


def test_the_chance_against_the_baseline_is_that_of_two_measurements() -> None:
    found = shipped([*TRIALS, trial(5, MIDDLE, 60.5)])
    assert found is not None
    assert (found.baseline, found.beats_by) == (1, "measurements")
    assert found.beats_baseline == pytest.approx(NormalDist().cdf(0.5 / 0.5**0.5))


def test_without_errors_and_without_a_model_there_is_no_chance_to_tell() -> None:
    found = shipped([trial(1, BASELINE, 60.0, None), trial(2, MIDDLE, 61.0, None)])
    assert found is not None
    assert (found.baseline, found.beats_baseline, found.beats_by) == (1, None, None)


def test_the_baseline_is_not_compared_with_itself() -> None:
    found = shipped(TRIALS)
    assert found is not None
    assert (found.trial, found.baseline, found.beats_baseline) == (1, 1, None)


def test_without_errors_the_model_tells() -> None:
    problem, observations = study(14, error=None)
    weak = replace(observations[0], metrics={**observations[0].metrics, "exact": 30.0})
    found = answer(models_for(problem, [weak, *observations[1:]]), Question()).shipment
    assert found is not None
    assert found.beats_by == "model"
    assert found.beats_baseline is not None
    assert found.beats_baseline > 0.5


def test_the_model_expects_less_of_a_lucky_trial(models: Models) -> None:
    problem, observations = models.problem, list(models.observations)
    lucky = replace(observations[4], metrics={**observations[4].metrics, "exact": 90.0})
    found = answer(models_for(problem, [*observations[:4], lucky, *observations[5:]]), Question()).shipment
    assert found is not None
    assert found.trial == lucky.number
    assert found.expected is not None
    assert found.expected.mean < 90.0

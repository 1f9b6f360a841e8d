"""Whole answers: predictions within budgets, what supports them, and what is said when little is known."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from engine.ask_tell import AskTell
from engine.errors import SettingError
from engine.metrics import Metric
from engine.parameters import configuration_key
from engine.whatif.answer import Answer, answer_to_json
from engine.whatif.asking import answer, metric_names, models_for, quality_of, what_if
from engine.whatif.learning import Models
from engine.whatif.more_trials import MORE_TRIALS
from engine.whatif.pool import matches
from engine.whatif.question import Budget, Pin, Question, Range
from tests.engine.whatif.studies import BASELINE, METRICS, SPACE, exact, latency, size, study

SMALL = Budget("num_parameters", "max", 5e6)
FAST = Budget("latency_ms", "max", 4.0)


@pytest.fixture(scope="module")
def small(models: Models) -> Answer:
    return answer(models, Question({"n_layers": Range(1, 4)}, [SMALL]))


def test_the_best_keeps_pins_rules_and_budgets(models: Models, small: Answer) -> None:
    assert small.best is not None
    assert small.best.keeps
    assert models.problem.space.allows(small.best.parameters)
    assert matches(models.problem, small.best.parameters, small.question.pinned)
    assert small.best.estimates["num_parameters"].mean == size(small.best.parameters) <= 5e6
    assert (small.quality, small.cost, small.is_fixed, small.missing) == ("exact", "num_parameters", False, 0)


def test_the_best_is_about_the_best_there_is(small: Answer) -> None:
    assert small.best is not None
    possible = max(
        exact({"n_layers": layers, "hidden_size": width, "learning_rate": 1e-4})
        for layers in range(1, 5)
        for width in (128, 256, 512)
        if size({"n_layers": layers, "hidden_size": width}) <= 5e6
    )
    true, estimate = exact(small.best.parameters), small.best.estimates["exact"]
    assert true >= possible - 3.0
    assert estimate.low <= true <= estimate.high


def test_a_budget_on_a_stored_metric_is_kept_by_its_model(models: Models) -> None:
    found = answer(models, Question({}, [FAST]))
    assert found.cost == "latency_ms"
    assert found.best is not None
    assert found.best.estimates["latency_ms"].mean <= 4.0
    assert latency(found.best.parameters) <= 4.4
    assert found.best.within is not None
    assert 0.3 < found.best.within <= 1.0


def test_the_frontier_rises_and_keeps_the_budgets(models: Models, small: Answer) -> None:
    costs = [point.cost.mean for point in small.frontier]
    gains = [point.quality.mean for point in small.frontier]
    assert len(costs) > 2
    assert costs == sorted(costs)
    assert gains == sorted(gains)
    assert small.best is not None
    assert configuration_key(small.frontier[-1].parameters) == configuration_key(small.best.parameters)
    for point in small.frontier:
        assert models.problem.space.allows(point.parameters)
        assert size(point.parameters) <= 5e6


def test_a_whole_configuration_is_predicted_as_it_is(models: Models) -> None:
    asked: dict[str, Pin] = {**BASELINE, "n_layers": 3}
    found = answer(models, Question(asked))
    assert found.is_fixed
    assert found.best is not None
    assert found.best.parameters == asked
    estimate = found.best.estimates["exact"]
    assert estimate.low <= exact(found.best.parameters) <= estimate.high
    assert found.spread["exact"].low == found.spread["exact"].high == estimate.mean
    assert found.shipment is None
    assert "No measured trial meets the pins, the budgets and the thresholds." in found.notes


def test_the_spread_is_over_what_is_free(models: Models) -> None:
    shallow, deep = (answer(models, Question({"n_layers": layers})).spread for layers in (1, 6))
    assert shallow["exact"].low < shallow["exact"].median < shallow["exact"].high
    assert shallow["exact"].median < deep["exact"].median
    assert shallow["num_parameters"].high == 512**2 * 12


def test_a_budget_nothing_keeps_is_said_and_the_closest_shown(models: Models) -> None:
    found = answer(models, Question({"n_layers": 4}, [Budget("num_parameters", "max", 100.0)]))
    assert found.best is not None
    assert not found.best.keeps
    assert found.best.within == 0.0
    assert found.best.parameters["hidden_size"] == 128
    assert found.frontier == []
    assert any("predicted to keep num_parameters <= 100" in note for note in found.notes)


def test_settings_that_break_a_budget_are_said_to(models: Models) -> None:
    found = answer(models, Question(dict(BASELINE), [Budget("exact", "min", 99.0)]))
    assert "These settings are predicted to break exact >= 99.0." in found.notes


def test_answers_are_json_and_the_same_again(models: Models, small: Answer) -> None:
    text = json.dumps(answer_to_json(small), allow_nan=False)
    assert text == json.dumps(answer_to_json(answer(models, small.question)), allow_nan=False)
    assert json.loads(text)["question"]["pinned"] == {"n_layers": {"low": 1, "high": 4}}


def test_few_trials_leave_what_is_exact() -> None:
    problem, observations = study(3)
    found = what_if(problem, observations, Question(dict(BASELINE)))
    assert found.missing == 2
    assert found.best is not None
    assert set(found.best.estimates) == {"num_parameters"}
    assert found.best.estimates["num_parameters"].mean == size(BASELINE)
    assert (
        "exact is not predicted yet, and budgets on it are left out of predictions: 2 more completed trials of "
        in (found.notes[0])
    )
    free = what_if(problem, observations, Question({"n_layers": 2}))
    assert (free.best, free.support, free.frontier) == (None, None, [])
    assert free.spread["num_parameters"].high <= 2 * 512**2 * 12
    assert free.shipment is None or free.shipment.parameters["n_layers"] == 2


def test_no_trials_at_all() -> None:
    problem, _ = study(1)
    found = what_if(problem, [], Question({"n_layers": 2}))
    assert (found.trials, found.shipment) == (0, None)


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    problem, observations = study(3)
    with pytest.raises(SettingError, match="depth is not searched"):
        what_if(problem, observations, Question({"depth": 3}))
    with pytest.raises(SettingError, match="known are exact, num_parameters, latency_ms"):
        what_if(problem, observations, Question({}, [Budget("speed", "max", 3.0)]))
    assert metric_names(problem, observations) == ["exact", "num_parameters", "latency_ms"]


def test_failing_settings_are_passed_over(models: Models) -> None:
    problem, observations = study(16)
    failing = [
        replace(one, state="failed", metrics={}, standard_errors={})
        if float(one.parameters["learning_rate"]) > 2e-4
        else one
        for one in observations
    ]
    found = what_if(problem, failing, Question())
    assert found.best is not None
    assert found.best.runs_through is not None
    assert found.best.runs_through >= 0.5


def test_more_trials_are_named_and_judged(models: Models) -> None:
    hopeless = answer(models, Question({"n_layers": 1})).shipment
    everything = answer(models, Question({}, [FAST])).shipment
    for found in (hopeless, everything):
        assert found is not None
        assert found.more is not None
        assert 0 <= found.more.next <= found.more.any <= 1
        assert found.more.margin > 0
        assert found.more.gain >= 0
        assert len(found.more.chosen) == MORE_TRIALS
        taken = {configuration_key(one.parameters) for one in models.observations}
        assert not taken & {configuration_key(one) for one in found.more.chosen}


def test_more_trials_are_worth_more_where_the_best_was_not_measured(models: Models) -> None:
    """The best learning rate lies in a gap between the measured ones of the second study."""
    shallow = Question({"n_layers": Range(1, 3)})
    near = answer(models, shallow).shipment
    gap = study(24, keep=lambda one: not 3e-5 < float(one["learning_rate"]) < 3e-4, baseline=None)
    far = answer(models_for(gap[0], gap[1][1:]), shallow).shipment
    assert near is not None
    assert far is not None
    assert near.more is not None
    assert far.more is not None
    assert near.more.next < 0.5 < far.more.next
    assert far.more.gain > near.more.gain
    assert exact(far.more.chosen[0]) > exact(far.parameters)


def test_quality_is_what_is_maximised_else_no_size() -> None:
    problem, _ = study(1)
    assert quality_of(problem).name == "exact"
    loss = (
        Metric(name="num_parameters", direction="minimize"),
        Metric(name="mlm_loss", direction="minimize"),
    )
    assert quality_of(replace(problem, metrics=loss)).name == "mlm_loss"
    assert quality_of(replace(problem, metrics=loss[:1])).name == "num_parameters"
    with pytest.raises(SettingError, match="role = 'optimize'"):
        quality_of(replace(problem, metrics=METRICS[2:]))


def test_a_quality_to_be_minimised() -> None:
    problem, observations = study(14)
    metrics = (Metric(name="perplexity", direction="minimize"), METRICS[1])
    losses = [
        replace(
            one,
            metrics={
                "perplexity": 1000 / one.metrics["exact"],
                "num_parameters": one.metrics["num_parameters"],
            },
            standard_errors={},
        )
        for one in observations
        if one.metrics["exact"] > 5
    ]
    found = what_if(replace(problem, metrics=metrics), losses, Question({}, [SMALL]))
    assert found.quality == "perplexity"
    assert found.best is not None
    assert found.shipment is not None
    assert found.best.estimates["perplexity"].mean < 1.5 * found.shipment.metrics["perplexity"]
    assert [point.quality.mean for point in found.frontier] == sorted(
        (point.quality.mean for point in found.frontier), reverse=True
    )


def test_a_study_in_a_notebook_answers_too() -> None:
    metrics = [METRICS[0], Metric(name="num_parameters", direction="minimize", known=size)]
    asked = AskTell(SPACE, metrics, strategy="sobol", baseline=BASELINE)
    for _ in range(10):
        trial = asked.ask()
        asked.tell(trial, {"exact": exact(trial.parameters)})
    found = asked.what_if({"n_layers": 4}, at_most={"num_parameters": 1e7})
    assert found.best is not None
    assert found.best.parameters["n_layers"] == 4
    assert found.best.estimates["num_parameters"].is_exact

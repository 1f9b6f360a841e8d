"""Order of suggestions: the baseline, quasi-random points, then the model."""

from __future__ import annotations

import pytest

from engine.errors import SettingError
from engine.metrics import Metric
from engine.parameters import FloatParameter, configuration_key
from engine.space import SearchSpace
from engine.strategies import registry
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.trials import usable

METRICS = (Metric(name="exact", direction="maximize"), Metric(name="size", direction="minimize"))
SPACE = SearchSpace({"x": FloatParameter(low=0, high=1)})
PROBLEM = SearchProblem(SPACE, METRICS, baseline={"x": 0.25}, initial_trials=3)


def completed(number: int, x: float) -> Observation:
    return Observation(number, {"x": x}, "completed", {"exact": x, "size": x})


def test_the_baseline_comes_first_and_once() -> None:
    made = registry.suggest("sobol", PROBLEM, [], 3)
    assert [s.strategy for s in made] == ["baseline", "sobol", "sobol"]
    assert made[0].parameters == PROBLEM.baseline
    for state in ("completed", "failed", "pending"):
        assert registry.suggest("sobol", PROBLEM, [Observation(1, {"x": 0.25}, state)])[0].strategy == "sobol"


def test_suggestions_made_together_differ() -> None:
    made = registry.suggest("sobol", PROBLEM, [], 20)
    assert len({configuration_key(s.parameters) for s in made}) == 20


def test_together_or_one_by_one_is_the_same() -> None:
    seen: list[Observation] = []
    for number in range(1, 5):
        [one] = registry.suggest("sobol", PROBLEM, seen)
        seen.append(Observation(number, one.parameters, "pending"))
    assert [s.parameters for s in registry.suggest("sobol", PROBLEM, [], 4)] == [t.parameters for t in seen]


def test_unknown_strategies_and_missing_objectives_are_named() -> None:
    with pytest.raises(SettingError, match=r"'bayes'.*sobol, nehvi"):
        registry.suggest("bayes", PROBLEM, [])
    with pytest.raises(SettingError, match="optimize"):
        registry.suggest("nehvi", SearchProblem(SPACE, (Metric(name="f1", role="store"),)), [])


def test_the_model_waits_for_enough_trials() -> None:
    pending = [Observation(n, {"x": n / 10}, "pending") for n in range(1, 6)]
    baseline = completed(6, 0.25)
    assert registry.suggest("nehvi", PROBLEM, [*pending, baseline])[0].strategy == "sobol"
    useless = Observation(7, {"x": 0.7}, "completed", {"exact": float("nan"), "size": 1.0})
    assert registry.suggest("nehvi", PROBLEM, [*pending, baseline, useless])[0].strategy == "sobol"
    assert registry.suggest("nehvi", PROBLEM, [baseline, completed(7, 0.7)])[0].strategy == "sobol"
    made = registry.suggest("nehvi", PROBLEM, [baseline, completed(7, 0.7)], 2)
    assert [s.strategy for s in made] == ["sobol", "sobol"]
    enough = [baseline, completed(7, 0.7), completed(8, 0.4)]
    assert registry.suggest("nehvi", PROBLEM, enough)[0].strategy == "nehvi"


def test_usable_trials_have_every_metric_that_matters() -> None:
    trials = [
        completed(2, 0.5),
        completed(1, 0.4),
        Observation(3, {"x": 0.1}, "completed", {"exact": 1.0}),
        Observation(4, {"x": 0.2}, "failed", {"exact": 1.0, "size": 1.0}),
    ]
    assert [t.number for t in usable(PROBLEM, trials)] == [1, 2]

"""Advice on ranges and on the number of parameters."""

from __future__ import annotations

from typing import Any

import pytest

from engine.advice.ranges import at_bounds, too_few_trials
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter, Value
from engine.space import SearchSpace

SPACE = SearchSpace(
    {
        "learning_rate": FloatParameter(low=1e-5, high=1e-2, log=True),
        "alpha": FloatParameter(low=0.0, high=1.0),
        "n_layers": IntegerParameter(low=1, high=6),
        "n_heads": IntegerParameter(low=3, high=4),
        "schedule": CategoricalParameter(values=("linear", "noam")),
    }
)
INSIDE: dict[str, Value] = {
    "learning_rate": 1e-3,
    "alpha": 0.5,
    "n_layers": 3,
    "n_heads": 3,
    "schedule": "linear",
}


def legal(name: str, value: Value) -> bool:
    return name != "alpha" or (not isinstance(value, str) and 0 <= value <= 1)


def told(*changes: dict[str, Any]) -> list[str | None]:
    trials = [INSIDE | {"n_heads": 3 + place % 2} | change for place, change in enumerate(changes)]
    return [advice.setting for advice in at_bounds(SPACE, trials, legal)]


def test_nothing_at_a_bound_nothing_told() -> None:
    assert told({}, {}, {}, {}) == []
    assert at_bounds(SPACE, [], legal) == []


@pytest.mark.parametrize(
    ("change", "setting"),
    [
        ({"learning_rate": 1e-2}, "parameters.learning_rate.high"),
        ({"learning_rate": 1.1e-5}, "parameters.learning_rate.low"),
        ({"n_layers": 6}, "parameters.n_layers.high"),
        ({"n_layers": 1}, "parameters.n_layers.low"),
    ],
)
def test_several_trials_at_a_bound(change: dict[str, Value], setting: str) -> None:
    assert told(change, change, change, {}) == [setting]
    assert told(change, change, {}, {}) == [], "two are few"
    assert told(change, change, change, {}, {}, {}, {}) == [], "three of seven are a minority"


def test_what_cannot_go_further_is_not_told() -> None:
    assert told(*[{"alpha": 1.0}] * 4) == []
    assert told(*[{"alpha": 0.0}] * 4) == []


def test_a_whole_number_of_two_values_is_always_at_a_bound() -> None:
    assert told(*[{"n_heads": 3}] * 3, {"n_heads": 4}) == []
    assert told(*[{"n_heads": 4}] * 4) == ["parameters.n_heads.high"]


def test_the_words_name_the_bound() -> None:
    advice = at_bounds(SPACE, [INSIDE | {"n_layers": 6, "n_heads": place} for place in (3, 4, 3)], legal)[0]
    assert advice.sentence == (
        "n_layers is at its upper bound 6 on 3 of 3 trials of the frontier: better ones may lie beyond. "
        "Raise parameters.n_layers.high if the teacher allows it."
    )


def test_a_budget_small_for_the_parameters() -> None:
    assert too_few_trials(SPACE, 25) is None
    assert too_few_trials(SearchSpace({}), 1) is None
    some, hardly = too_few_trials(SPACE, 24), too_few_trials(SPACE, 9)
    assert some is not None
    assert hardly is not None
    assert (some.severity, hardly.severity, hardly.setting) == ("note", "warning", "budget.trials")
    assert "5 parameters want about 25 trials (5 each), and the budget is 9" in hardly.sentence

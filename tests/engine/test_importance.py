"""Importance of parameters: told only from enough trials, and given to those that matter."""

from __future__ import annotations

import numpy as np
import pytest

from engine.importance import importance
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter
from engine.space import SearchSpace

SPACE = SearchSpace(
    {
        "rate": FloatParameter(low=1e-6, high=1e-1, log=True),
        "layers": IntegerParameter(low=1, high=12),
        "schedule": CategoricalParameter(values=("linear", "noam", "constant")),
        "idle": FloatParameter(low=0.0, high=1.0),
    }
)


def drawn(count: int) -> list[dict]:
    rng = np.random.default_rng(0)
    return [
        {name: parameter.from_unit(rng.random()) for name, parameter in SPACE.parameters.items()}
        for _ in range(count)
    ]


def test_it_says_how_many_trials_are_missing() -> None:
    found = importance(SPACE, drawn(13), {"exact": [0.0] * 13})
    assert (found.by_metric, found.missing) == ({}, 7)
    assert importance(SPACE, drawn(20), {"exact": list(range(20))}).missing == 0
    assert importance(SearchSpace({}), [], {}).by_metric == {}


def test_what_matters_comes_first() -> None:
    trials = drawn(200)
    metrics = {
        "exact": [10 * np.log10(item["rate"]) + (5 if item["schedule"] == "noam" else 0) for item in trials],
        "num_parameters": [7e6 * item["layers"] for item in trials],
    }
    found = importance(SPACE, trials, metrics).by_metric
    assert list(found["exact"])[:2] == ["rate", "schedule"]
    assert found["exact"]["rate"] > 0.7
    assert found["num_parameters"]["layers"] > 0.9
    for shares in found.values():
        assert sum(shares.values()) == pytest.approx(1.0)
        assert list(shares.values()) == sorted(shares.values(), reverse=True)
        assert shares.keys() == SPACE.parameters.keys()


def test_it_is_the_same_every_time_and_in_any_unit() -> None:
    trials = drawn(40)
    values = [item["layers"] + item["idle"] for item in trials]
    first = importance(SPACE, trials, {"x": values}).by_metric["x"]
    assert importance(SPACE, trials, {"x": values}).by_metric["x"] == first
    scaled = importance(SPACE, trials, {"x": [1e6 * value + 3 for value in values]}).by_metric["x"]
    assert scaled == pytest.approx(first, abs=0.02)


def test_a_metric_that_never_changes_makes_all_equal() -> None:
    found = importance(SPACE, drawn(20), {"collapsed": [0.0] * 20}).by_metric
    assert found["collapsed"] == dict.fromkeys(SPACE.parameters, 0.25)

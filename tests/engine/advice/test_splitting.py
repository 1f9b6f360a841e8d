"""What trials in trouble have in common."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.advice.splitting import _tails, common_setting
from engine.advice.troubles import common_trouble
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter, Value
from engine.space import SearchSpace

SPACE = SearchSpace(
    {
        "learning_rate": FloatParameter(low=1e-5, high=1e-1, log=True),
        "n_layers": IntegerParameter(low=1, high=12),
        "schedule": CategoricalParameter(values=("linear", "noam")),
    }
)
Configuration = dict[str, Value]


def trials(rates: list[float], schedule: str = "linear", seed: int = 0) -> list[Configuration]:
    rng = np.random.default_rng(seed)
    return [
        {"learning_rate": rate, "n_layers": int(rng.integers(1, 13)), "schedule": schedule} for rate in rates
    ]


def test_a_bound_that_sets_failures_apart() -> None:
    failed = trials([0.03, 0.05, 0.02, 0.08, 0.04, 0.001, 0.0002])
    others = trials([*np.geomspace(1e-5, 8e-3, 19), 0.06], seed=1)
    found = common_setting(SPACE, failed, others)
    assert found is not None
    assert found.words("failed") == "5 of 7 failed trials have learning_rate > 0.01; 1 of 20 others"
    assert found.setting == "parameters.learning_rate.high"
    assert 0 < found.chance < 0.05


def test_tails_are_those_of_fishers_test() -> None:
    tails = _tails(27, 7)
    for inside, others in ((5, 1), (7, 0), (0, 20), (3, 9)):
        expected = stats.fisher_exact(
            [[inside, 7 - inside], [others, 20 - others]], alternative="greater"
        ).pvalue
        assert tails[inside + others, inside] == pytest.approx(expected)


def test_a_value_in_common() -> None:
    failed, others = trials([1e-3] * 6, "noam"), trials([1e-3] * 20, seed=1)
    found = common_setting(SPACE, failed, others)
    assert found is not None
    assert found.words("collapsed") == "6 of 6 collapsed trials have schedule = noam; 0 of 20 others"
    assert found.setting == "parameters.schedule.values"


def test_a_lower_bound_on_whole_numbers() -> None:
    failed = [{"learning_rate": 1e-3, "n_layers": depth, "schedule": "linear"} for depth in (1, 2, 2, 1, 2)]
    others = [{"learning_rate": 1e-3, "n_layers": depth, "schedule": "linear"} for depth in range(4, 13)]
    found = common_setting(SPACE, failed, others)
    assert found is not None
    assert found.words("failed") == "5 of 5 failed trials have n_layers < 3; 0 of 9 others"
    assert found.setting == "parameters.n_layers.low"


def test_chance_is_not_told() -> None:
    """Trials that fail at random rarely get a reason: 5 % of the time at most."""
    rng = np.random.default_rng(0)
    told = 0
    for seed in range(100):
        items = trials(np.geomspace(1e-5, 1e-1, 30).tolist(), seed=seed)
        order = rng.permutation(30)
        told += (
            common_setting(SPACE, [items[k] for k in order[:7]], [items[k] for k in order[7:]]) is not None
        )
    assert told <= 10


@pytest.mark.parametrize("count", [0, 2])
def test_a_few_failures_are_bad_luck(count: int) -> None:
    assert common_trouble("failed", SPACE, trials([0.05] * count), trials([1e-4] * 20)) is None


def test_many_failures_without_a_reason_are_counted() -> None:
    rates = np.geomspace(1e-5, 1e-1, 12).tolist()
    advice = common_trouble("failed", SPACE, trials(rates[::3]), trials(rates, seed=4))
    assert advice is not None
    assert (advice.severity, advice.setting) == ("warning", None)
    assert advice.sentence == "4 of 16 trials failed, with no setting in common."
    assert common_trouble("failed", SPACE, trials(rates[::4]), trials(rates * 3, seed=4)) is None


def test_the_advice_names_the_setting() -> None:
    advice = common_trouble("failed", SPACE, trials([0.05] * 6), trials([1e-4] * 20, seed=1))
    assert advice is not None
    assert advice.setting == "parameters.learning_rate.high"
    assert advice.sentence.endswith("0 of 20 others: narrow parameters.learning_rate.high.")

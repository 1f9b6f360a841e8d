"""The configurations that pins leave: legal, distinct, and an explanation where there are none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import SettingError
from engine.parameters import configuration_key
from engine.space import SearchSpace
from engine.strategies.interface import SearchProblem
from engine.whatif.pool import legal_pool, matches
from engine.whatif.question import Pin, Range
from tests.engine.whatif.studies import BASELINE, METRICS, study

PROBLEM = study(1)[0]


@settings(max_examples=15, deadline=None)
@given(
    layers=st.one_of(st.integers(1, 8), st.tuples(st.integers(1, 4), st.integers(4, 8))),
    width=st.sampled_from([None, 128, 256]),
)
def test_everything_is_legal_distinct_and_as_pinned(layers: int | tuple[int, int], width: int | None) -> None:
    pinned: dict[str, Pin] = {"n_layers": Range(*layers) if isinstance(layers, tuple) else layers}
    if width is not None:
        pinned["hidden_size"] = width
    pool = legal_pool(PROBLEM, pinned, 64)
    assert len(pool) == 64
    assert len({configuration_key(one) for one in pool}) == 64
    for one in pool:
        assert PROBLEM.space.allows(one)
        assert PROBLEM.is_legal(one)
        assert matches(PROBLEM, one, pinned)


def test_a_small_space_is_gone_through() -> None:
    pool = legal_pool(PROBLEM, {"learning_rate": 1e-4, "idle": 0.5}, 1000)
    assert {(one["n_layers"], one["hidden_size"]) for one in pool} == {
        (layers, width) for layers in range(1, 9) for width in (128, 256, 512) if layers * width <= 3072
    }


def test_nothing_legal_is_explained() -> None:
    with pytest.raises(
        SettingError, match=r"n_layers = 8 and hidden_size = 512.*'n_layers \* hidden_size <= 3072'"
    ):
        legal_pool(PROBLEM, {"n_layers": 8, "hidden_size": 512}, 10)
    with pytest.raises(SettingError, match=r"do not meet the rule 'n_layers \* hidden_size <= 3072'"):
        legal_pool(PROBLEM, {**BASELINE, "n_layers": 8}, 10)


def test_settings_no_student_can_be_built_with() -> None:
    class Unbuildable:
        metrics = frozenset({"num_parameters"})
        parameters = None

        def values(self, configuration: object) -> None:
            return None

    with pytest.raises(SettingError, match="no student can be built"):
        legal_pool(replace(PROBLEM, known=Unbuildable()), BASELINE, 10)


def test_a_pin_of_a_setting_that_does_not_count_is_met() -> None:
    space = SearchSpace.from_dict(
        {
            "alpha": {"type": "int", "low": 0, "high": 1},
            "temperature": {"type": "int", "low": 1, "high": 4, "when": "alpha > 0"},
        }
    )
    problem = SearchProblem(space, METRICS)
    pool = legal_pool(problem, {"temperature": 3}, 10)
    assert sorted((one["alpha"], one["temperature"]) for one in pool) == [(0, 1), (1, 3)]
    assert matches(problem, {"alpha": 0, "temperature": 1}, {"temperature": 3})
    assert not matches(problem, {"alpha": 1, "temperature": 1}, {"temperature": 3})
    assert not matches(problem, {"alpha": 1, "temperature": 3}, {"temperature": Range(1, 2)})

"""Grids: every combination once before any twice, the reference configuration first, and an end."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.metrics import Metric
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter, configuration_key
from engine.rules import Rule
from engine.space import SearchSpace
from engine.strategies.grid import grid_points, grid_size
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.registry import suggest
from tests.engine.strategies.random_spaces import spaces

METRICS = (Metric(name="exact", direction="maximize"),)
SPACE = SearchSpace(
    {
        "n_layers": IntegerParameter(low=1, high=3),
        "learning_rate": FloatParameter(low=1e-5, high=1e-3, log=True),
        "method": CategoricalParameter(values=("mlm", "bort")),
    }
)


def test_values_are_evenly_spread_in_the_logarithm_where_the_range_is_logarithmic() -> None:
    points = list(grid_points(SPACE, 3, None))
    assert len(points) == 18
    assert sorted({point["n_layers"] for point in points}) == [1, 2, 3]
    rates = sorted({point["learning_rate"] for point in points})
    assert rates == pytest.approx([1e-5, 1e-4, 1e-3])
    assert points[:2] == [
        {"n_layers": 1, "learning_rate": 1e-5, "method": "mlm"},
        {"n_layers": 1, "learning_rate": 1e-5, "method": "bort"},
    ]


def test_short_ranges_give_each_whole_number_once_and_one_level_the_middle() -> None:
    space = SearchSpace({"n_heads": IntegerParameter(low=1, high=2)})
    assert [point["n_heads"] for point in grid_points(space, 5, None)] == [1, 2]
    assert [point["alpha"] for point in grid_points(_alpha(), 1, None)] == [0.5]


def test_the_baseline_comes_first_and_only_once() -> None:
    assert [point["alpha"] for point in grid_points(_alpha(), 3, {"alpha": 0.5})] == [0.5, 0.0, 1.0]
    assert [point["alpha"] for point in grid_points(_alpha(), 2, {"alpha": 0.3})] == [0.3, 0.0, 1.0]


def test_rules_leave_points_out() -> None:
    space = SearchSpace(SPACE.parameters, (Rule("n_layers >= 2"),))
    assert grid_size(space, 3, None, 1000) == 12
    assert grid_size(space, 3, None, 5) == 5


@pytest.mark.parametrize("strategy", ["grid", "single"])
def test_each_point_is_trained_as_often_as_asked_and_then_there_is_an_end(strategy: str) -> None:
    problem = SearchProblem(_alpha(), METRICS, baseline={"alpha": 0.5}, levels=3, repeats=2)
    seen: list[Observation] = []
    for number in range(1, 20):
        made = suggest(strategy, problem, seen)
        if not made:
            break
        seen.append(Observation(number, made[0].parameters, "pending"))
    values = [observation.parameters["alpha"] for observation in seen]
    expected = [0.5, 0.0, 1.0] if strategy == "grid" else [0.5]
    assert values == expected * 2
    assert suggest(strategy, problem, seen, 3) == []


def test_the_first_is_the_baseline_by_role_and_its_repeats_are_not() -> None:
    problem = SearchProblem(_alpha(), METRICS, baseline={"alpha": 0.5}, repeats=2)
    assert [made.strategy for made in suggest("single", problem, [], 3)] == ["baseline", "single"]


def test_a_space_too_large_to_list_is_not_listed() -> None:
    space = SearchSpace({f"p{n}": FloatParameter(low=0, high=1) for n in range(17)})
    assert grid_size(space, 10, None, 50) == 50
    problem = SearchProblem(space, METRICS, levels=10)
    assert len(suggest("grid", problem, [], 3)) == 3


@given(space=spaces(), levels=st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_points_are_legal_and_distinct(space: SearchSpace, levels: int) -> None:
    points = [point for point, _ in zip(grid_points(space, levels, None), range(200), strict=False)]
    assert all(space.allows(point) for point in points)
    assert not [key for key, count in Counter(map(configuration_key, points)).items() if count > 1]


def _alpha() -> SearchSpace:
    return SearchSpace({"alpha": FloatParameter(low=0, high=1)})

"""Quasi-random points: legal, new, even, and exhaustive in small spaces."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import SettingError
from engine.metrics import Metric
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter, configuration_key
from engine.rules import Rule
from engine.space import SearchSpace
from engine.strategies import sobol
from engine.strategies.interface import Observation, SearchProblem
from tests.engine.strategies.random_spaces import spaces, trials

METRICS = (Metric(name="exact", direction="maximize"),)


def many(problem: SearchProblem, count: int) -> list[Observation]:
    made: list[Observation] = []
    for number in range(1, count + 1):
        made.append(Observation(number, sobol.suggest(problem, made).parameters, "pending"))
    return made


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_suggestions_are_legal_new_and_repeatable(data: st.DataObject) -> None:
    space = data.draw(spaces())
    seen = data.draw(trials(space))
    problem = SearchProblem(space, METRICS, seed=data.draw(st.integers(0, 9)))
    suggestion = sobol.suggest(problem, seen)
    assert space.allows(suggestion.parameters)
    assert configuration_key(suggestion.parameters) not in {configuration_key(t.parameters) for t in seen}
    assert suggestion.parameters == sobol.suggest(problem, seen).parameters


def test_points_fill_the_space_evenly() -> None:
    space = SearchSpace({"x": FloatParameter(low=0, high=1), "k": CategoricalParameter(values=("a", "b"))})
    made = many(SearchProblem(space, METRICS, seed=3), 16)
    assert sorted(int(float(t.parameters["x"]) * 16) for t in made) == list(range(16))
    assert sum(t.parameters["k"] == "a" for t in made) == 8


def test_the_seed_changes_the_points() -> None:
    space = SearchSpace({"x": FloatParameter(low=0, high=1)})
    first, second = (sobol.suggest(SearchProblem(space, METRICS, seed=s), []) for s in (0, 1))
    assert first.parameters != second.parameters


def test_a_small_space_is_exhausted_before_anything_repeats() -> None:
    space = SearchSpace(
        {"a": IntegerParameter(low=1, high=6), "b": IntegerParameter(low=1, high=6)}, (Rule("a % b == 0"),)
    )
    made = many(SearchProblem(space, METRICS), 15)
    keys = {configuration_key(t.parameters) for t in made}
    assert len(keys) == 14  # divisors of 1 to 6: 1 + 2 + 2 + 3 + 2 + 4
    note = sobol.suggest(SearchProblem(space, METRICS), made).note
    assert note is not None
    assert "repeats" in note


def test_a_needle_is_found_by_listing_a_finite_space() -> None:
    space = SearchSpace(
        {f"p{i}": IntegerParameter(low=1, high=30) for i in range(3)}, (Rule("p0 + p1 + p2 == 90"),)
    )
    assert sobol.suggest(SearchProblem(space, METRICS), []).parameters == {"p0": 30, "p1": 30, "p2": 30}


def test_rules_that_nothing_meets_are_named() -> None:
    space = SearchSpace({"x": FloatParameter(low=0, high=1)}, (Rule("x > 2"),))
    with pytest.raises(SettingError, match="x > 2"):
        sobol.suggest(SearchProblem(space, METRICS), [])


def test_quasi_random_search_does_without_torch() -> None:
    code = (
        "import sys; from engine.strategies import registry, sobol, wire; import engine.suggester, engine.frontier; "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

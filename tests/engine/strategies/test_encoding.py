"""Configurations as rows of a matrix and back, and legal neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter, configuration_key
from engine.space import SearchSpace
from engine.strategies.candidates import neighbours
from engine.strategies.encoding import Encoding
from tests.engine.strategies.random_spaces import spaces


def test_known_encoding() -> None:
    space = SearchSpace(
        {
            "rate": FloatParameter(low=1e-6, high=1e-2, log=True),
            "only": CategoricalParameter(values=("x",)),
            "layers": IntegerParameter(low=1, high=3),
            "width": CategoricalParameter(values=(768, 128, 256)),
            "from": CategoricalParameter(values=("first", "last")),
            "steps": IntegerParameter(low=1, high=100),
        }
    )
    encoding = Encoding(space)
    parameters = {"rate": 1e-4, "only": "x", "layers": 2, "width": 256, "from": "last", "steps": 100}
    assert encoding.columns == ["rate", "layers", "width", "from", "from", "steps"]
    assert encoding.encode([parameters])[0] == pytest.approx([0.5, 0.5, 0.5, 0.0, 1.0, 1.0])
    assert encoding.continuous == {0: "rate", 5: "steps"}
    moved = encoding.moved(parameters, [0.75, 0.1, 0.9, 1.0, 0.0, 0.0])
    assert moved == {**parameters, "rate": pytest.approx(1e-3), "steps": 1}


def test_rows_of_earlier_experiments_are_marked() -> None:
    encoding = Encoding(SearchSpace({"x": FloatParameter(low=0, high=1)}), sources=2)
    rows = [encoding.encode([{"x": 0.5}], source)[0].tolist() for source in (0, 1, 2)]
    assert rows == [[0.5, 0, 0], [0.5, 1, 0], [0.5, 0, 1]]


def test_zero_among_the_choices_is_no_size() -> None:
    """0 stands for the teacher's width, which no order of the numbers tells."""
    encoding = Encoding(SearchSpace({"width": CategoricalParameter(values=(0, 512, 1024))}))
    assert encoding.encode([{"width": 0}, {"width": 512}]).tolist() == [[1, 0, 0], [0, 1, 0]]


@given(data=st.data())
@settings(deadline=None)
def test_rows_are_within_bounds_and_moving_to_its_own_row_changes_nothing(data: st.DataObject) -> None:
    space = data.draw(spaces())
    units = data.draw(
        st.lists(st.floats(0, 1), min_size=len(space.parameters), max_size=len(space.parameters))
    )
    parameters = space.from_unit(units)
    encoding = Encoding(space)
    row = encoding.encode([parameters])[0]
    assert row.shape == (encoding.width,)
    assert bool(np.all((row >= 0) & (row <= 1)))
    moved = encoding.moved(parameters, row.tolist())
    for name, value in parameters.items():
        assert moved[name] == (pytest.approx(value) if isinstance(value, float) else value)
        assert type(moved[name]) is type(value)


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_neighbours_are_legal_new_and_near(data: st.DataObject) -> None:
    space = data.draw(spaces())
    centre = space.from_unit([0.3] * len(space.parameters))
    taken = {configuration_key(centre)}
    found = neighbours(space, [centre], 20, taken, np.random.default_rng(0), space.meets_rules)
    assert found
    keys = {configuration_key(neighbour) for neighbour in found}
    assert len(keys) == len(found)
    assert not keys & taken
    assert all(space.allows(neighbour) for neighbour in found)
    assert all(sum(neighbour[n] != centre[n] for n in centre) <= 3 for neighbour in found)


def test_without_a_centre_there_are_no_neighbours() -> None:
    space = SearchSpace({"x": FloatParameter(low=0, high=1)})
    assert neighbours(space, [], 5, set(), np.random.default_rng(0), space.meets_rules) == []

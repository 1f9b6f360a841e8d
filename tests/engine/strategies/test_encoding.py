"""Configurations as rows of a matrix and back, and legal neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.space import (
    CategoricalParameter,
    FloatParameter,
    IntegerParameter,
    SearchSpace,
    configuration_key,
)
from engine.strategies.candidates import neighbours
from engine.strategies.encoding import Encoding
from tests.engine.strategies.random_spaces import spaces


def test_known_encoding() -> None:
    space = SearchSpace(
        {
            "rate": FloatParameter(low=1e-6, high=1e-2, log=True),
            "only": CategoricalParameter(values=("x",)),
            "layers": IntegerParameter(low=1, high=3),
            "width": CategoricalParameter(values=(128, 256, 768)),
            "steps": IntegerParameter(low=1, high=100),
        }
    )
    encoding = Encoding(space)
    parameters = {"rate": 1e-4, "only": "x", "layers": 2, "width": 768, "steps": 100}
    assert encoding.columns == ["rate", "layers", "width", "steps"]
    assert encoding.encode([parameters])[0] == pytest.approx([0.5, 0.5, 2.0, 1.0])
    assert encoding.decode([0.5, 0.6, 2.0, 1.0]) == {**parameters, "rate": pytest.approx(1e-4)}
    assert encoding.grids == {1: [0.0, 0.5, 1.0]}
    assert encoding.categories == {2: [0.0, 1.0, 2.0]}
    assert encoding.bounds.tolist() == [[0, 0, 0, 0], [1, 1, 2, 1]]


@given(data=st.data())
@settings(deadline=None)
def test_decoding_undoes_encoding(data: st.DataObject) -> None:
    space = data.draw(spaces())
    units = data.draw(
        st.lists(st.floats(0, 1), min_size=len(space.parameters), max_size=len(space.parameters))
    )
    parameters = space.from_unit(units)
    encoding = Encoding(space)
    row = encoding.encode([parameters])[0]
    decoded = encoding.decode(row.tolist())
    for name, value in parameters.items():
        assert decoded[name] == (pytest.approx(value) if isinstance(value, float) else value)
        assert type(decoded[name]) is type(value)
    low, high = encoding.bounds
    assert bool(np.all(row >= low))
    assert bool(np.all(row <= high))
    for column, grid in encoding.grids.items():
        assert row[column] in grid


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_neighbours_are_legal_new_and_near(data: st.DataObject) -> None:
    space = data.draw(spaces())
    centre = space.from_unit([0.3] * len(space.parameters))
    taken = {configuration_key(centre)}
    found = neighbours(space, [centre], 20, taken, np.random.default_rng(0))
    assert found
    keys = {configuration_key(neighbour) for neighbour in found}
    assert len(keys) == len(found)
    assert not keys & taken
    assert all(space.allows(neighbour) for neighbour in found)
    assert all(sum(neighbour[n] != centre[n] for n in centre) <= 3 for neighbour in found)


def test_without_a_centre_there_are_no_neighbours() -> None:
    space = SearchSpace({"x": FloatParameter(low=0, high=1)})
    assert neighbours(space, [], 5, set(), np.random.default_rng(0)) == []

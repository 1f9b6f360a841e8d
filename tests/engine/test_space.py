"""Ranges, scales and rules of search spaces."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.errors import SettingError
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter, configuration_key
from engine.rules import Rule
from engine.space import SearchSpace, checked_configuration

SPACE = SearchSpace(
    {
        "rate": FloatParameter(low=1e-6, high=1e-1, log=True),
        "layers": IntegerParameter(low=1, high=4),
        "width": CategoricalParameter(values=(128, 256)),
    },
    (Rule("layers < 4 or width == 128"),),
)


@given(unit=st.floats(0, 1), low=st.floats(1e-9, 1), factor=st.floats(1.5, 1e6), log=st.booleans())
def test_float_stays_within_bounds_and_inverts(unit: float, low: float, factor: float, log: bool) -> None:
    parameter = FloatParameter(low=low, high=low * factor, log=log)
    value = parameter.from_unit(unit)
    assert parameter.contains(value)
    assert parameter.to_unit(value) == pytest.approx(unit, abs=1e-6)


@given(low=st.integers(1, 50), count=st.integers(1, 50), log=st.booleans())
def test_every_integer_is_reached_from_the_middle_of_its_share(low: int, count: int, log: bool) -> None:
    parameter = IntegerParameter(low=low, high=low + count, log=log)
    for value in range(low, low + count + 1):
        assert parameter.from_unit(parameter.to_unit(value)) == value
    assert parameter.from_unit(0.0) == low
    assert parameter.from_unit(1.0) == low + count


def test_log_float_has_its_geometric_mean_in_the_middle() -> None:
    assert FloatParameter(low=1e-6, high=1e-2, log=True).from_unit(0.5) == pytest.approx(1e-4)


def test_categorical_shares_the_interval_equally() -> None:
    parameter = CategoricalParameter(values=("a", "b", "c"))
    assert [parameter.from_unit(u) for u in (0.0, 0.34, 0.99, 1.0)] == ["a", "b", "c", "c"]
    assert [parameter.from_unit(parameter.to_unit(v)) for v in parameter.values] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: FloatParameter(low=2, high=1),
        lambda: FloatParameter(low=0, high=1, log=True),
        lambda: FloatParameter(low=0, high=math.inf),
        lambda: IntegerParameter(low=3, high=3),
        lambda: CategoricalParameter(values=()),
        lambda: CategoricalParameter(values=(1, 1)),
    ],
)
def test_impossible_ranges_are_refused(make: object) -> None:
    with pytest.raises(ValidationError):
        make()  # type: ignore[operator]


def test_size_counts_configurations() -> None:
    assert SPACE.size() == math.inf
    discrete = SearchSpace({name: SPACE.parameters[name] for name in ("layers", "width")})
    assert discrete.size() == 8


def test_allows_needs_ranges_and_rules() -> None:
    assert SPACE.allows({"rate": 1e-3, "layers": 4, "width": 128})
    assert not SPACE.allows({"rate": 1e-3, "layers": 4, "width": 256})
    assert not SPACE.allows({"rate": 1e-3, "layers": 5, "width": 128})
    assert not SPACE.allows({"layers": 1, "width": 128})


def test_rules_over_unknown_parameters_are_refused() -> None:
    with pytest.raises(SettingError, match="heads"):
        SearchSpace(SPACE.parameters, (Rule("heads > 1"),))


def test_key_ignores_order_and_rounding() -> None:
    assert configuration_key({"a": 0.1 + 0.2, "b": 1}) == configuration_key({"b": 1, "a": 0.3})
    assert configuration_key({"a": 0.3}) != configuration_key({"a": 0.31})


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"rate": 1e-3, "layers": 1, "width": 128, "heads": 2}, "heads"),
        ({"rate": 1e-3, "layers": 1}, "no value for parameter width"),
        ({"rate": 1.0, "layers": 1, "width": 128}, "rate = 1.0 is outside"),
        ({"rate": 1e-3, "layers": 4, "width": 256}, "layers < 4"),
    ],
)
def test_checked_configuration_names_the_fault(configuration: dict[str, float], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        checked_configuration(SPACE, configuration, "baseline")


def test_a_space_from_plain_dictionaries() -> None:
    space = SearchSpace.from_dict(
        {
            "layers": {"type": "int", "low": 1, "high": 12},
            "ffn": {"type": "categorical", "values": [256, 512]},
            "lr": {"type": "float", "low": 1e-6, "high": 1e-2, "log": True},
        },
        ["layers * ffn <= 4096"],
    )
    assert space.parameters["lr"] == FloatParameter(low=1e-6, high=1e-2, log=True)
    assert space.allows({"layers": 8, "ffn": 512, "lr": 1e-3})
    assert not space.allows({"layers": 9, "ffn": 512, "lr": 1e-3})


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"type": "int", "low": 5, "high": 5}, "parameter x: .*low 5 must be below high 5"),
        ({"type": "float", "low": 0.0}, "parameter x, high: "),
        ({"type": "whole", "low": 0}, "parameter x: .*'int'"),
        ({"type": "int", "low": 0, "high": 3, "step": 2}, "parameter x, step: "),
        ({"type": "int", "low": 0, "high": 3, "when": "y > 0"}, "reads y"),
        ({"type": "int", "low": 0, "high": 3, "when": "x > 0"}, "reads x itself"),
        ({"type": "int", "low": 0, "high": 3, "when": "z > 0", "otherwise": 9}, "9 is outside its range"),
    ],
)
def test_mistakes_in_a_dictionary_are_named(settings: dict[str, object], told: str) -> None:
    with pytest.raises(SettingError, match=told):
        SearchSpace.from_dict({"x": settings, "z": {"type": "int", "low": 0, "high": 1}})


def test_a_parameter_that_does_not_count_has_one_value() -> None:
    space = SearchSpace.from_dict(
        {
            "alpha": {"type": "float", "low": 0.0, "high": 1.0},
            "temperature": {
                "type": "float",
                "low": 1.0,
                "high": 9.0,
                "when": "alpha > 0.5",
                "otherwise": 2.0,
            },
            "warm": {"type": "int", "low": 0, "high": 5, "when": "temperature > 3"},
        }
    )
    assert space.from_unit([0.2, 0.9, 0.9]) == {"alpha": 0.2, "temperature": 2.0, "warm": 0}
    counted = space.from_unit([0.9, 0.5, 0.9])
    assert counted == {"alpha": 0.9, "temperature": 5.0, "warm": 5}
    assert space.canonical(counted) == counted

"""Stops of sliders: within the range, in order, with its ends and what is chosen among them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.whatif.steps import STEPS, budget_steps, nearest, value_steps
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter


def test_whole_numbers_are_all_there_while_they_are_few() -> None:
    assert value_steps(IntegerParameter(low=1, high=12)) == list(range(1, 13))
    many = value_steps(IntegerParameter(low=0, high=1000), [123])
    assert len(many) <= STEPS + 2
    assert 123 in many
    assert all(isinstance(value, int) for value in many)


def test_choices_are_as_they_were_searched() -> None:
    assert value_steps(CategoricalParameter(values=(768, 3072, 1536))) == [768, 3072, 1536]


@given(st.floats(1e-8, 1e3), st.floats(1.5, 1e6), st.booleans())
def test_steps_of_numbers(low: float, ratio: float, log: bool) -> None:
    parameter = FloatParameter(low=low, high=low * ratio, log=log)
    chosen = parameter.from_unit(0.37)
    steps = value_steps(parameter, [chosen])
    assert steps == sorted(set(steps), key=float)
    assert (steps[0], steps[-1]) == (parameter.low, parameter.high)
    assert chosen in steps
    assert len(steps) <= STEPS + 2


def test_steps_of_a_logarithmic_range_have_equal_ratios() -> None:
    steps = [float(value) for value in value_steps(FloatParameter(low=1e-6, high=1e-2, log=True))]
    ratios = [after / before for before, after in itertools.pairwise(steps)]
    assert max(ratios) / min(ratios) < 1.05


def test_a_narrow_range_about_a_large_number_has_steps_too() -> None:
    steps = value_steps(FloatParameter(low=1000.0, high=1001.0))
    assert len(steps) == STEPS + 1


def test_budgets_stop_at_what_was_measured() -> None:
    steps = budget_steps([23.7e6, 108e6, 45e6, float("nan")], [50e6])
    assert (steps[0], steps[-1]) == (23.7e6, 108e6)
    assert 50e6 in steps
    assert budget_steps([]) == []
    assert budget_steps([3.0, 3.0], [2.0]) == [2.0, 3.0]
    assert budget_steps([], [2.0]) == [2.0]
    wide = budget_steps([1.0, 1e6])
    assert wide[1] / wide[0] == pytest.approx(wide[-1] / wide[-2], rel=0.05)


def test_the_stop_next_to_a_value() -> None:
    assert nearest([1.0, 2.0, 4.0], 3.1) == 4.0

"""How settings can be held, and what they are held to at first."""

from __future__ import annotations

import pytest

from dashboard.whatif.modes import Mode, first_pin, mode_of, modes_of
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter, Value
from engine.whatif.question import AnyParameter, Range

LAYERS = IntegerParameter(low=1, high=12)
RATE = FloatParameter(low=1e-5, high=1e-3, log=True)
WIDTH = CategoricalParameter(values=(256, 512, 768))
WORDS = CategoricalParameter(values=("linear", "noam", "constant"))


@pytest.mark.parametrize(
    ("parameter", "has_range"),
    [
        (LAYERS, True),
        (RATE, True),
        (WIDTH, True),
        (WORDS, False),
        (CategoricalParameter(values=(256, 768)), False),
        (CategoricalParameter(values=(768, 256, 512)), False),
        (CategoricalParameter(values=(1, 2, "all")), False),
    ],
)
def test_a_range_needs_numbers_in_order(parameter: AnyParameter, has_range: bool) -> None:
    assert ("range" in modes_of(parameter)) == has_range


def test_modes_of_pins() -> None:
    assert [mode_of(pin) for pin in (None, 3, "noam", Range(1, 2))] == ["free", "value", "value", "range"]


@pytest.mark.parametrize(
    ("mode", "parameter", "reference", "text"),
    [
        ("free", LAYERS, 4, None),
        ("value", LAYERS, 4, "4"),
        ("value", LAYERS, 40, "7"),
        ("value", WORDS, "noam", "noam"),
        ("value", RATE, 5e-5, "5e-05"),
        ("range", LAYERS, 4, "1..12"),
        ("range", RATE, 1e-4, "1e-05..0.001"),
        ("range", WIDTH, 512, "256..768"),
    ],
)
def test_first_pins(mode: Mode, parameter: AnyParameter, reference: Value | None, text: str | None) -> None:
    assert first_pin(mode, parameter, reference) == text

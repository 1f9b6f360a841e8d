"""How a setting is held: free, to a value, or to a range, and what it is held to at first."""

from __future__ import annotations

from typing import Literal

from dashboard.whatif.address import pin_text
from dashboard.whatif.steps import value_steps
from engine.parameters import CategoricalParameter, Value
from engine.whatif.question import AnyParameter, Pin, Range

Mode = Literal["free", "value", "range"]


def modes_of(parameter: AnyParameter) -> tuple[Mode, ...]:
    """The ways a setting can be held; a range needs at least three numbers in their order."""
    if isinstance(parameter, CategoricalParameter):
        numbers = [value for value in parameter.values if not isinstance(value, str)]
        if len(numbers) < max(3, len(parameter.values)) or numbers != sorted(numbers):
            return ("free", "value")
    return ("free", "value", "range")


def mode_of(pin: Pin | None) -> Mode:
    """How a setting is held."""
    if pin is None:
        return "free"
    return "range" if isinstance(pin, Range) else "value"


def first_pin(mode: Mode, parameter: AnyParameter, reference: Value | None) -> str | None:
    """What a setting is held to when its mode is chosen, as the address has it; None when it is freed.

    Args:
        mode: the one chosen.
        parameter: the setting.
        reference: value it is held to where it is one of the parameter's; else the middle.
    """
    if mode == "free":
        return None
    if mode == "value":
        fits = reference is not None and parameter.contains(reference)
        return pin_text(reference if reference is not None and fits else parameter.from_unit(0.5))
    numbers = [float(value) for value in value_steps(parameter) if not isinstance(value, str)]
    return pin_text(Range(numbers[0], numbers[-1]))

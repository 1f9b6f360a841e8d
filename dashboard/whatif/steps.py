"""The values that sliders stop at: of parameters over what was searched, of budgets over what was measured."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable

from engine.parameters import FloatParameter, IntegerParameter, Value
from engine.whatif.question import AnyParameter

STEPS = 40
"""Steps from one end of a slider to the other, where values are not whole numbers or choices."""

DIGITS = 3
"""Significant digits of these steps."""

LOG_RATIO = 10.0
"""Budgets of metrics whose values differ by more than this have steps of equal ratios."""


def value_steps(parameter: AnyParameter, also: Iterable[Value] = ()) -> list[Value]:
    """Values of a parameter to choose from.

    Args:
        parameter: of the search space.
        also: values within its range that are to be among them.
    """
    match parameter:
        case IntegerParameter():
            if parameter.high - parameter.low <= 2 * STEPS:
                return list(range(parameter.low, parameter.high + 1))
            found = {round(value) for value in _spread(parameter.low, parameter.high, log=parameter.log)}
            return sorted({*found, *(int(value) for value in also if not isinstance(value, str))})
        case FloatParameter():
            values = _spread(parameter.low, parameter.high, log=parameter.log)
            return sorted({*values, *(float(value) for value in also if not isinstance(value, str))})
        case _:
            return list(parameter.values)


def budget_steps(values: Collection[float], also: Iterable[float] = ()) -> list[float]:
    """Limits of a budget to choose from, ascending; none where nothing was measured.

    Args:
        values: what was measured.
        also: limits that are to be among them.
    """
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return sorted(also)
    low, high = min(finite), max(finite)
    found = _spread(low, high, log=low > 0 and high > LOG_RATIO * low) if high > low else [low]
    return sorted({*found, *also})


def nearest(options: Collection[float], value: float) -> float:
    """The option next to a value."""
    return min(options, key=lambda option: abs(option - value))


def _spread(low: float, high: float, *, log: bool) -> list[float]:
    """Rounded steps from one end to the other, the ends rounded outwards no further than they are."""
    if log:
        ratio = math.log(high / low)
        inner = [low * math.exp(ratio * step / STEPS) for step in range(1, STEPS)]
    else:
        inner = [low + (high - low) * step / STEPS for step in range(1, STEPS)]
    rounded = {_rounded(value, high - low) for value in inner}
    return [float(low), *sorted(value for value in rounded if low < value < high), float(high)]


def _rounded(value: float, reach: float) -> float:
    """The value in as many digits as tell steps apart."""
    if value == 0:
        return 0.0
    # Steps of a narrow range about a large number need more digits than its size says.
    digits = max(DIGITS, DIGITS + math.floor(math.log10(abs(value))) - math.floor(math.log10(reach)))
    return float(f"{value:.{digits}g}")

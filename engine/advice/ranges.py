"""Advice on the search space: ranges that end where the frontier lies, and too many parameters for the trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.advice.interface import Advice
from engine.importance import TRIALS_EACH
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter, Value
from engine.space import SearchSpace

NEAR = 0.02
"""A number is at its bound within this share of the range (on its logarithmic scale, if it has one)."""
FEWEST = 3
"""Trials of the frontier that must lie at a bound."""
MOST = 0.5
"""Share of the frontier's trials that must lie there."""

FEWEST_EACH = 2
"""Trials for each parameter below which a search has hardly begun."""

Legal = Callable[[str, Value], bool]
Number = FloatParameter | IntegerParameter


def at_bounds(space: SearchSpace, frontier: Sequence[Mapping[str, Value]], legal: Legal) -> list[Advice]:
    """Bounds that several trials of the frontier lie at, and beyond which there are other values.

    Args:
        space: the parameters.
        frontier: configurations of the trials on the frontier.
        legal: whether a parameter may have a value at all, whatever its range.
    """
    found = []
    for name, parameter in space.parameters.items():
        if isinstance(parameter, CategoricalParameter) or parameter.low == parameter.high:
            continue
        places = [_place(parameter, configuration[name]) for configuration in frontier]
        for end, count, bound in (
            ("low", sum(place <= NEAR for place in places), parameter.low),
            ("high", sum(place >= 1 - NEAR for place in places), parameter.high),
        ):
            if count < FEWEST or count < _expected(parameter) * len(frontier):
                continue
            if not legal(name, _beyond(parameter, end)):
                continue
            word, setting = "lower" if end == "low" else "upper", f"parameters.{name}.{end}"
            verb = "Lower" if end == "low" else "Raise"
            found.append(
                Advice(
                    "warning",
                    f"{name} is at its {word} bound {bound:g} on {count} of {len(frontier)} trials of the frontier: "
                    f"better ones may lie beyond. {verb} {setting} if the teacher allows it.",
                    setting,
                )
            )
    return found


def too_few_trials(space: SearchSpace, budget: int) -> Advice | None:
    """Whether the budget is small for the number of parameters."""
    count = len(space.parameters)
    wanted = TRIALS_EACH * count
    if not count or budget >= wanted:
        return None
    return Advice(
        "warning" if budget < FEWEST_EACH * count else "note",
        f"{count} parameters want about {wanted} trials ({TRIALS_EACH} each), and the budget is {budget}: raise "
        "budget.trials, or fix parameters that matter little.",
        "budget.trials",
    )


def _place(parameter: Number, value: Value) -> float:
    """Place in the range, 0 at the lower and 1 at the upper bound."""
    if isinstance(parameter, IntegerParameter):
        return (float(value) - parameter.low) / (parameter.high - parameter.low)
    return parameter.to_unit(value)


def _expected(parameter: Number) -> float:
    """Share of the frontier that must lie at a bound: more where a whole number has few values to lie at."""
    if isinstance(parameter, FloatParameter):
        return MOST
    return max(MOST, min(1.0, 2 / (parameter.high - parameter.low + 1)))


def _beyond(parameter: Number, end: str) -> Value:
    """A value a little beyond a bound."""
    if isinstance(parameter, IntegerParameter):
        return parameter.low - 1 if end == "low" else parameter.high + 1
    if parameter.log:
        return parameter.low / 2 if end == "low" else parameter.high * 2
    step = NEAR * (parameter.high - parameter.low)
    return parameter.low - step if end == "low" else parameter.high + step

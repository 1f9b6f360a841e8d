"""How large a search space is, in words."""

from __future__ import annotations

from dashboard import formats
from engine.experiment import ExperimentSpec
from engine.parameters import FloatParameter
from engine.space import SearchSpace

DRAWS = 512
"""Configurations, evenly spread, by which the share that meets the rules is estimated."""


def space_size(spec: ExperimentSpec) -> str:
    """How many configurations there are: 6 parameters, 576 combinations of 3 of them, 3 continuous."""
    if not spec.parameters:
        return "Nothing is searched"
    space = spec.space()
    names = len(spec.parameters)
    told = f"{names} parameter{'s' if names > 1 else ''}"
    continuous = sum(isinstance(one, FloatParameter) for one in space.parameters.values())
    if not continuous:
        told += f", {_number(space.size())} configurations"
    elif continuous == names:
        told += ", all continuous"
    else:
        told += f": {continuous} continuous, {_number(_combinations(space))} combinations of the others"
    if space.rules:
        told += f", {_legal(space)}"
    return told


def _number(count: float) -> str:
    """A count as it is while it is small, else as 4.1e9."""
    if count < 1e6:
        return f"{count:,.0f}"
    digits, power = f"{count:.1e}".split("e")
    return f"{digits}e{int(power)}"


def _combinations(space: SearchSpace) -> float:
    discrete = {name: one for name, one in space.parameters.items() if not isinstance(one, FloatParameter)}
    return SearchSpace(discrete).size()


def _legal(space: SearchSpace) -> str:
    """What share of the space meets its rules, by a sample."""
    # Imported here: scipy takes a moment, and most spaces have no rules.
    from scipy.stats import qmc

    points = qmc.Sobol(len(space.parameters), scramble=True, rng=0).random(DRAWS)
    met = sum(space.meets_rules(space.from_unit(point.tolist())) for point in points)
    if not met:
        return f"of which none in {DRAWS} drawn meets the rules"
    rule = "rule" if len(space.rules) == 1 else "rules"
    return f"of which about {formats.share(met / len(points))} meet the {rule}"

"""Every combination of evenly spread values, the reference configuration first; each as often as asked."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from engine.parameters import (
    CategoricalParameter,
    Configuration,
    FloatParameter,
    IntegerParameter,
    Value,
    configuration_key,
)
from engine.space import SearchSpace
from engine.strategies.interface import Observation, SearchProblem, Suggestion


def grid_points(space: SearchSpace, levels: int, baseline: Configuration | None) -> Iterator[Configuration]:
    """Distinct legal configurations: the baseline, then the combinations, the last parameter changing fastest.

    Args:
        space: parameters and rules.
        levels: values of each numeric parameter, evenly spread over its range, in its logarithm where the range is
            logarithmic; whole numbers are rounded, so that short ranges give fewer.
        baseline: comes first, whether it is a point of the grid or not.
    """
    seen = set()
    if baseline is not None:
        seen.add(configuration_key(baseline))
        yield dict(baseline)
    choices = [_values(parameter, levels) for parameter in space.parameters.values()]
    for values in itertools.product(*choices):
        point = dict(zip(space.parameters, values, strict=True))
        key = configuration_key(point)
        if key not in seen and space.meets_rules(point):
            seen.add(key)
            yield point


def grid_size(space: SearchSpace, levels: int, baseline: Configuration | None, most: int) -> int:
    """How many points the grid has, counted up to ``most``."""
    return sum(1 for _ in islice(grid_points(space, levels, baseline), most))


def suggest(strategy: str, problem: SearchProblem, observations: Sequence[Observation]) -> Suggestion | None:
    """The next point that has not had all its trainings, or None; ``single`` has the baseline alone."""
    start = time.perf_counter()
    had = Counter(configuration_key(observation.parameters) for observation in observations)
    for times in range(problem.repeats):
        for point in _points(strategy, problem):
            if had[configuration_key(point)] <= times:
                return Suggestion(point, strategy, seconds=time.perf_counter() - start)
    return None


def _points(strategy: str, problem: SearchProblem) -> Iterator[Configuration]:
    if strategy == "single":
        return iter([dict(problem.baseline or {})])
    return grid_points(problem.space, problem.levels, problem.baseline)


def _values(
    parameter: FloatParameter | IntegerParameter | CategoricalParameter, levels: int
) -> Sequence[Value]:
    if isinstance(parameter, CategoricalParameter):
        return parameter.values
    places = [0.5] if levels == 1 else [level / (levels - 1) for level in range(levels)]
    return list(dict.fromkeys(_spread(parameter, place) for place in places))


def _spread(parameter: FloatParameter | IntegerParameter, place: float) -> Value:
    """The value at a place from 0 (low) to 1 (high)."""
    low, high = parameter.low, parameter.high
    value = low * (high / low) ** place if parameter.log else low + (high - low) * place
    return round(value) if isinstance(parameter, IntegerParameter) else min(max(float(value), low), high)

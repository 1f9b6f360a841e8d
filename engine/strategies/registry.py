"""Strategies by name: which suggestions to make next, the baseline first."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import SettingError
from engine.metrics import objectives
from engine.space import configuration_key
from engine.strategies import grid, sobol
from engine.strategies.interface import Observation, SearchProblem, Suggestion
from engine.strategies.trials import tried_keys, usable, with_pending

STRATEGIES = ("sobol", "nehvi", "grid", "single")

MIN_COMPLETED = 2
"""Completed trials a model needs before it is used."""


def suggest(
    strategy: str, problem: SearchProblem, observations: Sequence[Observation], count: int = 1
) -> list[Suggestion]:
    """The next configurations to try; each sees the earlier ones as pending.

    The baseline comes first when no trial has had it. ``nehvi`` starts with points of ``sobol`` until
    ``problem.initial_trials`` trials exist and ``MIN_COMPLETED`` of them have completed. ``grid`` and ``single`` come
    to an end: fewer suggestions than asked for, or none, are made then.

    Raises:
        SettingError: when the strategy is unknown, or no configuration meets the rules.
    """
    if strategy not in STRATEGIES:
        raise SettingError(f"strategy {strategy!r} is unknown; known are {', '.join(STRATEGIES)}")
    if strategy == "nehvi" and not objectives(problem.metrics):
        raise SettingError("strategy 'nehvi' needs at least one metric with role = 'optimize'")
    seen = list(observations)
    suggestions: list[Suggestion] = []
    while len(suggestions) < count:
        if _lacks_baseline(problem, seen):
            assert problem.baseline is not None
            made = [Suggestion(dict(problem.baseline), "baseline")]
        elif strategy in ("grid", "single"):
            point = grid.suggest(strategy, problem, seen)
            if point is None:
                break
            made = [point]
        elif strategy == "sobol" or _is_initial(problem, seen):
            made = [sobol.suggest(problem, seen)]
        else:
            # Imported late: torch takes seconds, and the first trials do without it.
            from engine.strategies import nehvi

            made = nehvi.suggest(problem, seen, count - len(suggestions))
        suggestions += made
        seen = with_pending(seen, made)
    return suggestions


def _lacks_baseline(problem: SearchProblem, observations: Sequence[Observation]) -> bool:
    return problem.baseline is not None and configuration_key(problem.baseline) not in tried_keys(
        observations
    )


def _is_initial(problem: SearchProblem, observations: Sequence[Observation]) -> bool:
    return len(observations) < problem.initial_trials or len(usable(problem, observations)) < MIN_COMPLETED

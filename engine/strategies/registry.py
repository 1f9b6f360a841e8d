"""Strategies by name: which suggestions to make next, the baseline first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.errors import SettingError
from engine.metrics import objectives
from engine.parameters import configuration_key
from engine.strategies import centre, extract, grid, sobol, transfer
from engine.strategies.interface import Observation, SearchProblem, Suggestion
from engine.strategies.trials import tried_keys, usable, with_pending

if TYPE_CHECKING:
    from engine.strategies.processes import Memory

STRATEGIES = ("sobol", "nehvi", "grid", "single", "extract")
LISTED = ("grid", "single", "extract")
"""Strategies that go through a list, and come to its end."""

MIN_COMPLETED = 4
"""Completed trials a model needs before it is used, or as many as there are initial trials, but two."""


def suggest(
    strategy: str,
    problem: SearchProblem,
    observations: Sequence[Observation],
    count: int = 1,
    memory: Memory | None = None,
) -> list[Suggestion]:
    """The next configurations to try; each sees the earlier ones as pending.

    The baseline comes first when no trial has had it. ``nehvi`` starts with the frontiers of earlier experiments, if
    there are any, or else with the middle of the space, and goes on with points of ``sobol`` until
    ``problem.initial_trials`` trials exist and ``MIN_COMPLETED`` of them have completed. ``grid``, ``single`` and
    ``extract`` come to an end: fewer suggestions than asked for, or none, are made then.

    Args:
        strategy: one of ``STRATEGIES``.
        problem: what is searched.
        observations: the trials so far.
        count: how many are wanted.
        memory: kept by the caller from one call to the next, it lets models start from the last fit.

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
        elif strategy in LISTED:
            point = (
                extract.suggest(problem, seen)
                if strategy == "extract"
                else grid.suggest(strategy, problem, seen)
            )
            if point is None:
                break
            made = [point]
        elif strategy == "sobol" or _is_initial(problem, seen):
            made = [(_first(problem, seen) if strategy == "nehvi" else None) or sobol.suggest(problem, seen)]
        else:
            # Imported late: torch takes seconds, and the first trials do without it.
            from engine.strategies import nehvi

            made = nehvi.suggest(problem, seen, count - len(suggestions), memory)
        suggestions += made
        seen = with_pending(seen, made)
    return suggestions


def _first(problem: SearchProblem, observations: Sequence[Observation]) -> Suggestion | None:
    """What is better to start with than a quasi-random point, if there is anything."""
    if found := transfer.suggest(problem, observations):
        return found
    return None if observations or problem.baseline else centre.suggest(problem)


def _lacks_baseline(problem: SearchProblem, observations: Sequence[Observation]) -> bool:
    return problem.baseline is not None and configuration_key(problem.baseline) not in tried_keys(
        observations
    )


def _is_initial(problem: SearchProblem, observations: Sequence[Observation]) -> bool:
    needed = max(2, min(MIN_COMPLETED, problem.initial_trials))
    return len(observations) < problem.initial_trials or len(usable(problem, observations)) < needed

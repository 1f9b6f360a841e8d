"""Starting from earlier experiments on the same space: their frontiers are tried first."""

from __future__ import annotations

from collections.abc import Sequence

from engine.frontier import frontier
from engine.metrics import objectives
from engine.parameters import configuration_key
from engine.strategies.interface import Observation, SearchProblem, Suggestion
from engine.strategies.trials import tried_keys, usable


def suggest(problem: SearchProblem, observations: Sequence[Observation]) -> Suggestion | None:
    """The next configuration of an earlier frontier that is legal here and not yet tried; None without one.

    Frontiers are gone through from the middle outwards by the first objective, and experiments in turns, for the
    ends of a frontier are the likeliest to be of no use: the smallest students and the largest.
    """
    tried = tried_keys(observations)
    for trial in _in_turns([_frontier(problem, source) for source in _sources(problem)]):
        parameters = problem.space.canonical(trial.parameters)
        if (
            configuration_key(parameters) not in tried
            and problem.space.allows(parameters)
            and problem.is_legal(parameters)
        ):
            note = f"on the frontier of an earlier experiment, trial {trial.number} there"
            return Suggestion(parameters, "transfer", note=note)
    return None


def _sources(problem: SearchProblem) -> list[int]:
    return sorted({trial.source for trial in problem.earlier})


def _frontier(problem: SearchProblem, source: int) -> list[Observation]:
    trials = {t.number: t for t in usable(problem, problem.earlier) if t.source == source}
    numbers = frontier(problem.metrics, {number: trial.metrics for number, trial in trials.items()})
    first = objectives(problem.metrics)[0].name
    ordered = sorted((trials[number] for number in numbers), key=lambda trial: trial.metrics[first])
    middle = (len(ordered) - 1) / 2
    return [trial for _, trial in sorted(enumerate(ordered), key=lambda pair: abs(pair[0] - middle))]


def _in_turns(frontiers: Sequence[Sequence[Observation]]) -> list[Observation]:
    longest = max((len(found) for found in frontiers), default=0)
    return [found[i] for i in range(longest) for found in frontiers if i < len(found)]

"""All advice on one experiment, the warnings first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from engine.advice.interface import Advice
from engine.advice.predictability import unpredictable
from engine.advice.ranges import at_bounds, too_few_trials
from engine.advice.stopping import stopping
from engine.advice.troubles import common_trouble
from engine.cost import Cost
from engine.distill.hyperparameters import hyperparameters
from engine.distill.students.sizes import SHAPE_PARAMETERS
from engine.lifecycle import TrialState
from engine.metric_words import duration
from engine.overview import Overview
from engine.parameters import Value
from storage.trials import TrialRow

SEARCHES = ("nehvi", "sobol")
"""Strategies whose budget and ranges a person may widen to find more."""


def advise(view: Overview, r_squared: Mapping[str, float] | None = None) -> list[Advice]:
    """Advice on an experiment as it is.

    Args:
        view: the experiment.
        r_squared: how well the search's model predicts each metric in trials left out; None when it was not asked.
    """
    found = [*_set_up(view), *_troubles(view), *unpredictable(r_squared or {})]
    if view.spec.strategy.name in SEARCHES:
        stop = stopping(view.outcomes.growth, len(view.outcomes.frame), len(view.spec.parameters))
        found += [stop] if stop else []
    found += [_cost(view.cost)] if view.cost.each is not None else []
    return sorted(found, key=lambda advice: advice.severity != "warning")


def _set_up(view: Overview) -> list[Advice]:
    if view.spec.strategy.name not in SEARCHES:
        return []
    space = view.spec.space()
    few = too_few_trials(space, view.budget)
    bounds = at_bounds(space, [trial.parameters for trial in view.frontier], _is_legal)
    return [*([few] if few else []), *bounds]


def _troubles(view: Overview) -> list[Advice]:
    failed = [trial for trial in view.students if trial.state == TrialState.FAILED]
    collapsed: list[TrialRow] = []
    well: list[TrialRow] = []
    for trial in view.students:
        if trial.number in view.measured:
            (collapsed if view.measured[trial.number].collapsed else well).append(trial)
    found = []
    for kind, troubled, others in (("failed", failed, [*collapsed, *well]), ("collapsed", collapsed, well)):
        advice = common_trouble(kind, view.spec.space(), _settings(troubled), _settings(others))
        found += [advice] if advice else []
    return found


def _cost(spent: Cost) -> Advice:
    assert spent.each is not None
    text = f"Trials took {duration(spent.busy)} in all so far, {duration(spent.each)} each"
    if spent.left is not None and spent.trials_left:
        text += f"; {spent.trials_left} are to come, in about {duration(spent.left)} at the present pace"
    return Advice("note", f"{text}.", None)


def _is_legal(name: str, value: Value) -> bool:
    """Whether a training can be given the value, as more of the same: a size of 0 stands for the teacher's."""
    if name in SHAPE_PARAMETERS and value == 0:
        return False
    try:
        hyperparameters({}, {name: value})
    except ValidationError:
        return False
    return True


def _settings(trials: Sequence[TrialRow]) -> list[Mapping[str, Value]]:
    return [trial.parameters for trial in trials]

"""An experiment as plain JSON values: what the HTTP interface answers and the command line prints."""

from __future__ import annotations

from typing import Any

from engine.overview import Overview
from storage.trials import TrialRow

Summary = dict[str, Any]
"""Keys: name, state, reason, task, strategy, budget, done, counts, seconds_spent, seconds_left, claims,
metrics (those of the specification by name), objectives, frontier (trial numbers), teacher (a trial) and
trials (students, the baseline first)."""


def summary(view: Overview) -> Summary:
    """The overview as JSON values."""
    experiment = view.experiment
    return {
        "name": experiment.name,
        "state": experiment.state,
        "reason": experiment.reason,
        "task": experiment.task,
        "strategy": experiment.strategy,
        "budget": view.budget,
        "done": view.done,
        "counts": dict(view.counts),
        "seconds_spent": view.seconds_spent,
        "seconds_left": view.seconds_left,
        "claims": list(view.claims),
        "metrics": [metric.name for metric in view.spec.metrics],
        "objectives": [metric.name for metric in view.spec.metrics if metric.role == "optimize"],
        "frontier": [trial.number for trial in view.frontier],
        "teacher": _trial(view, view.teacher),
        "trials": [_trial(view, trial) for trial in view.students],
    }


def _trial(view: Overview, trial: TrialRow) -> dict[str, Any]:
    measured = view.measured.get(trial.number)
    return {
        "number": trial.number,
        "role": trial.role,
        "state": trial.state,
        "reason": trial.reason,
        "on_frontier": trial.on_frontier,
        "attempts": trial.attempts,
        "progress": trial.progress,
        "progress_message": trial.progress_message,
        "parameters": dict(trial.parameters),
        "metrics": dict(measured.metrics) if measured else {},
        "standard_errors": dict(measured.standard_errors) if measured else {},
    }

"""An experiment as plain JSON values: what the HTTP interface answers and the command line prints."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from engine.advice.advise import advise
from engine.early_stopping.savings import Savings
from engine.overview import Overview
from engine.what_matters import what_matters
from storage.trials import TrialRow

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Summary = dict[str, Any]
"""Keys: name, state, reason, task, strategy, budget, done, counts, seconds_spent, seconds_left, claims,
early_stopping (None when it ended no trial, else stopped, trials, share and seconds saved, and a sentence),
metrics (those of the specification by name), objectives, frontier (trial numbers), teacher (a trial) and
trials (students, the baseline first). In detail also: comparison, train_again (trial numbers), importance,
importance_needs (completed trials that are missing for it) and advice."""


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
        "claims": list(view.claims) + ([view.findings.share_claim] if view.findings.share_claim else []),
        "early_stopping": _savings(view.savings),
        "metrics": [metric.name for metric in view.spec.metrics],
        "objectives": [metric.name for metric in view.spec.metrics if metric.role == "optimize"],
        "frontier": [trial.number for trial in view.frontier],
        "teacher": _trial(view, view.teacher),
        "trials": [_trial(view, trial) for trial in view.students],
    }


def trial_summary(view: Overview, number: int) -> dict[str, Any]:
    """One trial of an overview as JSON values: as in the summary, with its seed, times and error."""
    trial = next(trial for trial in view.trials if trial.number == number)
    moments = {"created": trial.created_at, "started": trial.started_at, "finished": trial.finished_at}
    return _trial(view, trial) | {
        "experiment": view.experiment.name,
        "seed": trial.seed,
        "error": trial.error,
        **{f"{name}_at": None if at is None else at.isoformat() for name, at in moments.items()},
    }


def detailed_summary(view: Overview) -> Summary:
    """The summary with what takes longer to work out."""
    found = view.findings
    importances = what_matters(view)
    return summary(view) | {
        "comparison": {
            "smaller": _plain(found.smaller),
            "better": _plain(found.better),
            "share": _plain(found.share),
        },
        "train_again": list(found.again),
        "importance": {name: dict(shares) for name, shares in importances.by_metric.items()},
        "importance_needs": importances.missing,
        "advice": [_plain(advice) for advice in advise(view)],
    }


def _plain(item: DataclassInstance | None) -> Any:  # noqa: ANN401 - any JSON value
    """A dataclass as JSON values, tuples as lists."""
    return None if item is None else json.loads(json.dumps(asdict(item)))


def _savings(found: Savings | None) -> dict[str, Any] | None:
    return None if found is None else asdict(found) | {"sentence": found.sentence}


def _trial(view: Overview, trial: TrialRow) -> dict[str, Any]:
    measured = view.measured.get(trial.number)
    return {
        "number": trial.number,
        "role": trial.role,
        "state": trial.state,
        "reason": trial.reason,
        "on_frontier": trial.on_frontier,
        "frontier_probability": view.findings.membership.get(trial.number),
        "attempts": trial.attempts,
        "progress": trial.progress,
        "progress_message": trial.progress_message,
        "parameters": dict(trial.parameters),
        "metrics": dict(measured.metrics) if measured else {},
        "standard_errors": dict(measured.standard_errors) if measured else {},
    }

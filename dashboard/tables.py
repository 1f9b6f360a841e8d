"""An experiment's trials as data frames for charts and tables: one row a trial, one column a figure."""

from __future__ import annotations

from enum import StrEnum

import pandas as pd

from engine.lifecycle import TrialState
from engine.metric_catalogue import METRICS
from engine.metrics import meets_thresholds
from engine.overview import Overview
from storage.totals import ERROR_PREFIX
from storage.trials import TrialRow

__all__ = ["ERROR_PREFIX", "Status", "metric_names", "status", "trials_frame"]


class Status(StrEnum):
    """What a trial means to a reader; each has its colour and marker."""

    REFERENCE = "reference"
    BASELINE = "baseline"
    FRONTIER = "frontier"
    DOMINATED = "dominated"
    BELOW_THRESHOLD = "below threshold"
    FAILED = "failed"
    RUNNING = "running"
    STOPPED = "stopped"
    DATA = "makes data"


def status(view: Overview, trial: TrialRow) -> Status:
    """The meaning of a trial; the baseline stays the baseline wherever it lies."""
    if trial.role == "teacher":
        return Status.REFERENCE
    if not trial.is_student:
        return Status.DATA
    match trial.state:
        case TrialState.FAILED:
            return Status.FAILED
        case TrialState.STOPPED:
            return Status.STOPPED
        case TrialState.COMPLETED:
            if trial.role == "baseline":
                return Status.BASELINE
            if trial.on_frontier:
                return Status.FRONTIER
            measured = view.measured.get(trial.number)
            fits = measured is not None and meets_thresholds(view.spec.metrics, measured.metrics)
            return Status.DOMINATED if fits else Status.BELOW_THRESHOLD
    return Status.RUNNING


def trials_frame(view: Overview) -> pd.DataFrame:
    """Every trial, the teacher's first.

    Columns: trial, role, state, status, on_frontier, frontier_share (how often it would be, with other evaluation
    examples), progress, seconds, attempts, started and finished (UTC), reason, then one for each parameter of
    the space, one for each metric any trial reported, and ``se:NAME`` for each metric with standard errors.
    """
    rows = []
    for trial in view.trials:
        row: dict[str, object] = {
            "trial": trial.number,
            "role": trial.role,
            "state": trial.state,
            "status": str(status(view, trial)),
            "on_frontier": trial.on_frontier,
            "frontier_share": view.findings.membership.get(trial.number),
            "progress": trial.progress,
            "seconds": _seconds(trial),
            "attempts": trial.attempts,
            "started": trial.started_at,
            "finished": trial.finished_at,
            "reason": trial.reason,
        }
        row |= {name: trial.parameters.get(name) for name in view.spec.parameters}
        if found := view.measured.get(trial.number):
            row |= found.metrics
            row |= {ERROR_PREFIX + name: error for name, error in found.standard_errors.items()}
        rows.append(row)
    return pd.DataFrame(rows)


def metric_names(view: Overview) -> list[str]:
    """Metrics to show: those of the specification, then all others that trials reported, in the catalogue's order."""
    listed = [metric.name for metric in view.spec.metrics]
    others = {name for found in view.measured.values() for name in found.metrics} - set(listed)
    return [*listed, *(name for name in METRICS if name in others), *sorted(others - METRICS.keys())]


def _seconds(trial: TrialRow) -> float | None:
    if trial.started_at is None or trial.finished_at is None:
        return None
    return (trial.finished_at - trial.started_at).total_seconds()

"""What an experiment has cost so far, in time, and what is to come."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.lifecycle import FINAL_TRIAL_STATES, TrialState
from storage.trials import TrialRow


@dataclass(frozen=True, slots=True)
class Cost:
    """Time, in seconds.

    Attributes:
        spent: since the first trial started, or from there to the end.
        left: estimate of the time to go at the present pace; None while nothing is known, and after the end.
        busy: what all trials took together, one after the other.
        each: mean of a completed student; None before the first.
        trials_left: students that have not ended.
    """

    spent: float
    left: float | None
    busy: float
    each: float | None
    trials_left: int


def cost(trials: Sequence[TrialRow], budget: int, now: datetime, finished_at: datetime | None) -> Cost:
    """Cost of an experiment.

    Args:
        trials: all of its trials.
        budget: students to be trained in all.
        now: the present.
        finished_at: when it ended; None while it may go on.
    """
    until = finished_at or now
    students = [trial for trial in trials if trial.role != "teacher"]
    starts = [trial.started_at for trial in trials if trial.started_at is not None]
    ended = sum(trial.state in FINAL_TRIAL_STATES for trial in students)
    return Cost(
        spent=(until - min(starts)).total_seconds() if starts else 0.0,
        left=None if finished_at is not None else seconds_left(students, budget),
        busy=sum(_taken(trial, now) for trial in trials),
        each=_mean_duration(students),
        trials_left=max(0, budget - ended),
    )


def seconds_left(students: Sequence[TrialRow], budget: int) -> float | None:
    """Time to go at the pace so far: work left, in mean durations of a trial, shared by those that run at once."""
    mean = _mean_duration(students)
    if mean is None:
        return None
    running = [trial for trial in students if trial.state == TrialState.RUNNING]
    ended = sum(trial.state in FINAL_TRIAL_STATES for trial in students)
    work = (budget - ended - sum(trial.progress for trial in running)) * mean
    return max(0.0, work) / max(1, len(running)) if math.isfinite(work) else None


def _mean_duration(students: Sequence[TrialRow]) -> float | None:
    durations = [
        (trial.finished_at - trial.started_at).total_seconds()
        for trial in students
        if trial.state == TrialState.COMPLETED and trial.finished_at and trial.started_at
    ]
    return sum(durations) / len(durations) if durations else None


def _taken(trial: TrialRow, now: datetime) -> float:
    """From a trial's first start to its end; a trial that waits to go on counts up to now only while it runs."""
    if trial.started_at is None:
        return 0.0
    if trial.finished_at is not None:
        return (trial.finished_at - trial.started_at).total_seconds()
    return (now - trial.started_at).total_seconds() if trial.state == TrialState.RUNNING else 0.0

"""What an experiment has cost so far, in time, and what is to come."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from engine.lifecycle import FINAL_TRIAL_STATES, TrialState
from storage.totals import TrialTotals


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


def cost(totals: TrialTotals, budget: int, now: datetime, finished_at: datetime | None) -> Cost:
    """Cost of an experiment.

    Args:
        totals: sums over its trials.
        budget: students to be trained in all.
        now: the present.
        finished_at: when it ended; None while it may go on.
    """
    to_go = budget - sum(totals.counts.get(state, 0) for state in FINAL_TRIAL_STATES)
    spent = 0.0 if totals.first_start is None else ((finished_at or now) - totals.first_start).total_seconds()
    running, starts = totals.running_starts
    return Cost(
        spent=spent,
        left=None if finished_at is not None else seconds_left(totals, to_go),
        # A trial that waits to go on counts up to now only while it runs.
        busy=totals.ended_seconds + running * now.timestamp() - starts,
        each=totals.each,
        trials_left=max(0, to_go),
    )


def seconds_left(totals: TrialTotals, to_go: int) -> float | None:
    """Time to go at the pace so far: work left, in mean durations of a trial, shared by those that run at once.

    Args:
        totals: sums over the trials.
        to_go: students that have not ended.
    """
    if totals.each is None:
        return None
    work = (to_go - totals.running_progress) * totals.each
    running = totals.counts.get(TrialState.RUNNING, 0)
    return max(0.0, work) / max(1, running) if math.isfinite(work) else None

"""From rows to what early stopping works on: learning curves, and the work that was done and saved."""

from __future__ import annotations

from collections.abc import Sequence

from engine.early_stopping.curves import Curve, in_numbers
from engine.early_stopping.replay import Recording
from engine.early_stopping.savings import Savings, Work, savings
from engine.lifecycle import FINAL_TRIAL_STATES, TrialState
from engine.observations import measured_trials
from engine.strategies.interface import SearchProblem
from storage.curves import EvaluationRow, evaluations_of
from storage.early_stops import list_early_stops
from storage.store import Store
from storage.trials import TrialRow

COLLAPSED = "collapsed"
"""Metric that says that a student gives everything the same answer."""
OPERATIONS = "train_flops"
"""Metric that counts the operations of a training so far."""


def curves(
    store: Store, experiment_id: int, problem: SearchProblem, students: Sequence[TrialRow]
) -> dict[int, Curve]:
    """Learning curves of students by number, in the metrics that matter to the frontier."""
    names = [metric.name for metric in problem.metrics if metric.role != "store"]
    evaluations = evaluations_of(store, experiment_id, [*names, COLLAPSED])
    final = {item.number: item.metrics for item in measured_trials(store, experiment_id, students)}
    return {
        trial.number: Curve(
            trial.number,
            tuple(row.metrics for row in evaluations.get(trial.number, ())),
            in_numbers(problem.space, trial.parameters),
            problem.known_values(trial.parameters) or {},
            final.get(trial.number),
        )
        for trial in students
    }


def recordings(
    store: Store,
    experiment_id: int,
    problem: SearchProblem,
    students: Sequence[TrialRow],
    shares: Sequence[float],
) -> list[Recording]:
    """Completed students with all of their evaluations, for a replay.

    Args:
        store: the database.
        experiment_id: the experiment.
        problem: what it searches.
        students: its students.
        shares: shares of a training after which it is evaluated, the last one 1.
    """
    found = curves(store, experiment_id, problem, students)
    rows = evaluations_of(store, experiment_id, [OPERATIONS])
    return [
        Recording(
            found[trial.number],
            tuple(row.ts.timestamp() for row in rows[trial.number]),
            trial.finished_at.timestamp(),
            _whole(rows[trial.number], shares),
            trial.role == "baseline",
        )
        for trial in students
        if trial.state == TrialState.COMPLETED
        and trial.finished_at is not None
        and len(rows.get(trial.number, ())) == len(shares)
    ]


def saved(
    store: Store, experiment_id: int, students: Sequence[TrialRow], shares: Sequence[float]
) -> Savings | None:
    """What early stopping has saved of an experiment so far; None when it ended no trial.

    Args:
        store: the database.
        experiment_id: the experiment.
        students: its students.
        shares: shares of a training after which it is evaluated, the last one 1.
    """
    stops = {
        stop.trial_id: stop for stop in list_early_stops(store, experiment_id) if stop.resumed_at is None
    }
    ended = [trial for trial in students if trial.state in FINAL_TRIAL_STATES - {TrialState.FAILED}]
    if not any(trial.trial_id in stops for trial in ended):
        return None
    operations = evaluations_of(store, experiment_id, [OPERATIONS])
    works = []
    for trial in ended:
        whole = _whole(operations.get(trial.number, ()), shares)
        stopped = trial.trial_id in stops
        done = 1.0 if trial.state == TrialState.COMPLETED else trial.progress
        done = max(stops[trial.trial_id].share, done) if stopped else done
        works.append(Work(done, whole, _seconds(trial), stopped))
    return savings(works)


def _seconds(trial: TrialRow) -> float | None:
    """How long a trial took; None if it waited for another attempt, which tells nothing of its training."""
    if trial.attempts != 1 or trial.started_at is None or trial.finished_at is None:
        return None
    return (trial.finished_at - trial.started_at).total_seconds()


def _whole(points: Sequence[EvaluationRow], shares: Sequence[float]) -> float | None:
    """Operations of a whole training, from those up to its last evaluation."""
    if not points or not points[-1].metrics.get(OPERATIONS):
        return None
    return points[-1].metrics[OPERATIONS] / shares[min(len(points), len(shares)) - 1]

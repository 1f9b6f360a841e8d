"""What an experiment looks like at a glance: progress, time, claims in words, and its trials as one table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.claims import Measured, better_at_equal_cost, quality_and_cost, sentence, smaller_at_no_loss
from engine.experiment import ExperimentSpec
from engine.frontier import hypervolume_history
from engine.launch import stored_spec
from engine.lifecycle import FINAL_TRIAL_STATES, TrialState
from engine.observations import measured_trials
from storage.experiments import ExperimentRow
from storage.store import Store
from storage.trials import TrialRow, list_trials


@dataclass(frozen=True, slots=True)
class Overview:
    """An experiment with what follows from its trials.

    Attributes:
        experiment: its row.
        spec: its specification.
        trials: all of its trials, the teacher's first.
        measured: completed trials with metrics, by number.
        counts: number of students (the baseline included) in each state.
        budget: students to be trained in all.
        seconds_spent: time since the first trial started, or from there to the end.
        seconds_left: estimate of the time to go; None while nothing is known.
        claims: sentences against the baseline.
    """

    experiment: ExperimentRow
    spec: ExperimentSpec
    trials: Sequence[TrialRow]
    measured: Mapping[int, Measured]
    counts: Mapping[str, int]
    budget: int
    seconds_spent: float
    seconds_left: float | None
    claims: tuple[str, ...]

    @property
    def teacher(self) -> TrialRow:
        """The teacher's trial."""
        return self.trials[0]

    @property
    def students(self) -> Sequence[TrialRow]:
        """All trials but the teacher's."""
        return self.trials[1:]

    @property
    def frontier(self) -> list[TrialRow]:
        """Students on the frontier."""
        return [trial for trial in self.students if trial.on_frontier]

    @property
    def baseline(self) -> Measured | None:
        """The baseline's measurements, once there are any."""
        return _baseline(self.students, self.measured)

    @property
    def done(self) -> int:
        """Students that have ended."""
        return sum(self.counts.get(state, 0) for state in FINAL_TRIAL_STATES)


def overview(store: Store, experiment: ExperimentRow) -> Overview:
    """Look at an experiment as it is now."""
    spec = stored_spec(experiment)
    trials = list_trials(store, experiment.experiment_id)
    measured = {item.number: item for item in measured_trials(store, experiment.experiment_id, trials)}
    students = [trial for trial in trials if trial.role != "teacher"]
    counts: dict[str, int] = {}
    for trial in students:
        counts[trial.state] = counts.get(trial.state, 0) + 1
    now = datetime.now(UTC)
    return Overview(
        experiment=experiment,
        spec=spec,
        trials=trials,
        measured=measured,
        counts=counts,
        budget=experiment.budget_trials,
        seconds_spent=_spent(trials, experiment.finished_at or now),
        seconds_left=_left(students, experiment.budget_trials) if experiment.finished_at is None else None,
        claims=_claims(spec, students, measured),
    )


def hypervolumes(view: Overview) -> list[tuple[TrialRow, float]]:
    """Completed students in the order they ended, with the hypervolume reached by then."""
    ended = sorted(
        (trial for trial in view.students if trial.number in view.measured),
        key=lambda trial: (trial.finished_at or trial.created_at, trial.number),
    )
    history = hypervolume_history(view.spec.metrics, [view.measured[trial.number].metrics for trial in ended])
    return list(zip(ended, history, strict=True))


def _claims(
    spec: ExperimentSpec, students: Sequence[TrialRow], measured: Mapping[int, Measured]
) -> tuple[str, ...]:
    """Sentences about the frontier against the baseline; none before the baseline is measured."""
    names = quality_and_cost(spec.metrics)
    baseline = _baseline(students, measured)
    if names is None or baseline is None:
        return ()
    quality, cost = names[0].name, names[1].name
    candidates = [
        measured[trial.number] for trial in students if trial.on_frontier and trial.number in measured
    ]
    smaller = smaller_at_no_loss(quality, cost, baseline, candidates)
    better = better_at_equal_cost(quality, cost, baseline, candidates)
    return (sentence(smaller, "smaller"), *([sentence(better, "better")] if better else []))


def _baseline(students: Sequence[TrialRow], measured: Mapping[int, Measured]) -> Measured | None:
    numbers = [trial.number for trial in students if trial.role == "baseline" and trial.number in measured]
    return measured[numbers[0]] if numbers else None


def _spent(trials: Sequence[TrialRow], until: datetime) -> float:
    starts = [trial.started_at for trial in trials if trial.started_at is not None]
    return (until - min(starts)).total_seconds() if starts else 0.0


def _left(students: Sequence[TrialRow], budget: int) -> float | None:
    """Time to go at the pace so far: work left, in mean durations of a trial, shared by those that run at once."""
    durations = [
        (trial.finished_at - trial.started_at).total_seconds()
        for trial in students
        if trial.state == TrialState.COMPLETED and trial.finished_at and trial.started_at
    ]
    if not durations:
        return None
    running = [trial for trial in students if trial.state == TrialState.RUNNING]
    mean = sum(durations) / len(durations)
    ended = sum(trial.state in FINAL_TRIAL_STATES for trial in students)
    work = (budget - ended - sum(trial.progress for trial in running)) * mean
    return max(0.0, work) / max(1, len(running)) if math.isfinite(work) else None

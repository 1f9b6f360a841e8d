"""What an experiment looks like at a glance: progress, time, claims in words, and its trials as one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.cost import Cost, cost
from engine.early_stopping.rows import saved
from engine.early_stopping.savings import Savings
from engine.experiment import ExperimentSpec
from engine.findings import Findings, findings
from engine.frontier import hypervolume_history
from engine.launch import stored_spec
from engine.lifecycle import FINAL_TRIAL_STATES
from engine.measured import Measured
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
        cost: time spent, and to go.
        findings: claims against the baseline, and how sure the frontier is.
        savings: training that early stopping saved; None when it ended no trial.
    """

    experiment: ExperimentRow
    spec: ExperimentSpec
    trials: Sequence[TrialRow]
    measured: Mapping[int, Measured]
    counts: Mapping[str, int]
    budget: int
    cost: Cost
    findings: Findings
    savings: Savings | None

    @property
    def seconds_spent(self) -> float:
        """Time since the first trial started, or from there to the end."""
        return self.cost.spent

    @property
    def seconds_left(self) -> float | None:
        """Estimate of the time to go; None while nothing is known, or nothing is to come."""
        return self.cost.left

    @property
    def claims(self) -> tuple[str, ...]:
        """Sentences against the baseline; none before it is measured."""
        return self.findings.claims

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
    return Overview(
        experiment=experiment,
        spec=spec,
        trials=trials,
        measured=measured,
        counts=counts,
        budget=experiment.budget_trials,
        cost=cost(trials, experiment.budget_trials, datetime.now(UTC), experiment.finished_at),
        findings=findings(store, experiment.experiment_id, spec.metrics, students, measured),
        savings=saved(store, experiment.experiment_id, students, spec.training.shares()),
    )


def completed_in_order(view: Overview) -> list[TrialRow]:
    """Completed students in the order they ended."""
    return sorted(
        (trial for trial in view.students if trial.number in view.measured),
        key=lambda trial: (trial.finished_at or trial.created_at, trial.number),
    )


def hypervolumes(view: Overview) -> list[tuple[TrialRow, float]]:
    """Completed students in the order they ended, with the hypervolume reached by then."""
    ended = completed_in_order(view)
    history = hypervolume_history(view.spec.metrics, [view.measured[trial.number].metrics for trial in ended])
    return list(zip(ended, history, strict=True))


def _baseline(students: Sequence[TrialRow], measured: Mapping[int, Measured]) -> Measured | None:
    numbers = [trial.number for trial in students if trial.role == "baseline" and trial.number in measured]
    return measured[numbers[0]] if numbers else None

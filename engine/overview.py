"""What an experiment looks like at a glance: progress, time, claims in words, and its trials as one table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.cost import Cost, cost
from engine.early_stopping.rows import saved
from engine.early_stopping.savings import Savings
from engine.experiment import ExperimentSpec
from engine.findings import Findings, findings
from engine.launch import stored_spec
from engine.lifecycle import FINAL_TRIAL_STATES
from engine.measured import Measured
from engine.observations import measured_trials
from engine.outcomes import Outcomes, outcomes
from engine.selection import select
from storage.experiments import ExperimentRow
from storage.store import Store
from storage.totals import trial_totals
from storage.trials import AUGMENTATION, TrialRow, list_trials


@dataclass(frozen=True, slots=True)
class Overview:
    """An experiment with what follows from its trials.

    Attributes:
        experiment: its row.
        spec: its specification.
        trials: its trials, the teacher's first; of very large experiments those that matter and a sample.
        measured: the completed ones with metrics, by number; those that make data are not among them.
        counts: number of students (the baseline included) in each state.
        budget: students to be trained in all.
        cost: time spent, and to go.
        findings: claims against the baseline, and how sure the frontier is.
        savings: training that early stopping saved; None when it ended no trial, or not all trials are there.
        outcomes: all completed students, as columns.
        total: number of trials that there are, the teacher's included.
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
    outcomes: Outcomes
    total: int

    @property
    def is_whole(self) -> bool:
        """Whether every trial is there."""
        return len(self.trials) == self.total

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
        """The trials that are students, the baseline among them."""
        return [trial for trial in self.trials[1:] if trial.is_student]

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


def overview(
    store: Store, experiment: ExperimentRow, *, most: int | None = None, including: Collection[int] = ()
) -> Overview:
    """Look at an experiment as it is now.

    Args:
        store: the open database.
        experiment: its row.
        most: with more trials than this, only those that matter to the frontier and an even sample of the others are
            looked at one by one; claims and probabilities are then worked out from the trials nearest to the frontier.
        including: numbers of trials to look at whatever they are.
    """
    spec = stored_spec(experiment)
    totals = trial_totals(store, experiment.experiment_id)
    found = outcomes(store, experiment.experiment_id, spec.metrics)
    numbers = None
    if most is not None and totals.trials > most:
        numbers = select(store, experiment.experiment_id, found, including)
    trials = list_trials(store, experiment.experiment_id, numbers=numbers)
    compared = [trial for trial in trials if trial.role != AUGMENTATION]
    measured = {
        item.number: item
        for item in measured_trials(store, experiment.experiment_id, compared, numbers=numbers)
    }
    students = [trial for trial in trials if trial.is_student]
    shares = spec.training.shares()
    return Overview(
        experiment=experiment,
        spec=spec,
        trials=trials,
        measured=measured,
        counts=totals.counts,
        budget=experiment.budget_trials,
        cost=cost(totals, experiment.budget_trials, store.now(), experiment.finished_at),
        findings=findings(store, experiment.experiment_id, found, students, measured),
        savings=saved(store, experiment.experiment_id, students, shares) if numbers is None else None,
        outcomes=found,
        total=totals.trials,
    )


def _baseline(students: Sequence[TrialRow], measured: Mapping[int, Measured]) -> Measured | None:
    numbers = [trial.number for trial in students if trial.role == "baseline" and trial.number in measured]
    return measured[numbers[0]] if numbers else None

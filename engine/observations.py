"""From rows to what strategies, frontier and claims work on: problems, observations and values by trial."""

from __future__ import annotations

from collections.abc import Iterable

from engine.claims import Measured
from engine.experiment import ExperimentSpec
from engine.lifecycle import TrialState
from engine.strategies.interface import Observation, SearchProblem
from storage.store import Store
from storage.trials import TrialRow, list_trials, metrics_of

PENDING_STATES = {TrialState.QUEUED, TrialState.RUNNING, TrialState.PAUSED, TrialState.LOST}


def search_problem(spec: ExperimentSpec) -> SearchProblem:
    """What the experiment's strategy has to solve."""
    return SearchProblem(
        space=spec.space(),
        metrics=spec.metrics,
        seed=spec.seed,
        baseline=spec.baseline_configuration(),
        initial_trials=spec.strategy.initial_trials,
        levels=spec.strategy.levels,
        repeats=spec.strategy.repeats,
    )


def measured_trials(store: Store, experiment_id: int, trials: Iterable[TrialRow]) -> list[Measured]:
    """Completed trials among those given, the teacher's included, with their metrics."""
    metrics = metrics_of(store, experiment_id)
    return [
        Measured(
            trial.number,
            {name: value for name, (value, _) in metrics.get(trial.number, {}).items()},
            {name: error for name, (_, error) in metrics.get(trial.number, {}).items() if error is not None},
        )
        for trial in trials
        if trial.state == TrialState.COMPLETED
    ]


def observations(store: Store, experiment_id: int) -> list[Observation]:
    """Trials as a strategy may see them: completed, failed and pending ones, never stopped ones or the teacher."""
    trials = [trial for trial in list_trials(store, experiment_id) if trial.role != "teacher"]
    measured = {item.number: item for item in measured_trials(store, experiment_id, trials)}
    seen: list[Observation] = []
    for trial in trials:
        if trial.number in measured:
            found = measured[trial.number]
            seen.append(
                Observation(trial.number, trial.parameters, "completed", found.metrics, found.standard_errors)
            )
        elif trial.state == TrialState.FAILED:
            seen.append(Observation(trial.number, trial.parameters, "failed"))
        elif trial.state in PENDING_STATES:
            seen.append(Observation(trial.number, trial.parameters, "pending"))
    return seen

"""From rows to what strategies, frontier and claims work on: observations and values by trial."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from engine.lifecycle import TrialState
from engine.measured import Measured
from engine.strategies.interface import Observation
from storage.early_stops import list_early_stops
from storage.store import Store
from storage.trials import TrialRow, list_trials, metrics_of

PENDING_STATES = {TrialState.QUEUED, TrialState.RUNNING, TrialState.PAUSED, TrialState.LOST}


def measured_trials(
    store: Store, experiment_id: int, trials: Iterable[TrialRow], *, numbers: Collection[int] | None = None
) -> list[Measured]:
    """Completed trials among those given, the teacher's included, with their metrics.

    Args:
        store: the open database.
        experiment_id: the experiment.
        trials: some of its trials.
        numbers: their numbers, where they are few of many; None reads the metrics of all trials.
    """
    metrics = metrics_of(store, experiment_id, numbers)
    return [
        Measured(
            trial.number,
            {name: value for name, (value, _) in metrics.get(trial.number, {}).items()},
            {name: error for name, (_, error) in metrics.get(trial.number, {}).items() if error is not None},
        )
        for trial in trials
        if trial.state == TrialState.COMPLETED
    ]


def observations(
    store: Store, experiment_id: int, *, numbers: Collection[int] | None = None
) -> list[Observation]:
    """Trials as a strategy may see them, the teacher's left out: all of them, or those with some numbers.

    Those that early stopping ended come with what they are expected to have ended with, and its standard deviation as
    their standard error; other stopped ones with nothing.
    """
    listed = list_trials(store, experiment_id, numbers=numbers)
    trials = [trial for trial in listed if trial.is_student]
    measured = {item.number: item for item in measured_trials(store, experiment_id, trials, numbers=numbers)}
    forecasts = {
        stop.trial_id: stop.forecast
        for stop in list_early_stops(store, experiment_id)
        if stop.resumed_at is None
    }
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
        else:
            expected = forecasts.get(trial.trial_id, {})
            means = {name: mean for name, (mean, _) in expected.items()}
            errors = {name: deviation for name, (_, deviation) in expected.items() if deviation}
            seen.append(Observation(trial.number, trial.parameters, "stopped", means, errors))
    return seen

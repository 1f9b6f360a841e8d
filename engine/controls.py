"""What a person may ask of experiments and trials: pause, resume, stop. The runner carries it out."""

from __future__ import annotations

from engine.errors import StateError
from engine.lifecycle import (
    EXPERIMENT_STOPPED,
    FINAL_TRIAL_STATES,
    REQUESTS,
    STOP_EARLY,
    ExperimentState,
    TrialState,
    check_experiment_move,
    check_trial_move,
    experiment_sources,
    trial_sources,
)
from storage.agora import is_of_past_round
from storage.early_stops import note_resumed
from storage.experiments import ExperimentRow, get_experiment, move_experiment
from storage.store import Store
from storage.trials import TrialRow, get_trial, list_trials, move_trial, request_trial

ASKED = "asked by a person"
IMPORTED = "imported"
"""Stands in the place of the strategy where trials were run with another tool."""


def pause_experiment(store: Store, name: str) -> None:
    """Start no more trials; running ones write a checkpoint and wait.

    Raises:
        StateError: when the experiment is not active.
    """
    with store.write():
        _move(store, name, ExperimentState.PAUSED, ASKED)
        _request_running(store, name, "pause")


def stop_experiment(store: Store, name: str) -> None:
    """Start no more trials; running ones write a checkpoint and end, waiting ones are dropped.

    Raises:
        StateError: when the experiment has ended.
    """
    with store.write():
        _move(store, name, ExperimentState.STOPPED, ASKED)
        _request_running(store, name, "stop with experiment")
        for trial in _trials(store, name, TrialState.QUEUED, TrialState.PAUSED, TrialState.LOST):
            _move_waiting(store, trial, TrialState.STOPPED, EXPERIMENT_STOPPED)


def resume_experiment(store: Store, name: str) -> None:
    """Go on: paused trials, and those stopped with the experiment, continue from their checkpoints.

    A teacher, or a trial that makes data, that failed or was stopped is tried again. Trials that are still to pause or
    stop with the experiment need not any more; one that is already writing its checkpoint is queued again when it has
    ended.

    Raises:
        StateError: when the experiment is pending, running or complete.
    """
    with store.write():
        state = get_experiment(store, name).state
        if state == ExperimentState.COMPLETED:
            raise StateError(f"experiment {name} is complete; launch another one to go on searching")
        if state == ExperimentState.PENDING:
            raise StateError(f"experiment {name} is pending: it starts by itself")
        _move(store, name, ExperimentState.RUNNING, None)
        for trial in _trials(store, name, TrialState.PAUSED, TrialState.STOPPED, TrialState.FAILED):
            # Without its teacher or the data of a round an experiment cannot go on.
            needed = not trial.is_student and trial.state != TrialState.PAUSED
            if trial.state == TrialState.PAUSED or trial.reason == EXPERIMENT_STOPPED or needed:
                _queue(store, trial)
        _request_running(store, name, None)


def pause_trial(store: Store, name: str, number: int) -> None:
    """Ask a running trial to write a checkpoint and wait; a queued one waits at once.

    Raises:
        StateError: when the trial has ended or is paused.
    """
    _ask(store, name, number, "pause")


def stop_trial(store: Store, name: str, number: int) -> None:
    """Ask a running trial to write a checkpoint and end; a waiting one ends at once.

    Raises:
        StateError: when the trial has ended.
    """
    _ask(store, name, number, "stop")


def resume_trial(store: Store, name: str, number: int) -> None:
    """Queue a paused, stopped or failed trial again; it goes on from its checkpoint if it has one.

    One that was stopped early is not stopped early again.

    Raises:
        StateError: when the trial is not one of these, its experiment is stopped, or its round of Agora is over.
    """
    with store.write():
        trial = get_trial(store, name, number)
        experiment = get_experiment(store, name)
        check_not_imported(experiment)
        check_trial_move(f"{name}/{number}", trial.state, TrialState.QUEUED)
        if is_of_past_round(store, trial.trial_id):
            raise StateError(
                f"trial {name}/{number} is of a round that others were built on; what it came to cannot change any more"
            )
        state = experiment.state
        if state in (ExperimentState.STOPPED, ExperimentState.FAILED):
            raise StateError(f"experiment {name} is {state}; resume the experiment first")
        _queue(store, trial)
        note_resumed(store, trial.trial_id, "person")
        if state == ExperimentState.COMPLETED:
            _move(store, name, ExperimentState.RUNNING, None)


def check_not_imported(experiment: ExperimentRow) -> None:
    """See that an experiment's trials run here.

    Raises:
        StateError: when they were run with another tool.
    """
    if experiment.strategy == IMPORTED:
        raise StateError(
            f"experiment {experiment.name} was imported: its trials were run elsewhere, none can run here"
        )


def _ask(store: Store, name: str, number: int, request: str) -> None:
    """Ask a running trial to end in the state the request means; a waiting one goes there at once."""
    to, _ = REQUESTS[request]
    with store.write():
        trial = get_trial(store, name, number)
        check_trial_move(f"{name}/{number}", trial.state, to)
        if trial.state == TrialState.RUNNING:
            request_trial(store, trial.trial_id, request)
        else:
            _move_waiting(store, trial, to, ASKED)


def _move(store: Store, name: str, to: ExperimentState, reason: str | None) -> None:
    experiment = get_experiment(store, name)
    check_experiment_move(name, experiment.state, to)
    move_experiment(
        store,
        experiment.experiment_id,
        to,
        allowed_from=experiment_sources(to),
        reason=reason,
        finished=to == ExperimentState.STOPPED,
    )


def _trials(store: Store, name: str, *states: TrialState) -> list[TrialRow]:
    return list_trials(store, get_experiment(store, name).experiment_id, states)


def _request_running(store: Store, name: str, requested: str | None) -> None:
    """Ask the same of every running trial, but for those that are to stop by themselves anyway."""
    for trial in _trials(store, name, TrialState.RUNNING):
        if trial.requested not in ("stop", STOP_EARLY):
            request_trial(store, trial.trial_id, requested)


def _queue(store: Store, trial: TrialRow) -> None:
    request_trial(store, trial.trial_id, None)
    move_trial(store, trial.trial_id, TrialState.QUEUED, allowed_from=trial_sources(TrialState.QUEUED))


def _move_waiting(store: Store, trial: TrialRow, to: TrialState, reason: str) -> None:
    move_trial(
        store,
        trial.trial_id,
        to,
        allowed_from=trial_sources(to) - {TrialState.RUNNING},
        reason=reason,
        finished=to in FINAL_TRIAL_STATES,
    )

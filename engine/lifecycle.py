"""The life cycle of experiments and trials: every state, and every move between states that may happen."""

from __future__ import annotations

from enum import StrEnum

from engine.errors import StateError


class TrialState(StrEnum):
    """Where a trial is in its life."""

    QUEUED = "queued"
    """Waits for a slot; may have a checkpoint from an earlier attempt."""
    RUNNING = "running"
    """Its process holds the lock of the trial's folder."""
    PAUSED = "paused"
    """Halted by a person with a checkpoint; goes on from there when resumed."""
    COMPLETED = "completed"
    """Trained to the end; its metrics are final."""
    FAILED = "failed"
    """Its settings are at fault (out of memory, divergence); teaches the model where not to go."""
    LOST = "lost"
    """The machine is at fault (process vanished); queued again, teaches nothing."""
    STOPPED = "stopped"
    """Ended early by a person or by early stopping, with the reason."""


class ExperimentState(StrEnum):
    """Where an experiment is in its life."""

    PENDING = "pending"
    """Accepted; its teacher is not prepared yet."""
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"
    """Cannot go on: its teacher or data could not be prepared."""


TRIAL_MOVES: dict[TrialState, frozenset[TrialState]] = {
    TrialState.QUEUED: frozenset({TrialState.RUNNING, TrialState.PAUSED, TrialState.STOPPED}),
    TrialState.RUNNING: frozenset(
        {TrialState.COMPLETED, TrialState.FAILED, TrialState.LOST, TrialState.STOPPED, TrialState.PAUSED}
    ),
    TrialState.PAUSED: frozenset({TrialState.QUEUED, TrialState.STOPPED}),
    TrialState.LOST: frozenset({TrialState.QUEUED, TrialState.FAILED, TrialState.STOPPED}),
    TrialState.STOPPED: frozenset({TrialState.QUEUED}),
    TrialState.COMPLETED: frozenset(),
    TrialState.FAILED: frozenset({TrialState.QUEUED}),
}
"""Trial state to the states it may move to; a person may resume a stopped trial and retry a failed one, and
early stopping may resume what it stopped."""

EXPERIMENT_MOVES: dict[ExperimentState, frozenset[ExperimentState]] = {
    ExperimentState.PENDING: frozenset(
        {ExperimentState.RUNNING, ExperimentState.PAUSED, ExperimentState.STOPPED, ExperimentState.FAILED}
    ),
    ExperimentState.RUNNING: frozenset(
        {
            ExperimentState.PAUSED,
            ExperimentState.STOPPED,
            ExperimentState.COMPLETED,
            ExperimentState.FAILED,
        }
    ),
    ExperimentState.PAUSED: frozenset({ExperimentState.RUNNING, ExperimentState.STOPPED}),
    ExperimentState.STOPPED: frozenset({ExperimentState.RUNNING}),
    ExperimentState.COMPLETED: frozenset({ExperimentState.RUNNING}),
    ExperimentState.FAILED: frozenset({ExperimentState.RUNNING}),
}
"""Experiment state to the states it may move to; a person may resume an ended one."""

EXPERIMENT_STOPPED = "the experiment was stopped"
"""Reason of trials that ended with their experiment, and go on when it is resumed."""

STOP_EARLY = "stop early"
"""Asked of a trial that will not reach the frontier; its early stop, which is stored beside, has the full reason."""

REQUESTS: dict[str, tuple[TrialState, str]] = {
    "pause": (TrialState.PAUSED, "paused by a person"),
    "stop": (TrialState.STOPPED, "stopped by a person"),
    "stop with experiment": (TrialState.STOPPED, EXPERIMENT_STOPPED),
    STOP_EARLY: (TrialState.STOPPED, "will not reach the frontier"),
}
"""What may be asked of a running trial: the state it ends in, and the reason it gets."""

ACTIVE_EXPERIMENT_STATES = frozenset({ExperimentState.PENDING, ExperimentState.RUNNING})
"""States in which the runner lets an experiment go on."""

FINAL_TRIAL_STATES = frozenset({TrialState.COMPLETED, TrialState.FAILED, TrialState.STOPPED})
"""States that end a trial; only early stopping may queue one again by itself, if it was what had stopped it."""


def trial_sources(to: TrialState) -> frozenset[TrialState]:
    """States from which a trial may move to ``to``."""
    return frozenset(state for state, targets in TRIAL_MOVES.items() if to in targets)


def experiment_sources(to: ExperimentState) -> frozenset[ExperimentState]:
    """States from which an experiment may move to ``to``."""
    return frozenset(state for state, targets in EXPERIMENT_MOVES.items() if to in targets)


def check_trial_move(name: str, present: str, to: TrialState) -> None:
    """Raise a StateError naming the trial when the table does not allow the move."""
    if TrialState(present) not in trial_sources(to):
        raise StateError(f"trial {name} is {present} and cannot become {to}")


def check_experiment_move(name: str, present: str, to: ExperimentState) -> None:
    """Raise a StateError naming the experiment when the table does not allow the move."""
    if ExperimentState(present) not in experiment_sources(to):
        raise StateError(f"experiment {name} is {present} and cannot become {to}")

"""Measures a completed trial's model on all evaluation examples, where its trial looked at a sample."""

from __future__ import annotations

import os
from collections.abc import Callable

from engine.errors import SettingError, StateError
from engine.events import Confirmed
from engine.exporting import trial_folder
from engine.metric_catalogue import FULL
from engine.settings import Home
from engine.trial_folder import event_writer, take_lock


def confirm_trial(
    home: Home, name: str, number: int, report: Callable[[float], None] | None = None
) -> Confirmed:
    """Evaluate the model on the whole evaluation part and add the scores to the trial's events as ``full_...``.

    Raises:
        UnknownNameError: when there is no such trial.
        ModelError: when the trial has no model.
        SettingError: when the trial saw all evaluation examples already.
        StateError: when the trial's process is running.
    """
    # Imported here: the command line starts without torch.
    from engine.distill.measuring.remeasurement import measure_again

    folder = trial_folder(home, name, number)
    spec = folder.read_spec()
    experiment = spec.experiment
    if not experiment.task.eval_samples:
        raise SettingError(
            f"{name}/{number} was measured on all evaluation examples already (task.eval_samples is 0)"
        )
    lock = take_lock(folder)
    if lock is None:
        raise StateError(f"{name}/{number} is running; confirm it when it has completed")
    try:
        whole = experiment.changed(task=experiment.task.model_dump() | {"eval_samples": 0})
        scores = measure_again(folder.model, whole, spec.parameters, spec.cache, report).scores
        event = Confirmed(
            {f"{FULL}{key}": value for key, value in scores.metrics.items()},
            {f"{FULL}{key}": value for key, value in scores.standard_errors.items()},
        )
        with event_writer(folder.events, attempt=0) as writer:
            writer.write(event)
    finally:
        os.close(lock)
    return event

"""The experiments that can be asked what would be."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import SettingError
from engine.extraction.requirements import EXTRACT
from engine.launch import stored_spec
from storage.experiments import list_experiments
from storage.store import Store
from storage.totals import completed_students


@dataclass(frozen=True, slots=True)
class Choice:
    """An experiment that searches something.

    Attributes:
        name: its name.
        task: its task.
        state: its state.
        completed: students that have completed.
    """

    name: str
    task: str
    state: str
    completed: int


def choices(store: Store) -> list[Choice]:
    """Experiments that search the settings of trained students, the latest first."""
    counts = completed_students(store)
    found = []
    for row in list_experiments(store)[::-1]:
        if row.strategy == EXTRACT:
            continue
        try:
            searched = bool(stored_spec(row).parameters)
        except SettingError:
            continue
        if searched:
            found.append(Choice(row.name, row.task, row.state, counts.get(row.experiment_id, 0)))
    return found

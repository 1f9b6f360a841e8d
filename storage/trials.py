"""Rows of trials: add, find, list and move them, and the suggestion each came from."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import duckdb

from storage.clock import utc_now, with_zone
from storage.errors import StateError, UnknownNameError
from storage.experiments import get_experiment
from storage.store import Store
from storage.suggestions import SuggestionRow, insert_suggestion

STUDENT_ROLES = frozenset({"baseline", "student"})
"""Roles of the trials that count as students; in SQL ``role IN ('baseline', 'student')``."""
AUGMENTATION = "augmentation"
"""Role of the trials that make the training data of a round of Agora."""


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial as stored; the fields are the columns of the table, times carry UTC."""

    trial_id: int
    experiment_id: int
    number: int
    role: str
    state: str
    reason: str | None
    error: str | None
    requested: str | None
    parameters: dict[str, Any]
    seed: int
    attempts: int
    on_frontier: bool
    progress: float
    progress_message: str | None
    folder: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_student(self) -> bool:
        """Whether it is a student, the baseline included, and neither prepares the teacher nor makes data."""
        return self.role in STUDENT_ROLES


@dataclass(frozen=True, slots=True)
class NewTrial:
    """A trial to be added: its role (teacher, baseline, student or augmentation), configuration and random seed."""

    role: str
    parameters: Mapping[str, Any]
    seed: int
    suggestion: SuggestionRow | None = None


_COLUMNS = ", ".join(column.name for column in fields(TrialRow))


def add_trials(
    store: Store, experiment_id: int, new: Sequence[NewTrial], *, state: str = "pending"
) -> list[TrialRow]:
    """Add trials in the given order.

    The teacher's trial gets number 0, all others count up from 1.

    Raises:
        UnknownNameError: There is no such experiment.
        StateError: It has its teacher's trial already.
    """
    if not new:
        return []
    with store.write() as connection:
        found = connection.execute(
            """
            SELECT name, (SELECT coalesce(max(trial_id), 0) FROM trials),
                (SELECT coalesce(max(number), 0) FROM trials WHERE experiment_id = $id),
                EXISTS (SELECT 1 FROM trials WHERE experiment_id = $id AND number = 0)
            FROM experiments WHERE experiment_id = $id
            """,
            {"id": experiment_id},
        ).fetchone()
        if found is None:
            raise UnknownNameError(f"no experiment has the id {experiment_id}")
        name, trial_id, number, has_teacher = found
        ids = []
        for trial in new:
            trial_id += 1
            if trial.role == "teacher":
                if has_teacher:
                    raise StateError(f"experiment {name} has its teacher's trial already")
                has_teacher = True
                _insert(connection, trial, (trial_id, experiment_id, 0), state, name)
            else:
                number += 1
                _insert(connection, trial, (trial_id, experiment_id, number), state, name)
            ids.append(trial_id)
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM trials WHERE list_contains(?, trial_id) ORDER BY trial_id",  # noqa: S608
            [ids],
        ).fetchall()
    return [_row(row) for row in rows]


def get_trial(store: Store, experiment_name: str, number: int) -> TrialRow:
    """The trial ``number`` of an experiment.

    Raises:
        UnknownNameError: There is no such experiment or trial.
    """
    experiment = get_experiment(store, experiment_name)
    with store.read() as connection:
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM trials WHERE experiment_id = ? AND number = ?",  # noqa: S608
            [experiment.experiment_id, number],
        ).fetchone()
        if row is None:
            last = connection.execute(
                "SELECT max(number) FROM trials WHERE experiment_id = ?", [experiment.experiment_id]
            ).fetchone()
            known = "it has no trials yet" if last is None or last[0] is None else f"its last is {last[0]}"
            raise UnknownNameError(f"experiment {experiment_name} has no trial {number}; {known}")
    return _row(row)


def list_trials(
    store: Store,
    experiment_id: int,
    states: Collection[str] | None = None,
    *,
    numbers: Collection[int] | None = None,
) -> list[TrialRow]:
    """Trials of an experiment in order of their number: all, or those in one of ``states``, or with these numbers."""
    with store.read() as connection:
        rows = connection.execute(
            f"""
            SELECT {_COLUMNS} FROM trials
            WHERE experiment_id = $id AND ($states::VARCHAR[] IS NULL OR list_contains($states::VARCHAR[], state))
                AND ($numbers::INTEGER[] IS NULL OR number IN (SELECT unnest($numbers::INTEGER[])))
            ORDER BY number
            """,  # noqa: S608
            {
                "id": experiment_id,
                "states": None if states is None else list(states),
                "numbers": None if numbers is None else list(numbers),
            },
        ).fetchall()
    return [_row(row) for row in rows]


def trials_in(store: Store, states: Collection[str]) -> list[TrialRow]:
    """Trials of all experiments that are in one of ``states``, in the order they were added."""
    with store.read() as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM trials WHERE list_contains(?, state) ORDER BY trial_id",  # noqa: S608
            [list(states)],
        ).fetchall()
    return [_row(row) for row in rows]


def reload_trial(store: Store, trial: TrialRow) -> TrialRow:
    """The trial as it is stored now."""
    with store.read() as connection:
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM trials WHERE trial_id = ?",  # noqa: S608
            [trial.trial_id],
        ).fetchone()
    assert row is not None, "trials are never deleted"
    return _row(row)


def move_trial(
    store: Store,
    trial_id: int,
    to: str,
    *,
    allowed_from: Collection[str],
    reason: str | None = None,
    error: str | None = None,
    started: bool = False,
    finished: bool = False,
    new_attempt: bool = False,
) -> bool:
    """Move a trial to the state ``to`` if it is in one of ``allowed_from``.

    Reason and error replace the former ones. ``started`` sets ``started_at`` if it is not set yet;
    ``finished`` sets ``finished_at``, else it is cleared; ``new_attempt`` counts one attempt more.

    Returns:
        Whether the row moved.
    """
    with store.write() as connection:
        moved = connection.execute(
            """
            UPDATE trials SET state = $to, reason = $reason, error = $error,
                started_at = CASE WHEN $started THEN coalesce(started_at, $now) ELSE started_at END,
                finished_at = CASE WHEN $finished THEN $now::TIMESTAMP END,
                attempts = attempts + $new_attempt::INTEGER
            WHERE trial_id = $id AND list_contains($allowed::VARCHAR[], state)
            RETURNING trial_id
            """,
            {
                "to": to,
                "reason": reason,
                "error": error,
                "now": utc_now(),
                "started": started,
                "finished": finished,
                "new_attempt": new_attempt,
                "id": trial_id,
                "allowed": list(allowed_from),
            },
        ).fetchall()
    return bool(moved)


def request_trial(store: Store, trial_id: int, requested: str | None) -> None:
    """Note what is asked of a running trial (``stop``, ``pause``, ``stop early``), or None once it is done."""
    with store.write() as connection:
        connection.execute("UPDATE trials SET requested = ? WHERE trial_id = ?", [requested, trial_id])


def set_frontier(store: Store, experiment_id: int, numbers: Iterable[int]) -> None:
    """Flag exactly the trials with these numbers as the frontier; writes only where a flag changes."""
    wanted = list(numbers)
    differs = "experiment_id = ? AND on_frontier != list_contains(?::INTEGER[], number)"
    query = f"SELECT 1 FROM trials WHERE {differs}"  # noqa: S608
    with store.read() as connection:
        if not connection.execute(query, [experiment_id, wanted]).fetchone():
            return
    with store.write() as connection:
        connection.execute(
            f"UPDATE trials SET on_frontier = NOT on_frontier WHERE {differs}",  # noqa: S608
            [experiment_id, wanted],
        )


def metrics_of(
    store: Store, experiment_id: int, numbers: Collection[int] | None = None
) -> dict[int, dict[str, tuple[float, float | None]]]:
    """Final metrics of an experiment, or of some of its trials: number, name of the metric, (value, standard error)."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT number, name, value, standard_error FROM trial_metrics JOIN trials USING (trial_id)
            WHERE experiment_id = $id
                AND ($numbers::INTEGER[] IS NULL OR number IN (SELECT unnest($numbers::INTEGER[])))
            ORDER BY number, name
            """,
            {"id": experiment_id, "numbers": None if numbers is None else list(numbers)},
        ).fetchall()
    metrics: dict[int, dict[str, tuple[float, float | None]]] = {}
    for number, name, value, standard_error in rows:
        metrics.setdefault(number, {})[name] = (value, standard_error)
    return metrics


def _insert(
    connection: duckdb.DuckDBPyConnection,
    trial: NewTrial,
    ids: tuple[int, int, int],
    state: str,
    experiment_name: str,
) -> None:
    trial_id, experiment_id, number = ids
    now = utc_now()
    connection.execute(
        """
        INSERT INTO trials (trial_id, experiment_id, number, role, state, parameters, seed, attempts, on_frontier,
            progress, folder, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, false, 0, ?, ?)
        """,
        [
            *(trial_id, experiment_id, number, trial.role, state),
            json.dumps(dict(trial.parameters), allow_nan=False),
            *(trial.seed, f"experiments/{experiment_name}/{number:04d}", now),
        ],
    )
    if trial.suggestion is not None:
        insert_suggestion(connection, experiment_id, number, trial.suggestion)


def _row(values: tuple[Any, ...]) -> TrialRow:
    named = dict(zip((column.name for column in fields(TrialRow)), values, strict=True))
    named["parameters"] = json.loads(named["parameters"])
    return TrialRow(
        **named | {column: with_zone(named[column]) for column in ("created_at", "started_at", "finished_at")}
    )

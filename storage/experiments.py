"""Rows of experiments: create, find, list, and move them from state to state."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import duckdb

from storage.clock import utc_now, with_zone
from storage.errors import StateError, UnknownNameError
from storage.naming import check_name, did_you_mean
from storage.store import Store
from storage.views import add_columns, refresh_view


@dataclass(frozen=True, slots=True)
class ExperimentRow:
    """One experiment as stored; the fields are the columns of the table, times carry UTC."""

    experiment_id: int
    name: str
    state: str
    reason: str | None
    task: str
    strategy: str
    budget_trials: int
    spec: dict[str, Any]
    spec_toml: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


_COLUMNS = ", ".join(column.name for column in fields(ExperimentRow))


def create_experiment(
    store: Store,
    *,
    name: str,
    task: str,
    strategy: str,
    budget_trials: int,
    spec: dict[str, Any],
    spec_toml: str,
    parameters: Mapping[str, str],
    metrics: Mapping[str, str],
    state: str = "pending",
) -> ExperimentRow:
    """Store a new experiment and make its view.

    Args:
        store: The open database.
        name: Unused name (see ``naming``).
        task: Name of the task.
        strategy: Name of the strategy.
        budget_trials: How many students may be trained.
        spec: The specification, defaults filled in.
        spec_toml: The specification as written.
        parameters: Name of each parameter to its type: ``float``, ``integer`` or ``text``.
        metrics: Name of each metric known beforehand to its type, ``float`` or ``integer``; others join the view
            as floats when a trial reports them.
        state: First state.

    Raises:
        StateError: The name is taken.
        SettingError: The name cannot be used, or a parameter has another type.
    """
    with store.write() as connection:
        if connection.execute("SELECT 1 FROM experiments WHERE name = ?", [name]).fetchone():
            raise StateError(f"an experiment named {name!r} exists already: choose another name")
        check_name(connection, name)
        written = json.dumps(spec, allow_nan=False)
        experiment = _insert(
            connection, (name, state, task, strategy, budget_trials, written, spec_toml, utc_now())
        )
        add_columns(store, experiment.experiment_id, "parameter", parameters)
        add_columns(store, experiment.experiment_id, "metric", metrics)
        refresh_view(store, experiment.experiment_id)
    return experiment


def get_experiment(store: Store, name: str) -> ExperimentRow:
    """The experiment called ``name``.

    Raises:
        UnknownNameError: There is none; the message lists names like it.
    """
    with store.read() as connection:
        row = connection.execute(f"SELECT {_COLUMNS} FROM experiments WHERE name = ?", [name]).fetchone()  # noqa: S608
        if row is None:
            names = [known for (known,) in connection.execute("SELECT name FROM experiments").fetchall()]
            raise UnknownNameError(f"no experiment is called {name!r}; {did_you_mean(name, names)}")
    return _row(row)


def experiment_by_id(store: Store, experiment_id: int) -> ExperimentRow:
    """The experiment that a trial belongs to.

    Raises:
        UnknownNameError: There is none.
    """
    with store.read() as connection:
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM experiments WHERE experiment_id = ?",  # noqa: S608
            [experiment_id],
        ).fetchone()
    if row is None:
        raise UnknownNameError(f"no experiment has the id {experiment_id}")
    return _row(row)


def list_experiments(store: Store, states: Collection[str] | None = None) -> list[ExperimentRow]:
    """Experiments in the given states (all when None), the oldest first."""
    with store.read() as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM experiments WHERE $states IS NULL OR list_contains($states, state) "  # noqa: S608
            "ORDER BY experiment_id",
            {"states": None if states is None else [str(state) for state in states]},
        ).fetchall()
    return [_row(row) for row in rows]


def move_experiment(
    store: Store,
    experiment_id: int,
    to: str,
    *,
    allowed_from: Collection[str],
    reason: str | None = None,
    finished: bool = False,
) -> bool:
    """Move an experiment to the state ``to`` if it is in one of ``allowed_from``.

    The reason replaces the former one. ``started_at`` is set when it first becomes ``running``;
    ``finished_at`` is set by ``finished``, else cleared.

    Returns:
        Whether the row moved.
    """
    with store.write() as connection:
        moved = connection.execute(
            """
            UPDATE experiments SET state = $to, reason = $reason,
                started_at = CASE WHEN $to = 'running' THEN coalesce(started_at, $now) ELSE started_at END,
                finished_at = CASE WHEN $finished THEN $now::TIMESTAMP END
            WHERE experiment_id = $id AND list_contains($allowed::VARCHAR[], state)
            RETURNING experiment_id
            """,
            {
                "to": to,
                "reason": reason,
                "now": utc_now(),
                "finished": finished,
                "id": experiment_id,
                "allowed": list(allowed_from),
            },
        ).fetchall()
    return bool(moved)


def raise_budget(store: Store, experiment_id: int, trials: int = 1) -> None:
    """Let an experiment train more students than it was launched for."""
    with store.write() as connection:
        connection.execute(
            "UPDATE experiments SET budget_trials = budget_trials + ? WHERE experiment_id = ?",
            [trials, experiment_id],
        )


def _insert(connection: duckdb.DuckDBPyConnection, values: tuple[Any, ...]) -> ExperimentRow:
    rows = connection.execute(
        f"""
        INSERT INTO experiments
            (experiment_id, name, state, task, strategy, budget_trials, spec, spec_toml, created_at)
        SELECT coalesce(max(experiment_id), 0) + 1, ?, ?, ?, ?, ?::INTEGER, ?::JSON, ?, ?::TIMESTAMP
        FROM experiments RETURNING {_COLUMNS}
        """,  # noqa: S608
        values,
    ).fetchall()
    return _row(rows[0])


def _row(values: tuple[Any, ...]) -> ExperimentRow:
    named = dict(zip((column.name for column in fields(ExperimentRow)), values, strict=True))
    named["spec"] = json.loads(named["spec"])
    return ExperimentRow(
        **named | {column: with_zone(named[column]) for column in ("created_at", "started_at", "finished_at")}
    )

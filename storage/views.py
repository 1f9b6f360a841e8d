"""The wide view of each experiment: one row per trial, one typed column per parameter and metric."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd

from storage.errors import SettingError, UnknownNameError
from storage.naming import view_name
from storage.store import Store

COLUMN_TYPES = {"float": "DOUBLE", "integer": "BIGINT", "text": "VARCHAR"}
"""SQL type of a view's column for each type of parameter; metrics are floats."""

_FIRST_COLUMNS = {
    "trial": ("t.number", "Number of the trial; 0 prepares the teacher, 1 is the baseline"),
    "role": ("t.role", "teacher, baseline or student"),
    "state": ("t.state", None),
    "on_frontier": ("t.on_frontier", "Meets every threshold, and no other such trial dominates it"),
}
_LAST_COLUMNS = {
    "duration_seconds": (
        "epoch(t.finished_at - t.started_at)",
        "From the first start to the end; NULL until then",
    ),
    "started_at": ("t.started_at", "UTC"),
    "finished_at": ("t.finished_at", "UTC"),
    "reason": ("t.reason", "Why the trial is in its present state"),
}


def add_columns(store: Store, experiment_id: int, source: str, names: Mapping[str, str]) -> bool:
    """Note parameters or metrics to be shown in the view; call ``refresh_view`` afterwards.

    A name that a fixed column or an earlier name has already (letter case aside) gets the suffix
    ``_parameter`` or ``_metric``, and a number after that if need be. A name keeps its column for good.

    Args:
        store: The open database.
        experiment_id: The experiment.
        source: ``parameter`` or ``metric``.
        names: Name to type: ``float``, ``integer`` or ``text``.

    Returns:
        Whether any name was new.

    Raises:
        SettingError: A type is none of these.
    """
    for name, kind in names.items():
        if kind not in COLUMN_TYPES:
            raise SettingError(f"{source} {name!r} has type {kind!r}: use one of {', '.join(COLUMN_TYPES)}")
    with store.read() as connection:
        rows = _columns_of(connection, experiment_id)
    known = {name for known_source, name, _, _ in rows if known_source == source}
    new = [name for name in names if name not in known]
    if not new:
        return False
    taken = {*_FIRST_COLUMNS, *_LAST_COLUMNS} | {column.lower() for _, _, _, column in rows}
    with store.write() as connection:
        for position, name in enumerate(new, len(rows) + 1):
            column = _free_column(name, source, taken)
            taken.add(column.lower())
            connection.execute(
                "INSERT INTO experiment_columns VALUES (?, ?, ?, ?, ?, ?)",
                [experiment_id, position, source, name, names[name], column],
            )
    return True


def refresh_view(store: Store, experiment_id: int) -> None:
    """Make the view of an experiment anew from its noted columns.

    Raises:
        UnknownNameError: There is no such experiment.
    """
    with store.write() as connection:
        experiment = connection.execute(
            "SELECT name FROM experiments WHERE experiment_id = ?", [experiment_id]
        ).fetchone()
        if experiment is None:
            raise UnknownNameError(f"no experiment has the id {experiment_id}")
        view = _quoted(view_name(experiment[0]))
        columns = _columns_of(connection, experiment_id)
        connection.execute(f"CREATE OR REPLACE VIEW {view} AS {_view_query(experiment_id, columns)}")
        comment = f"Experiment {experiment[0]}: one row per trial, one column per parameter and metric"
        connection.execute(f"COMMENT ON VIEW {view} IS {_literal(comment)}")
        comments = {name: text for name, (_, text) in {**_FIRST_COLUMNS, **_LAST_COLUMNS}.items()}
        comments |= {column: f"{source.capitalize()} {name}" for source, name, _, column in columns}
        for column, text in comments.items():
            if text is not None:
                connection.execute(f"COMMENT ON COLUMN {view}.{_quoted(column)} IS {_literal(text)}")


def view_frame(store: Store, name: str) -> pd.DataFrame:
    """The view of the experiment called ``name``, in the order of the trials.

    Raises:
        UnknownNameError: There is no such experiment.
    """
    with store.read() as connection:
        if not connection.execute("SELECT 1 FROM experiments WHERE name = ?", [name]).fetchone():
            raise UnknownNameError(f"no experiment is called {name!r}")
        view = _quoted(view_name(name))
        return connection.execute(f"SELECT * FROM {view} ORDER BY trial").df()  # noqa: S608


def _columns_of(connection: duckdb.DuckDBPyConnection, experiment_id: int) -> list[tuple[str, str, str, str]]:
    """Source, name, type and column name of each noted column, parameters first."""
    return connection.execute(
        """
        SELECT source, name, type, column_name FROM experiment_columns WHERE experiment_id = ?
        ORDER BY source = 'metric', position
        """,
        [experiment_id],
    ).fetchall()


def _free_column(name: str, source: str, taken: set[str]) -> str:
    if name.lower() not in taken:
        return name
    column, number = f"{name}_{source}", 2
    while column.lower() in taken:
        column, number = f"{name}_{source}_{number}", number + 1
    return column


def _view_query(experiment_id: int, columns: list[tuple[str, str, str, str]]) -> str:
    selected = [f"{expression} AS {name}" for name, (expression, _) in _FIRST_COLUMNS.items()]
    pivoted: list[str] = []
    for source, name, kind, column in columns:
        if source == "parameter":
            path = _literal("/" + name.replace("~", "~0").replace("/", "~1"))
            selected.append(
                f"TRY_CAST(t.parameters ->> {path} AS {COLUMN_TYPES[kind]}) AS {_quoted(column)}",
            )
        else:
            pivoted.append(f"max(value) FILTER (name = {_literal(name)}) AS metric_{len(pivoted)}")
            metric = f"m.metric_{len(pivoted) - 1}"
            selected.append(f"TRY_CAST({metric} AS {COLUMN_TYPES[kind]}) AS {_quoted(column)}")
    selected += [f"{expression} AS {name}" for name, (expression, _) in _LAST_COLUMNS.items()]
    metrics = ", ".join(["trial_id", *pivoted])
    return (
        f"SELECT {', '.join(selected)} FROM trials AS t "  # noqa: S608
        f"LEFT JOIN (SELECT {metrics} FROM trial_metrics GROUP BY trial_id) AS m USING (trial_id) "
        f"WHERE t.experiment_id = {experiment_id:d}"
    )


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

"""Reads studies from the SQLite file of Optuna 3 to 5, whose tables are the same."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import DatasetError
from engine.importing.optuna_study import METRIC_NAMES, OptunaStudy, OptunaTrial, chosen_name
from engine.importing.optuna_values import parse_range

SCHEMA_VERSION = 12
"""What Optuna 3 to 5 write into ``version_info``; what changed since 3.0 are indexes."""
UTC_SINCE = 5
"""First version that stores times in UTC; those before it store local times."""


def read_sqlite(path: Path, wanted: str | None) -> OptunaStudy:
    """A study of the file.

    Args:
        path: the file.
        wanted: name of the study; None where there is only one.

    Raises:
        DatasetError: when it is no such file, or of another version.
        SettingError: when the study is not there.
    """
    with _opened(path) as connection:
        version = _library_version(connection, path)
        studies = dict(connection.execute("SELECT study_name, study_id FROM studies").fetchall())
        name = chosen_name(studies, wanted, path.name)
        return _study(connection, studies[name], name, is_utc=version >= UTC_SINCE)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise DatasetError(f"{path} cannot be read as an Optuna storage: {error}") from error


def _library_version(connection: sqlite3.Connection, path: Path) -> int:
    """First number of the version of Optuna that made the file."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "version_info" not in tables or "studies" not in tables:
        raise DatasetError(f"{path} is an SQLite file, but no Optuna storage: it has no studies")
    schema, library = connection.execute(
        "SELECT schema_version, library_version FROM version_info"
    ).fetchone()
    values = {name for _, name, *_ in connection.execute("PRAGMA table_info(trial_values)")}
    if schema != SCHEMA_VERSION or "value_type" not in values:
        raise DatasetError(
            f"{path} was written by Optuna {library}; only 3 to 5 can be read. "
            "`optuna storage upgrade` of Optuna 3 or later brings it up to date"
        )
    return int(str(library).split(".")[0])


def _study(connection: sqlite3.Connection, study_id: int, name: str, *, is_utc: bool) -> OptunaStudy:
    directions = connection.execute(
        "SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective", [study_id]
    ).fetchall()
    named = connection.execute(
        "SELECT value_json FROM study_system_attributes WHERE study_id = ? AND key = ?",
        [study_id, METRIC_NAMES],
    ).fetchone()
    return OptunaStudy(
        name,
        [direction for (direction,) in directions],
        json.loads(named[0]) if named else [],
        _trials(connection, study_id, len(directions), is_utc=is_utc),
    )


def _trials(
    connection: sqlite3.Connection, study_id: int, objectives: int, *, is_utc: bool
) -> list[OptunaTrial]:
    trials: dict[int, OptunaTrial] = {}
    for trial_id, number, state, started, finished in connection.execute(
        "SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials WHERE study_id = ?",
        [study_id],
    ):
        moments = [_moment(text, is_utc=is_utc) for text in (started, finished)]
        trials[trial_id] = OptunaTrial(
            number, state, values=[None] * objectives, started_at=moments[0], finished_at=moments[1]
        )
    for trial_id, name, value, distribution in _of(
        connection, "trial_params", "param_name, param_value, distribution_json", study_id
    ):
        trials[trial_id].parameters[name] = (parse_range(distribution), value)
    for trial_id, objective, value in _of(connection, "trial_values", "objective, value", study_id):
        trials[trial_id].values[objective] = value
    for trial_id, step, value in _of(
        connection, "trial_intermediate_values", "step, intermediate_value", study_id
    ):
        if value is not None:
            trials[trial_id].intermediate[step] = value
    for trial_id, key, text in _of(connection, "trial_user_attributes", "key, value_json", study_id):
        trials[trial_id].attributes[key] = json.loads(text)
    return list(trials.values())


def _of(connection: sqlite3.Connection, table: str, columns: str, study_id: int) -> Iterator[tuple[Any, ...]]:
    """Rows of a table of trials that belong to the study."""
    yield from connection.execute(
        f"SELECT trial_id, {columns} FROM {table} WHERE trial_id IN (SELECT trial_id FROM trials WHERE study_id = ?)",  # noqa: S608
        [study_id],
    )


def _moment(text: str | None, *, is_utc: bool) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if is_utc else moment.astimezone(UTC)

"""Copies some experiments into a database of their own, as they are at one moment."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb

from storage.errors import StateError
from storage.excerpts import LiveExcerpt
from storage.schema import VERSION_TABLE
from storage.store import Store
from storage.views import refresh_view

MAX_ROWS = 5_000_000
"""Rows of the largest copy, which take about 300 MB and ten seconds."""
DETAILS = {
    "steps": "false",
    "resources": "false",
    "events": """trial_id IS NOT NULL
        WINDOW attempts AS (PARTITION BY trial_id, attempt)
        QUALIFY ts = min(ts) OVER attempts OR ts = max(ts) OVER attempts
            OR kind IN ('finished', 'failed', 'stopped')""",
}
"""Tables with many rows a trial, and which of them are copied of every trial: when each attempt began and ended."""

Trial = tuple[str, int]
"""Name of the experiment and number of the trial."""


def freeze(excerpt: LiveExcerpt, path: Path, details_of: Collection[Trial]) -> None:
    """Copy what an excerpt shows, all of it as of the same moment.

    Args:
        excerpt: The experiments to copy.
        path: The new database file; its folder exists.
        details_of: Trials whose steps, events and resources are copied too.

    Raises:
        StateError: There is more than may be copied.
        HomeError: There is no room for it.
    """
    try:
        with Store.open(path) as copy, excerpt.read() as source, copy.write() as target:
            source.execute("BEGIN TRANSACTION READ ONLY")
            try:
                _copy(source, target, details_of)
            finally:
                source.execute("ROLLBACK")
            ids = target.execute("SELECT experiment_id FROM experiments ORDER BY experiment_id").fetchall()
            for (experiment_id,) in ids:
                refresh_view(copy, experiment_id)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _copy(
    source: duckdb.DuckDBPyConnection, target: duckdb.DuckDBPyConnection, details_of: Collection[Trial]
) -> None:
    tables = target.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND table_name <> ?",
        [VERSION_TABLE],
    ).fetchall()
    trials = _trial_ids(source, details_of)
    rows = {name: _query(name, trials) for (name,) in tables}
    counted = " + ".join(f"(SELECT count(*) FROM ({query}))" for query in rows.values())  # noqa: S608
    [(total,)] = source.execute(f"SELECT {counted}").fetchall()
    if total > MAX_ROWS:
        raise StateError(
            f"a copy of the data behind this view would have {total:,} rows, more than {MAX_ROWS:,}: make a live link"
        )
    for name, query in rows.items():
        target.register("incoming", source.sql(query).to_arrow_reader())
        target.execute(f'INSERT INTO "{name}" BY NAME SELECT * FROM incoming')  # noqa: S608
        target.unregister("incoming")


def _query(table: str, trials: str) -> str:
    """The rows of a table that are copied: all of them, or all of some trials and those that tell most of others."""
    whole = f'SELECT * FROM "{table}"'  # noqa: S608
    if table not in DETAILS:
        return whole
    others = f"trial_id NOT IN ({trials}) AND {DETAILS[table]}" if trials else DETAILS[table]
    return f"({whole} WHERE trial_id IN ({trials or 'NULL'})) UNION ALL ({whole} WHERE {others})"


def _trial_ids(source: duckdb.DuckDBPyConnection, trials: Collection[Trial]) -> str:
    """Ids of trials as a list in SQL; empty for none."""
    ids = source.execute(
        """
        SELECT trial_id FROM trials JOIN experiments USING (experiment_id)
        WHERE list_contains(?::STRUCT(name VARCHAR, number INTEGER)[], {name: name, number: number})
        """,
        [[{"name": name, "number": number} for name, number in trials]],
    ).fetchall()
    return ", ".join(str(number) for (number,) in ids)

"""Rows of saved queries, and of the history of those that were run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from storage.clock import utc_now, with_zone
from storage.errors import SettingError, UnknownNameError
from storage.naming import did_you_mean
from storage.store import Store

Kind = Literal["number", "text"]

HISTORY = 50
"""Queries that the history keeps."""
MAX_NAME_LENGTH = 80
MAX_ERROR_LENGTH = 2000
"""Characters of an error that the history keeps."""


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """One ``$name`` of a query with its value; None while it has none."""

    name: str
    kind: Kind
    value: float | str | None


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query that somebody gave a name.

    Attributes:
        name: Unique.
        sql: Its text.
        parameters: With the values it was saved with.
        chart: How the result is drawn, by name of the setting; empty for a table.
        saved_at: When it was saved last, UTC.
    """

    name: str
    sql: str
    parameters: tuple[QueryParameter, ...]
    chart: Mapping[str, str]
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class PastQuery:
    """A query that was run.

    Attributes:
        sql: Its text.
        parameters: With the values it was run with.
        ran_at: When, UTC.
        seconds: How long it took.
        rows: Rows of its result; None when it failed.
        error: Why it failed.
    """

    sql: str
    parameters: tuple[QueryParameter, ...]
    ran_at: datetime
    seconds: float
    rows: int | None
    error: str | None


def save_query(
    store: Store,
    name: str,
    sql: str,
    parameters: Sequence[QueryParameter] = (),
    chart: Mapping[str, str] | None = None,
) -> None:
    """Keep a query under a name; what had that name before is replaced.

    Raises:
        SettingError: Name or query is empty, or the name is too long.
    """
    name = name.strip()
    if not name or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise SettingError(
            f"the name {name!r} of a query must have 1 to {MAX_NAME_LENGTH} printable characters"
        )
    if not sql.strip():
        raise SettingError("there is no query to save: write one SELECT")
    with store.write() as connection:
        connection.execute(
            """
            INSERT INTO saved_queries VALUES ($name, $sql, $parameters::JSON, $chart::JSON, $now)
            ON CONFLICT DO UPDATE SET sql = $sql, parameters = $parameters::JSON, chart = $chart::JSON, saved_at = $now
            """,
            {
                "name": name,
                "sql": sql,
                "parameters": _json(parameters),
                "chart": json.dumps(dict(chart or {})),
                "now": utc_now(),
            },
        )


def drop_query(store: Store, name: str) -> None:
    """Forget a saved query; nothing happens if there is none of that name."""
    with store.write() as connection:
        connection.execute("DELETE FROM saved_queries WHERE name = ?", [name])


def list_queries(store: Store) -> list[SavedQuery]:
    """All saved queries by name."""
    with store.read() as connection:
        rows = connection.execute(
            "SELECT name, sql, parameters, chart, saved_at FROM saved_queries ORDER BY lower(name), name"
        ).fetchall()
    return [_saved(row) for row in rows]


def get_query(store: Store, name: str) -> SavedQuery:
    """The query saved under a name.

    Raises:
        UnknownNameError: There is none; the message lists names like it.
    """
    found = {query.name: query for query in list_queries(store)}
    if name not in found:
        raise UnknownNameError(f"no saved query is called {name!r}; {did_you_mean(name, found)}")
    return found[name]


def note_query(
    store: Store,
    sql: str,
    parameters: Sequence[QueryParameter],
    *,
    seconds: float,
    rows: int | None,
    error: str | None = None,
) -> None:
    """Put a query that was run at the head of the history, from where it was there already or anew."""
    with store.write() as connection:
        connection.execute("DELETE FROM query_history WHERE sql = ?", [sql])
        connection.execute(
            """
            INSERT INTO query_history
            SELECT coalesce(max(entry), 0) + 1, $sql, $parameters::JSON, $now::TIMESTAMP, $seconds, $rows::BIGINT,
                $error
            FROM query_history
            """,
            {
                "sql": sql,
                "parameters": _json(parameters),
                "now": utc_now(),
                "seconds": seconds,
                "rows": rows,
                "error": None if error is None else error[:MAX_ERROR_LENGTH],
            },
        )
        connection.execute(
            """
            DELETE FROM query_history
            WHERE entry NOT IN (SELECT entry FROM query_history ORDER BY entry DESC LIMIT $most)
            """,
            {"most": HISTORY},
        )


def list_history(store: Store) -> list[PastQuery]:
    """The history, the latest first."""
    with store.read() as connection:
        rows = connection.execute(
            "SELECT sql, parameters, ran_at, seconds, result_rows, error FROM query_history ORDER BY entry DESC"
        ).fetchall()
    return [
        PastQuery(sql, _parameters(parameters), _utc(ran_at), seconds, count, error)
        for sql, parameters, ran_at, seconds, count, error in rows
    ]


def _json(parameters: Sequence[QueryParameter]) -> str:
    return json.dumps([asdict(parameter) for parameter in parameters], allow_nan=False)


def _parameters(text: str) -> tuple[QueryParameter, ...]:
    return tuple(QueryParameter(**item) for item in json.loads(text))


def _saved(row: tuple[Any, ...]) -> SavedQuery:
    name, sql, parameters, chart, saved_at = row
    return SavedQuery(name, sql, _parameters(parameters), json.loads(chart), _utc(saved_at))


def _utc(ts: datetime) -> datetime:
    found = with_zone(ts)
    assert found is not None
    return found

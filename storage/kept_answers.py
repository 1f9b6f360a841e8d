"""Answers to queries that are kept with a copy of the data, so that the copy need not hold all they were made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import duckdb

from storage.errors import QueryError, StateError
from storage.excerpts import FrozenExcerpt
from storage.sql_reading import Reading
from storage.store import Store

_TABLE = """
CREATE TABLE IF NOT EXISTS kept_answers (
    answer INTEGER PRIMARY KEY,
    question VARCHAR NOT NULL UNIQUE,
    columns VARCHAR[] NOT NULL,
    types VARCHAR[] NOT NULL,
    truncated BOOLEAN NOT NULL
)
"""


def keep_answer(copy: Store, sql: str, parameters: Mapping[str, Any], answer: Reading) -> None:
    """Keep the answer to a query.

    Args:
        copy: The copy, open for writing.
        sql: The query.
        parameters: Value of each of its parameters.
        answer: What it gave.

    Raises:
        StateError: It has values that cannot be kept.
    """
    try:
        with copy.write() as connection:
            connection.execute(_TABLE)
            [(number,)] = connection.execute("SELECT count(*) FROM kept_answers").fetchall()
            connection.execute(
                "INSERT INTO kept_answers VALUES (?, ?, ?, ?, ?)",
                [number, _question(sql, parameters), answer.columns, answer.types, answer.truncated],
            )
            # Names of columns may differ in nothing but the case of their letters, which no table allows.
            columns = ", ".join(f"c{place} {_column_type(kind)}" for place, kind in enumerate(answer.types))
            connection.execute(f"CREATE TABLE answer_{number:d} ({columns})")
            with connection.appender(f"answer_{number:d}") as rows:
                rows.append_rows(answer.rows)
    except (duckdb.Error, TypeError, ValueError) as error:
        raise StateError(
            f"this result cannot be kept ({error}): cast the column, or make a live link"
        ) from error


def kept_answer(copy: FrozenExcerpt, sql: str, parameters: Mapping[str, Any]) -> Reading:
    """The answer to a query as it was when the copy was made.

    Raises:
        QueryError: The copy was made for another query.
    """
    try:
        with copy.read() as connection:
            found = connection.execute(
                "SELECT answer, columns, types, truncated FROM kept_answers WHERE question = ?",
                [_question(sql, parameters)],
            ).fetchall()
            if not found:
                raise QueryError("this view keeps the result of another query")
            number, columns, types, truncated = found[0]
            rows = connection.execute(f"SELECT * FROM answer_{number:d} ORDER BY rowid").fetchall()  # noqa: S608
    except duckdb.CatalogException as error:
        raise QueryError("this view keeps the result of no query") from error
    return Reading(columns, types, rows, truncated)


def _question(sql: str, parameters: Mapping[str, Any]) -> str:
    return json.dumps([sql, dict(sorted(parameters.items()))])


def _column_type(kind: str) -> str:
    """The type of a column as it is written in SQL; one of nothing but NULL can have any."""
    return "VARCHAR" if kind in ('"NULL"', "NULL") else kind

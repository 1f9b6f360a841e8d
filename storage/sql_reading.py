"""Runs one reading statement on a connection: guarded, and bounded in time, rows and size."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb

from storage.errors import QueryError
from storage.sql_guard import single_reading_statement

_BATCH_ROWS = 100


@dataclass(frozen=True, slots=True)
class SqlLimits:
    """What one query may take.

    Attributes:
        seconds: Time until it is stopped.
        rows: Rows kept of its result.
        megabytes: Rough size of the rows kept.
    """

    seconds: float = 5.0
    rows: int = 10_000
    megabytes: float = 64.0


class Reading(NamedTuple):
    """What a statement gave.

    Attributes:
        columns: Their names, all different (a repeated name got a number).
        types: DuckDB's name of each column's type.
        rows: The values as Python objects.
        truncated: Whether there were more rows than the limits allow.
    """

    columns: list[str]
    types: list[str]
    rows: list[tuple[Any, ...]]
    truncated: bool


def read(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any], limits: SqlLimits
) -> Reading:
    """Run one statement in a read-only transaction.

    The time limit is looked at between blocks of rows, so a single call of a scalar function goes past it.

    Args:
        connection: On a database that is locked down, see ``single_reading_statement``.
        sql: The statement; ``$name`` stands for a parameter.
        parameters: Value of each parameter.
        limits: What it may take.

    Raises:
        QueryError: It was refused, failed, or took too long; DuckDB's own message is kept.
    """
    statement = single_reading_statement(connection, sql)
    deadline = time.monotonic() + limits.seconds
    timer = threading.Timer(limits.seconds, _interrupt, [connection])
    timer.daemon = True
    try:
        connection.execute(f"SET max_execution_time = {max(1, round(limits.seconds * 1000))}")
        connection.execute("BEGIN TRANSACTION READ ONLY")
        timer.start()
        connection.execute(statement, _used(statement, parameters))
        columns, types = _described(connection)
        rows, truncated = _fetch(connection, limits, deadline)
    except duckdb.InterruptException as error:
        raise too_slow(limits) from error
    except duckdb.Error as error:
        # What follows proposes settings that are locked here.
        raise QueryError(str(error).split("\n\nPossible solutions")[0]) from error
    except (ValueError, OverflowError) as error:
        raise QueryError(f"a value of the result has no counterpart in Python: {error}. Cast it") from error
    finally:
        timer.cancel()
        if timer.is_alive():
            timer.join()
        with suppress(duckdb.Error):
            connection.execute("ROLLBACK")
    return Reading(columns, types, rows, truncated)


def too_slow(limits: SqlLimits) -> QueryError:
    """What to say of a query that was stopped."""
    return QueryError(
        f"the query was stopped after {limits.seconds:g} seconds: narrow it with WHERE, group it, or sample it"
    )


def _used(statement: duckdb.Statement, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters a statement has.

    Raises:
        QueryError: One has no value.
    """
    missing = sorted(name for name in statement.named_parameters if name not in parameters)
    if missing:
        raise QueryError(
            f"the query has parameters without a value: {', '.join(f'${name}' for name in missing)}"
        )
    return {name: parameters[name] for name in statement.named_parameters}


def _described(connection: duckdb.DuckDBPyConnection) -> tuple[list[str], list[str]]:
    columns: list[str] = []
    types: list[str] = []
    for name, kind, *_ in connection.description or []:
        unique, number = name, 2
        while unique in columns:
            unique, number = f"{name}_{number}", number + 1
        columns.append(unique)
        types.append(str(kind))
        if "WITH TIME ZONE" in types[-1]:
            raise QueryError(
                f"column {name!r} is a {types[-1]}: cast it with ::TIMESTAMP (or ::TIME), all times here are UTC"
            )
    return columns, types


def _fetch(
    connection: duckdb.DuckDBPyConnection, limits: SqlLimits, deadline: float
) -> tuple[list[tuple[Any, ...]], bool]:
    """Rows within the limits, and whether there were more."""
    rows: list[tuple[Any, ...]] = []
    room = limits.megabytes * 2**20
    while room > 0:
        batch = connection.fetchmany(min(_BATCH_ROWS, limits.rows + 1 - len(rows)))
        rows += batch
        if not batch:
            return rows, False
        if len(rows) > limits.rows:
            return rows[: limits.rows], True
        if time.monotonic() > deadline:
            raise too_slow(limits)
        room -= sum(map(_rough_size, batch))
    return rows, True


def _rough_size(cell: object) -> int:
    """Bytes a value takes, give or take a factor of two."""
    if isinstance(cell, (str, bytes)):
        return len(cell) + 50
    if isinstance(cell, dict):
        return 100 + sum(_rough_size(value) for value in cell.values())
    if isinstance(cell, (list, tuple)):
        return 60 + sum(_rough_size(value) for value in cell)
    return 32


def _interrupt(connection: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):
        connection.interrupt()

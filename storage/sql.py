"""Ad hoc SQL a person typed: read-only, one statement, bounded in time, rows and size."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd

from storage.errors import QueryError
from storage.sql_guard import single_reading_statement
from storage.store import Store

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


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The rows of a query.

    Attributes:
        columns: Their names, all different (a repeated name got a number).
        types: DuckDB's name of each column's type.
        rows: The values as Python objects.
        truncated: Whether there were more rows than the limits allow.
        seconds: Time it took.
    """

    columns: list[str]
    types: list[str]
    rows: list[tuple[Any, ...]]
    truncated: bool
    seconds: float

    def frame(self) -> pd.DataFrame:
        """The rows as a data frame; decimals become floats so that they can be charted."""
        values = zip(*self.rows, strict=True) if self.rows else ([] for _ in self.columns)
        return pd.DataFrame(
            {
                column: pd.Series([float(cell) if isinstance(cell, Decimal) else cell for cell in cells])
                for column, cells in zip(self.columns, values, strict=True)
            },
            columns=self.columns,
        )


DEFAULT_LIMITS = SqlLimits()


def run_query(
    store: Store, sql: str, *, parameters: Mapping[str, Any] | None = None, limits: SqlLimits = DEFAULT_LIMITS
) -> QueryResult:
    """Run one reading statement.

    It runs in this process, in a read-only transaction, with files, network, extensions and settings
    locked (see ``opening``). DuckDB's memory limit holds for joins, sorts and groups, and the time limit
    between blocks of rows. Neither holds within a single call of a scalar function: the best known such
    functions are refused, but text made longer again and again (``replace``, ``||``) still takes gigabytes.
    So this guard is for people who may use the server anyway, not for the open internet.

    Args:
        store: The open database.
        sql: The statement; ``$name`` stands for a parameter.
        parameters: Value of each parameter.
        limits: What it may take.

    Raises:
        QueryError: It was refused, failed, or took too long; DuckDB's own message is kept.
    """
    started = time.monotonic()
    with store.read() as cursor:
        statement = single_reading_statement(cursor, sql)
        timer = threading.Timer(limits.seconds, _interrupt, [cursor])
        timer.daemon = True
        try:
            cursor.execute(f"SET max_execution_time = {max(1, round(limits.seconds * 1000))}")
            cursor.execute("BEGIN TRANSACTION READ ONLY")
            timer.start()
            cursor.execute(statement, dict(parameters or {}))
            columns, types = _described(cursor)
            rows, truncated = _fetch(cursor, limits, started + limits.seconds)
        except duckdb.InterruptException as error:
            raise _too_slow(limits) from error
        except duckdb.Error as error:
            # What follows proposes settings that are locked here.
            raise QueryError(str(error).split("\n\nPossible solutions")[0]) from error
        except (ValueError, OverflowError) as error:
            raise QueryError(
                f"a value of the result has no counterpart in Python: {error}. Cast it"
            ) from error
        finally:
            timer.cancel()
            if timer.is_alive():
                timer.join()
            with suppress(duckdb.Error):
                cursor.execute("ROLLBACK")
    return QueryResult(columns, types, rows, truncated, time.monotonic() - started)


def _described(cursor: duckdb.DuckDBPyConnection) -> tuple[list[str], list[str]]:
    columns: list[str] = []
    types: list[str] = []
    for name, kind, *_ in cursor.description or []:
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
    cursor: duckdb.DuckDBPyConnection, limits: SqlLimits, deadline: float
) -> tuple[list[tuple[Any, ...]], bool]:
    """Rows within the limits, and whether there were more."""
    rows: list[tuple[Any, ...]] = []
    room = limits.megabytes * 2**20
    while room > 0:
        batch = cursor.fetchmany(min(_BATCH_ROWS, limits.rows + 1 - len(rows)))
        rows += batch
        if not batch:
            return rows, False
        if len(rows) > limits.rows:
            return rows[: limits.rows], True
        if time.monotonic() > deadline:
            raise _too_slow(limits)
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


def _interrupt(cursor: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):
        cursor.interrupt()


def _too_slow(limits: SqlLimits) -> QueryError:
    return QueryError(
        f"the query was stopped after {limits.seconds:g} seconds: narrow it with WHERE, group it, or sample it"
    )

"""Ad hoc SQL a person typed: read-only, one statement, bounded in time, memory, rows and size."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd

from storage.excerpts import FrozenExcerpt, LiveExcerpt
from storage.kept_answers import kept_answer
from storage.snapshots import Snapshots
from storage.sql_messages import Request
from storage.sql_processes import Processes
from storage.sql_reading import SqlLimits
from storage.store import Store

DEFAULT_LIMITS = SqlLimits()


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The rows of a query.

    Attributes:
        columns: Their names, all different (a repeated name got a number).
        types: DuckDB's name of each column's type.
        rows: The values as Python objects.
        truncated: Whether there were more rows than the limits allow.
        seconds: Time it took, the wait for a fresh snapshot included.
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


def run_query(
    store: Store,
    sql: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    limits: SqlLimits = DEFAULT_LIMITS,
    cancelled: Callable[[], bool] = lambda: False,
) -> QueryResult:
    """Run one reading statement in a process of its own, on a snapshot of the database.

    Of a frozen excerpt the answer is the one that was kept with it.

    The snapshot holds everything that was committed before the call. The process opens it read-only, with files,
    network, extensions and settings locked (see ``sql_guard``), and the system limits its memory and time.

    Args:
        store: The open database.
        sql: The statement; ``$name`` stands for a parameter.
        parameters: Value of each parameter; those that the statement does not have are left aside.
        limits: What it may take.
        cancelled: Asked twenty times a second whether to give up.

    Raises:
        QueryCancelledError: It was cancelled.
        QueryError: It was refused, failed, or took too much; DuckDB's own message is kept.
    """
    started = time.monotonic()
    if isinstance(store, FrozenExcerpt):
        return QueryResult(*kept_answer(store, sql, parameters or {}), time.monotonic() - started)
    engine = _engine(store.whole if isinstance(store, LiveExcerpt) else store)
    with engine.snapshots.lease() as database:
        request = Request(str(database), sql, dict(parameters or {}), limits)
        found = engine.processes.run(request, cancelled)
    return QueryResult(*found, time.monotonic() - started)


def warm_up(store: Store) -> None:
    """Start a query process in good time, for instance when a page with an editor is opened."""
    if not isinstance(store, LiveExcerpt | FrozenExcerpt):
        _engine(store).processes.warm()


@dataclass(frozen=True, slots=True)
class _Engine:
    """What runs the queries of one store."""

    snapshots: Snapshots
    processes: Processes

    def close(self) -> None:
        self.processes.close()
        self.snapshots.close()


_engines: WeakKeyDictionary[Store, _Engine] = WeakKeyDictionary()
_engines_lock = threading.Lock()


def _engine(store: Store) -> _Engine:
    with _engines_lock:
        engine = _engines.get(store)
        if engine is None:
            engine = _Engine(Snapshots(store), Processes())
            _engines[store] = engine
            store.at_close(engine.close)
        return engine

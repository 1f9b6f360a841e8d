"""A query that runs beside the page that asked for it, so that the page can show how long it takes and cancel it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property

import pandas as pd

from dashboard.background import Work
from engine.errors import BertFrontierError
from storage.saved_queries import QueryParameter, note_query
from storage.sql import QueryResult, run_query
from storage.sql_processes import QueryCancelledError
from storage.store import Store

WIRE_BYTES = 2_000_000
"""What of a table is sent to a browser at most."""


class QueryRun(Work[QueryResult]):
    """One run of one query; it begins at once."""

    def __init__(self, store: Store, sql: str, parameters: Sequence[QueryParameter], *, noted: bool) -> None:
        """Begin to run a query.

        Args:
            store: the open database.
            sql: the query.
            parameters: each with a value.
            noted: whether it joins the history.
        """
        self._store = store
        self._sql = sql
        self._parameters = tuple(parameters)
        self._noted = noted
        self._cancelled = threading.Event()
        super().__init__(self._query)

    def cancel(self) -> None:
        """Have it stopped; it ends with an error that says so."""
        self._cancelled.set()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The result as a data frame; only for runs that gave one."""
        assert self.result is not None
        return self.result.frame()

    def _query(self) -> QueryResult:
        values = {parameter.name: parameter.value for parameter in self._parameters}
        try:
            result = run_query(self._store, self._sql, parameters=values, cancelled=self._cancelled.is_set)
        except QueryCancelledError:
            raise
        except BertFrontierError as error:
            self._note(None, error)
            raise
        self._note(result, None)
        return result

    def _note(self, result: QueryResult | None, error: BertFrontierError | None) -> None:
        if not self._noted:
            return
        # A database that is full or being closed has no room for history; the answer is there all the same.
        with suppress(BertFrontierError):
            note_query(
                self._store,
                self._sql,
                self._parameters,
                seconds=self.seconds if result is None else result.seconds,
                rows=None if result is None else len(result.rows),
                error=None if error is None else str(error),
            )


def rows_to_show(frame: pd.DataFrame, most: int = WIRE_BYTES) -> int:
    """How many of a table's first rows may be sent to a browser."""
    size = int(frame.memory_usage(index=False, deep=True).sum())
    return len(frame) if size <= most else max(1, len(frame) * most // size)

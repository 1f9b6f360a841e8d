"""The database as a shared view sees it: some experiments only, now or as they once were, and nothing to be changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import duckdb

from storage.errors import DatabaseError, StateError, UnknownNameError
from storage.opening import connect_reading, translate
from storage.store import Store

KEPT_CURSORS = 8
"""Cursors of a live excerpt that are kept for the next reader; making one takes about as long as a query."""


class Excerpt(Store):
    """Part of a database that can be looked at and not changed."""

    def write(self) -> NoReturn:
        """Refuse.

        Raises:
            StateError: Always.
        """
        raise StateError("this is a shared view: it shows, and changes nothing")


class LiveExcerpt(Excerpt):
    """Some experiments of an open store, as they are now. Any thread may use it.

    Every table is covered by a view of its own that leaves out the rows of all other experiments, and all rows of
    tables that belong to no experiment.
    """

    def __init__(
        self, whole: Store, experiments: Collection[str] | None, is_over: Callable[[], bool] = lambda: False
    ) -> None:
        """Look at part of a store.

        Args:
            whole: The open database, which must stay open.
            experiments: Names of the experiments that may be read; None for all there is.
            is_over: Asked before each reading whether this may no longer be read.

        Raises:
            UnknownNameError: There is no such experiment.
        """
        self.path = whole.path
        self.owner = whole.owner
        self._whole = whole
        self._is_over = is_over
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._views = [] if experiments is None else _covering_views(whole, experiments)

    @property
    def whole(self) -> Store:
        """The store it is part of, where it is no smaller part: what queries run on.

        Raises:
            StateError: It is a smaller part, or may no longer be read.
        """
        _check(self._is_over)
        if self._views:
            raise StateError("this view is of some experiments only; a query would see all of them")
        return self._whole

    @property
    def revision(self) -> int:
        """That of the whole store."""
        return self._whole.revision

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor on the last committed state of these experiments.

        Raises:
            StateError: They may no longer be read.
            DatabaseError: The store is closed.
        """
        _check(self._is_over)
        cursor = self._idle.pop() if self._idle else self._covered()
        try:
            yield cursor
        except BaseException:
            cursor.close()
            raise
        # A result that was not read to its end would keep its transaction open.
        cursor.abort()
        if len(self._idle) < KEPT_CURSORS:
            self._idle.append(cursor)
        else:
            cursor.close()

    def close(self) -> None:
        """Give the cursors back; the whole store stays open."""
        while self._idle:
            self._idle.pop().close()

    def _covered(self) -> duckdb.DuckDBPyConnection:
        cursor = self._whole.cursor()
        for view in self._views:
            cursor.execute(view)
        return cursor


class FrozenExcerpt(Excerpt):
    """A copy of some experiments in a file of its own, as ``freezing.freeze`` made it. Any thread may use it."""

    def __init__(
        self, path: Path, whole: Store, frozen_at: datetime, is_over: Callable[[], bool] = lambda: False
    ) -> None:
        """Look at a copy; the file is opened by the first reader.

        Args:
            path: The copy.
            whole: The store it was made of.
            frozen_at: When, in UTC.
            is_over: Asked before each reading whether this may no longer be read.
        """
        self.path = path
        self.owner = whole.owner
        self._frozen_at = frozen_at
        self._is_over = is_over
        self._opening = threading.Lock()
        self._file: duckdb.DuckDBPyConnection | None = None

    @property
    def revision(self) -> int:
        """Always the same."""
        return 0

    def now(self) -> datetime:
        """When the copy was made."""
        return self._frozen_at

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A fresh cursor on the copy, closed afterwards.

        Raises:
            StateError: It may no longer be read.
            DatabaseError: The file is gone or damaged.
        """
        _check(self._is_over)
        with self._opening:
            if self._file is None:
                self._file = _opened(self.path)
            cursor = self._file.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def close(self) -> None:
        """Give the file back; a later reader opens it again."""
        with self._opening:
            if self._file is not None:
                self._file.close()
                self._file = None


def _check(is_over: Callable[[], bool]) -> None:
    if is_over():
        raise StateError("what a link showed may no longer be read: it has ended, or was revoked")


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return connect_reading(path)
    except duckdb.Error as error:
        found = translate(error, path)
        raise DatabaseError(f"the copy of the data at {path} cannot be read: {found}") from error


def _covering_views(whole: Store, names: Collection[str]) -> list[str]:
    """Statements that cover each table, and each view of several experiments, with its rows of these experiments."""
    with whole.read() as connection:
        ids = connection.execute(
            "SELECT name, experiment_id FROM experiments WHERE list_contains(?, name)", [list(names)]
        ).fetchall()
        columns = connection.execute(
            """
            SELECT table_name, list(column_name) FROM duckdb_columns()
            WHERE NOT internal AND schema_name = 'main' AND database_name = current_database() GROUP BY table_name
            """
        ).fetchall()
        tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        [(database,)] = connection.execute("SELECT current_database()").fetchall()
    missing = set(names) - {name for name, _ in ids}
    if missing:
        raise UnknownNameError(f"no experiment is called {sorted(missing)[0]!r} any more")
    wanted = ", ".join(str(number) for _, number in ids) or "NULL"
    # A covering view has the name of what it covers, which can be told from it by the name of the database only.
    main = f'"{database}".main'
    listed = ", ".join("'" + name.replace("'", "''") + "'" for name in names) or "NULL"
    views = []
    for name, has in columns:
        if "experiment_id" in has:
            kept = f"experiment_id IN ({wanted})"
        elif "trial_id" in has:
            kept = f"trial_id IN (SELECT trial_id FROM {main}.trials WHERE experiment_id IN ({wanted}))"  # noqa: S608
        elif name in tables:
            kept = "false"
        elif "experiment" in has:
            kept = f"experiment IN ({listed})"
        else:
            continue
        views.append(f'CREATE TEMP VIEW "{name}" AS SELECT * FROM {main}."{name}" WHERE {kept}')  # noqa: S608
    return views

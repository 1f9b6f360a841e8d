"""The one handle on the database file: many readers, one writer, one owner."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import duckdb

from storage.errors import DatabaseError, DatabaseInUseError
from storage.opening import connect, translate
from storage.ownership import Owner, claim, release
from storage.schema import known_migrations, migrate

_open_paths: set[Path] = set()
_open_paths_lock = threading.Lock()


class Store:
    """An open database file. Make one with ``Store.open``; any thread may use it.

    Attributes:
        path: The database file.
        owner: What the sidecar beside the file says about this process.
    """

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection, owner: Owner) -> None:
        self.path = path
        self.owner = owner
        self._connection = connection
        self._writer = connection.cursor()
        self._write_lock = threading.RLock()
        self._cursor_lock = threading.Lock()
        self._commit_lock = threading.Lock()
        self._at_close: list[Callable[[], None]] = []
        self._writing_thread: int | None = None
        self._depth = 0
        self._inner_failed = False
        self._revision = 0
        self._closed = False

    @classmethod
    def open(cls, path: Path, *, address: str | None = None) -> Store:
        """Open ``path``, creating it and its folder if missing, and bring its schema up to date.

        Args:
            path: The database file.
            address: URL of the server this process runs, told to other processes by the sidecar.

        Raises:
            DatabaseInUseError: Another process, or another Store of this one, owns the file.
            DatabaseTooNewError: A newer program wrote the file.
            DatabaseCorruptError: The file is damaged.
            HomeError: The folder cannot be written.
        """
        path = path.expanduser().resolve()
        with _open_paths_lock:
            if path in _open_paths:
                raise DatabaseInUseError(
                    f"{path} is already open in this process: use the store that is open"
                )
            _open_paths.add(path)
        try:
            connection = connect(path)
            try:
                migrate(connection, known_migrations())
                return cls(path, connection, claim(path, address))
            except BaseException:
                connection.close()
                raise
        except BaseException as error:
            with _open_paths_lock:
                _open_paths.discard(path)
            if isinstance(error, OSError | duckdb.Error):
                raise translate(error, path) from error
            raise

    @property
    def revision(self) -> int:
        """Grows with every committed write of this process, so that readers can skip work when it has not."""
        return self._revision

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction at a time: committed at the end of the block, rolled back on any error.

        Within the same thread an inner ``write`` joins the outer transaction. If the inner block fails, the
        outer one cannot be committed any more.

        Raises:
            DatabaseError: The store is closed, or an inner block failed and its error was swallowed.
            HomeError: The disk is full or not writable.
        """
        with self._write_lock:
            if self._depth:
                with self._joined():
                    yield self._writer
                return
            self._require_open()
            self._inner_failed = False
            self._depth, self._writing_thread = 1, threading.get_ident()
            try:
                self._writer.execute("BEGIN TRANSACTION")
                yield self._writer
                self._commit()
            except duckdb.Error as error:
                self._roll_back()
                raise translate(error, self.path) from error
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._depth, self._writing_thread = 0, None

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A fresh cursor on the last committed state, closed afterwards; it neither blocks writes nor waits for them.

        Inside this thread's own ``write`` it is the writer, so that a read there sees what was just written.

        Raises:
            DatabaseError: The store is closed.
        """
        if self._writing_thread == threading.get_ident():
            yield self._writer
            return
        cursor = self.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A fresh cursor on the last committed state, which the caller closes.

        Raises:
            DatabaseError: The store is closed.
        """
        with self._cursor_lock:
            self._require_open()
            return self._connection.cursor()

    def now(self) -> datetime:
        """The moment its data are of, UTC: the present one, but for a copy of the past."""
        return datetime.now(UTC)

    @contextmanager
    def still(self) -> Iterator[int]:
        """Holds back every commit, so that file and log keep what they hold; gives the revision that is.

        Raises:
            DatabaseError: The store is closed.
        """
        with self._commit_lock:
            self._require_open()
            yield self._revision

    def at_close(self, action: Callable[[], None]) -> None:
        """Have something done just before the file is given back."""
        self._at_close.append(action)

    def close(self) -> None:
        """Give the file back; later calls do nothing. Waits for a write in progress."""
        with self._write_lock, self._cursor_lock:
            if self._closed:
                return
            if self._depth:
                raise DatabaseError("a store cannot be closed inside its own write block")
            for action in self._at_close:
                action()
            self._closed = True
            # While the lock on the file is still ours nobody else can have written the sidecar.
            release(self.path, self.owner)
            self._writer.close()
            self._connection.close()
        with _open_paths_lock:
            _open_paths.discard(self.path)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _joined(self) -> Iterator[None]:
        self._depth += 1
        try:
            yield
        except BaseException:
            self._inner_failed = True
            raise
        finally:
            self._depth -= 1

    def _commit(self) -> None:
        if self._inner_failed:
            raise DatabaseError("an inner write failed and its error was swallowed: nothing was saved")
        with self._commit_lock:
            self._writer.execute("COMMIT")
            self._revision += 1

    def _roll_back(self) -> None:
        # DuckDB may have ended the transaction itself, as it does when COMMIT fails.
        with suppress(duckdb.Error):
            self._writer.execute("ROLLBACK")

    def _require_open(self) -> None:
        if self._closed:
            raise DatabaseError(f"the store of {self.path} is closed")

"""Copies of the database that other processes may read while its one owner goes on writing.

DuckDB changes its file only when it folds the log into it, and when a large insertion puts its rows there before they
are committed; everything else it appends to the log. So a copy of the file serves for long, and bringing a
snapshot up to date mostly means copying the log, which DuckDB keeps below 16 MB.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from storage.errors import QueryError
from storage.store import Store

SETTLED_SECONDS = 0.05
"""A file changed longer ago than this has a time stamp that a further change would alter."""
_CLONE = 0x40049409
"""Linux's FICLONE: a copy that shares its blocks, on the file systems that have it."""
_TRIES = 2

State = tuple[int, int]
"""Size of a file and the time of its last change in nanoseconds."""


@dataclass(slots=True)
class _Snapshot:
    """A folder with a database, the revision it holds, and how many are reading it."""

    database: Path
    revision: int
    readers: int = 0


class Snapshots:
    """Snapshots of one store, beside its file; any thread may use them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._root = store.path.with_name(store.path.name + ".snapshots")
        self._base = self._root / "base"
        self._base_state: State | None = None
        self._current: _Snapshot | None = None
        self._count = 0
        self._lock = threading.Lock()
        # Left behind by a process that was killed.
        shutil.rmtree(self._root, ignore_errors=True)

    @contextmanager
    def lease(self) -> Iterator[Path]:
        """A database file that holds everything committed before the call, there as long as the context lasts.

        Raises:
            QueryError: There is no room for it.
            DatabaseError: The store is closed.
        """
        with self._lock:
            snapshot = self._fresh()
            snapshot.readers += 1
        try:
            yield snapshot.database
        finally:
            with self._lock:
                snapshot.readers -= 1
                self._drop_if_unused(snapshot)

    def close(self) -> None:
        """Remove all of them."""
        with self._lock:
            self._current = None
            shutil.rmtree(self._root, ignore_errors=True)

    def _fresh(self) -> _Snapshot:
        former = self._current
        if former is not None and former.revision == self._store.revision:
            return former
        try:
            self._root.mkdir(mode=0o700, exist_ok=True)
            self._current = self._take()
        except OSError as error:
            raise QueryError(
                f"queries run on a copy of the database, which cannot be made in {self._root} ({error.strerror}): "
                f"make room for {self._store.path.stat().st_size / 1e6:.0f} MB"
            ) from error
        if former is not None:
            self._drop_if_unused(former)
        return self._current

    def _take(self) -> _Snapshot:
        for _ in range(_TRIES):
            self._copy_base()
            with self._store.still() as revision:
                if self._base_state == _state(self._store.path):
                    return self._assemble(revision)
        with self._store.still() as revision:
            self._copy_base()
            return self._assemble(revision)

    def _copy_base(self) -> None:
        """Copy the file, unless the copy there is still serves."""
        source = self._store.path
        if _state(source) == self._base_state:
            return
        time.sleep(max(0.0, SETTLED_SECONDS - (time.time() - source.stat().st_mtime)))
        state = _state(source)
        self._base_state = None
        self._base.unlink(missing_ok=True)
        _copy(source, self._base)
        self._base_state = state

    def _assemble(self, revision: int) -> _Snapshot:
        self._count += 1
        # The file's name is the name of the database in SQL.
        database = self._root / str(self._count) / self._store.path.name
        database.parent.mkdir()
        os.link(self._base, database)
        with suppress(FileNotFoundError):
            _copy(_log(self._store.path), _log(database))
        return _Snapshot(database, revision)

    def _drop_if_unused(self, snapshot: _Snapshot) -> None:
        if snapshot is not self._current and not snapshot.readers:
            shutil.rmtree(snapshot.database.parent, ignore_errors=True)


def _state(path: Path) -> State:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _log(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def _copy(source: Path, target: Path) -> None:
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError), source.open("rb") as original, target.open("wb") as copy:
            fcntl.ioctl(copy, _CLONE, original.fileno())
            return
    shutil.copyfile(source, target)

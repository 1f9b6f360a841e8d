"""A snapshot holds what was committed, whole, and costs little while only the log grows."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import pytest

from storage.errors import DatabaseError, QueryError
from storage.snapshots import Snapshots
from storage.store import Store

SERIES = "INSERT INTO ingest_offsets SELECT range, range, 0 FROM range(?, ?)"


def insert(store: Store, start: int, end: int) -> None:
    with store.write() as connection:
        connection.execute(SERIES, [start, end])


def count(database: Path) -> int:
    with duckdb.connect(str(database), read_only=True) as connection:
        return int(connection.execute("SELECT count(*) FROM ingest_offsets").fetchall()[0][0])


@pytest.fixture
def snapshots(store: Store) -> Snapshots:
    return Snapshots(store)


def test_the_file_is_copied_once_while_the_log_grows(store: Store, snapshots: Snapshots) -> None:
    files = set()
    for number in range(4):
        insert(store, number, number + 1)
        with snapshots.lease() as database:
            assert count(database) == number + 1
            files.add(database.stat().st_ino)
    assert len(files) == 1


def test_nothing_is_made_while_nothing_changes(store: Store, snapshots: Snapshots) -> None:
    with snapshots.lease() as first, snapshots.lease() as second:
        assert first == second


@pytest.mark.parametrize("reopened", [False, True])
def test_rows_written_beside_the_log_are_there_too(database: Path, reopened: bool) -> None:
    """A large insertion puts its rows into the file before the log tells of them."""
    store = Store.open(database)
    if reopened:
        insert(store, -10, 0)
        store.close()
        store = Store.open(database)
    with store:
        snapshots = Snapshots(store)
        with snapshots.lease() as former:
            before = count(former)
        insert(store, 0, 300_000)
        with snapshots.lease() as present:
            assert count(present) == before + 300_000
        with store.read() as connection:
            connection.execute("FORCE CHECKPOINT").fetchall()
        insert(store, 300_000, 300_001)
        with snapshots.lease() as present:
            assert count(present) == before + 300_001


def test_a_snapshot_stays_while_it_is_read(store: Store, snapshots: Snapshots) -> None:
    insert(store, 0, 1)
    with snapshots.lease() as former:
        insert(store, 1, 3)
        with snapshots.lease() as present:
            assert (count(former), count(present)) == (1, 3)
        assert former.exists()
    assert not former.exists()
    assert present.exists()


def test_an_open_write_neither_shows_nor_blocks(store: Store, snapshots: Snapshots) -> None:
    counts = []

    def look() -> None:
        with snapshots.lease() as database:
            counts.append(count(database))

    with store.write() as connection:
        connection.execute(SERIES, [0, 5])
        thread = threading.Thread(target=look)
        thread.start()
        thread.join(timeout=30)
    look()
    assert counts == [0, 5]


def test_snapshots_of_a_busy_store_are_whole(store: Store, snapshots: Snapshots) -> None:
    """Every commit adds seven rows or many; a snapshot holds a number of whole commits, and all that were there."""
    committed, over = [0], threading.Event()

    def write() -> None:
        for number in range(60):
            size = 21_000 if number % 10 == 9 else 7
            start = committed[0]
            insert(store, start, start + size)
            committed[0] = start + size
        over.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not over.is_set():
        least = committed[0]
        with snapshots.lease() as database:
            found = count(database)
        assert found % 7 == 0
        assert found >= least
    writer.join()


def test_leftovers_and_closing(store: Store) -> None:
    root = store.path.with_name(store.path.name + ".snapshots")
    (root / "7").mkdir(parents=True)
    snapshots = Snapshots(store)
    assert not root.exists()
    with snapshots.lease():
        assert root.stat().st_mode & 0o077 == 0
    snapshots.close()
    assert not root.exists()


def test_no_room(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("storage.snapshots._copy", full)
    with pytest.raises(QueryError, match=r"No space left.*make room for \d+ MB"), Snapshots(store).lease():
        pass


def test_a_closed_store(database: Path) -> None:
    store = Store.open(database)
    snapshots = Snapshots(store)
    store.close()
    with pytest.raises(DatabaseError, match="closed"), snapshots.lease():
        pass

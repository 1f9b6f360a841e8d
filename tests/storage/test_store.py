"""One writer, many readers, one owner; and what a killed process leaves behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from storage.errors import DatabaseError, DatabaseInUseError
from storage.ownership import read_owner, sidecar_path
from storage.store import Store

REPOSITORY = Path(__file__).resolve().parents[2]
INSERT = "INSERT INTO ingest_offsets VALUES (?, ?, 0)"


def count(store: Store) -> int:
    with store.read() as connection:
        return connection.execute("SELECT count(*) FROM ingest_offsets").fetchall()[0][0]


def insert(store: Store, *rows: tuple[int, int]) -> None:
    with store.write() as connection:
        for row in rows:
            connection.execute(INSERT, row)


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A second Python process with the repository on its path."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_open_makes_folder_file_and_sidecar_and_close_releases_them(database: Path) -> None:
    store = Store.open(database, address="http://localhost:1234")
    owner = read_owner(database)
    assert owner == store.owner
    assert owner is not None
    assert owner.address == "http://localhost:1234"
    store.close()
    store.close()
    assert database.exists()
    assert not sidecar_path(database).exists()
    with pytest.raises(DatabaseError, match="closed"), store.read():
        pass
    with pytest.raises(DatabaseError, match="closed"), store.write():
        pass


def test_committed_rows_are_there_after_reopening(database: Path) -> None:
    with Store.open(database) as store, store.write() as connection:
        connection.execute(INSERT, [1, 1])
    with Store.open(database) as store:
        assert count(store) == 1


def test_revision_grows_with_commits_only(store: Store) -> None:
    before = store.revision
    with store.write() as connection:
        connection.execute(INSERT, [1, 1])
        assert store.revision == before
    assert store.revision == before + 1
    with pytest.raises(RuntimeError, match="stop"), store.write():
        raise RuntimeError("stop")
    with store.read() as connection:
        connection.execute("SELECT 1")
    assert store.revision == before + 1


def test_an_error_rolls_everything_back_and_the_next_write_works(store: Store) -> None:
    with pytest.raises(duckdb.ConstraintException):
        insert(store, (1, 1), (1, 2))
    assert count(store) == 0
    with store.write() as connection:
        connection.execute(INSERT, [1, 1])
    assert count(store) == 1


def test_inner_write_joins_the_outer_transaction(store: Store) -> None:
    before = store.revision

    def nested(*, fail: bool) -> None:
        with store.write():
            insert(store, (1, 1))
            insert(store, (2, 1))
            assert not fail

    with pytest.raises(AssertionError):
        nested(fail=True)
    assert count(store) == 0
    nested(fail=False)
    assert count(store) == 2
    assert store.revision == before + 1


def test_a_swallowed_inner_error_saves_nothing(store: Store) -> None:

    def swallow() -> None:
        with store.write():
            insert(store, (1, 1))
            with suppress(duckdb.ConstraintException):
                insert(store, (1, 2))

    with pytest.raises(DatabaseError, match="nothing was saved"):
        swallow()
    assert count(store) == 0


def test_reads_see_own_uncommitted_rows_and_nobody_elses(store: Store) -> None:
    seen: list[int] = []
    with store.write() as connection:
        connection.execute(INSERT, [1, 1])
        assert count(store) == 1
        reader = threading.Thread(target=lambda: seen.append(count(store)))
        reader.start()
        reader.join(timeout=60)
    assert seen == [0]


def test_writers_in_many_threads_take_turns(store: Store) -> None:
    with store.write() as connection:
        connection.execute(INSERT, [1, 0])

    def add() -> None:
        for _ in range(25):
            with store.write() as connection:
                ((value,),) = connection.execute("SELECT byte_offset FROM ingest_offsets").fetchall()
                connection.execute("UPDATE ingest_offsets SET byte_offset = ?", [value + 1])

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as connection:
        assert connection.execute("SELECT byte_offset FROM ingest_offsets").fetchall() == [(100,)]


def test_readers_see_whole_transactions_while_a_writer_commits(store: Store) -> None:
    rounds, rows = 40, 10
    failures: list[object] = []
    done = threading.Event()

    def read() -> None:
        seen = 0
        while not done.is_set():
            try:
                number = count(store)
            except duckdb.Error as error:
                failures.append(error)
                return
            if number % rows or number < seen:
                failures.append((seen, number))
            seen = number

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for start_row in range(0, rounds * rows, rows):
        with store.write() as connection, connection.appender("ingest_offsets") as appender:
            appender.append_rows([(start_row + row, 0, 0) for row in range(rows)])
    done.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert count(store) == rounds * rows


def test_a_second_store_in_this_process_is_refused(database: Path, store: Store) -> None:
    with pytest.raises(DatabaseInUseError, match="already open in this process"):
        Store.open(database.parent / ".." / database.parent.name / database.name)
    assert count(store) == 0


def test_another_process_is_named_with_its_server(database: Path) -> None:
    code = """
import sys
from contextlib import suppress
from pathlib import Path
from storage.store import Store
store = Store.open(Path(sys.argv[1]), address="http://localhost:4567")
print("open", flush=True)
sys.stdin.read()
"""
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(database)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    with pytest.raises(DatabaseInUseError, match=rf"process {holder.pid} .*http://localhost:4567.*stop it"):
        Store.open(database)
    sidecar_path(database).unlink()
    with pytest.raises(DatabaseInUseError, match=rf"process {holder.pid}: end it"):
        Store.open(database)
    holder.communicate()
    with Store.open(database):
        pass


def test_a_killed_writer_loses_no_acknowledged_row(database: Path) -> None:
    code = """
import sys
from contextlib import suppress
from pathlib import Path
from storage.store import Store
store = Store.open(Path(sys.argv[1]))
first = int(sys.argv[2])
for row in range(first, first + 100_000):
    with store.write() as connection:
        connection.execute("INSERT INTO ingest_offsets VALUES (?, 0, 0)", [row])
    print(row, flush=True)
"""
    first, rows = 0, 0
    for _ in range(3):
        writer = start(code, database, first)
        assert writer.stdout is not None
        for _ in range(40):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        # A line cut by the kill was not acknowledged.
        *_, acknowledged = [
            line for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")
        ] or [f"{first + 39}"]
        writer.wait()
        assert read_owner(database) is None
        with Store.open(database) as store, store.read() as connection:
            ((last, count),) = connection.execute(
                "SELECT max(trial_id), count(*) FROM ingest_offsets"
            ).fetchall()
        assert last >= int(acknowledged)
        assert count - rows == last - first + 1
        first, rows = last + 1_000, count


def test_a_reopened_store_folds_its_log(database: Path) -> None:
    """A read that is left unfinished at opening would keep DuckDB from ever doing so."""
    store = Store.open(database)
    insert(store, *((number, 0) for number in range(10)))
    store.close()
    log = database.with_name(database.name + ".wal")
    with Store.open(database) as reopened:
        with reopened.write() as connection:
            connection.execute("UPDATE ingest_offsets SET byte_offset = 1")
        largest = 0
        for number in range(40):
            with reopened.write() as connection:
                connection.execute(
                    "INSERT INTO ingest_offsets SELECT range, range, 0 FROM range(?, ?)",
                    [100 + 40_000 * number, 100 + 40_000 * (number + 1)],
                )
            largest = max(largest, log.stat().st_size if log.exists() else 0)
        assert largest < 20_000_000

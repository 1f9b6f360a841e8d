"""Files that cannot be opened stay as they are, and the error says what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from storage.errors import DatabaseCorruptError, DatabaseError, DatabaseTooNewError, HomeError
from storage.schema import known_migrations
from storage.store import Store

REPOSITORY = Path(__file__).resolve().parents[2]


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture
def killed(database: Path) -> Path:
    """A database whose process died with rows in the log."""
    code = """
import os, sys
from pathlib import Path
from storage.store import Store
store = Store.open(Path(sys.argv[1]))
for row in range(20):
    with store.write() as connection:
        connection.execute("INSERT INTO ingest_offsets VALUES (?, 0, 0)", [row])
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", code, str(database)], cwd=REPOSITORY, check=True)
    assert log_of(database).stat().st_size > 0
    return database


def log_of(database: Path) -> Path:
    return database.with_name(database.name + ".wal")


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"this is no database\n" * 1000,
        lambda data: data[:100],
        lambda data: data[:20_000],
        lambda data: data[:100] + b"damage" + data[106:],
        lambda data: data[:4100] + b"damage" + data[4106:8192] + b"damage" + data[8198:],
    ],
    ids=["empty", "text", "head only", "cut", "main header", "both headers"],
)
def test_a_damaged_file_is_refused_and_left_alone(database: Path, damage) -> None:
    Store.open(database).close()
    database.write_bytes(damage(database.read_bytes()))
    before = contents(database.parent)
    with pytest.raises(DatabaseCorruptError, match=r"restore a backup.*--home"):
        Store.open(database)
    assert contents(database.parent) == before


@pytest.mark.parametrize("place", [0, 3, 0.3, 0.6], ids=["first byte", "in the head", "a third in", "later"])
def test_a_damaged_log_is_refused_and_left_alone(killed: Path, place: float) -> None:
    log = log_of(killed)
    data = bytearray(log.read_bytes())
    index = place if isinstance(place, int) else int(place * len(data))
    data[index] ^= 0x55
    log.write_bytes(data)
    before = contents(killed.parent)
    with pytest.raises(DatabaseCorruptError):
        Store.open(killed)
    assert contents(killed.parent) == before


def test_a_torn_log_loses_only_its_torn_end(killed: Path) -> None:
    log = log_of(killed)
    log.write_bytes(log.read_bytes()[:-3])
    with Store.open(killed) as store, store.read() as connection:
        assert connection.execute("SELECT count(*) FROM ingest_offsets").fetchall() == [(19,)]


def test_a_log_without_its_database_is_kept(killed: Path) -> None:
    killed.unlink()
    before = contents(killed.parent)
    with pytest.raises(DatabaseCorruptError, match="is missing but its log"):
        Store.open(killed)
    assert contents(killed.parent) == before


def test_a_newer_schema_is_refused_untouched(database: Path) -> None:
    Store.open(database).close()
    newest = known_migrations()[-1].version
    with duckdb.connect(str(database)) as connection:
        connection.execute("INSERT INTO schema_versions VALUES (?, 'future', now()::TIMESTAMP)", [newest + 7])
    before = contents(database.parent)
    with pytest.raises(DatabaseTooNewError, match=rf"version {newest + 7}.*up to {newest}\b.*upgrade"):
        Store.open(database)
    assert contents(database.parent) == before


def test_a_database_of_another_program_is_refused_untouched(database: Path) -> None:
    database.parent.mkdir()
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE TABLE flights (number INTEGER)")
    before = contents(database.parent)
    with pytest.raises(DatabaseError, match="another program"):
        Store.open(database)
    assert contents(database.parent) == before


def test_an_empty_database_is_completed(database: Path) -> None:
    database.parent.mkdir()
    duckdb.connect(str(database)).close()
    with Store.open(database) as store, store.read() as connection:
        assert connection.execute("SELECT count(*) FROM experiments").fetchall() == [(0,)]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HomeError, match=r"file.*--home"):
        Store.open(tmp_path / "file" / "frontier.duckdb")


def test_a_folder_in_place_of_the_file_is_named(database: Path) -> None:
    database.mkdir(parents=True)
    with pytest.raises(HomeError, match="is a folder"):
        Store.open(database)


def run_with_little_room(database: Path, code: str, room: int) -> str:
    """Output of ``code``, run in a process in which no file may grow beyond some ``room``, in bytes."""
    frame = """
import resource, sys
from pathlib import Path
from storage.errors import HomeError
from storage.store import Store
database, room = Path(sys.argv[1]), (int(sys.argv[2]), int(sys.argv[2]))
"""
    return subprocess.run(
        [sys.executable, "-B", "-c", frame + code, str(database), str(room)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("room", [2_000, 12_500], ids=["no room for the file", "no room for the log"])
def test_a_full_disk_is_a_home_error_and_harms_nothing(database: Path, room: int) -> None:
    code = """
resource.setrlimit(resource.RLIMIT_FSIZE, room)
try:
    Store.open(database)
except HomeError as error:
    print(error)
"""
    message = run_with_little_room(database, code, room)
    assert str(database.parent) in message
    assert "Make room" in message
    assert {file.suffix for file in database.parent.iterdir()} <= {".duckdb", ".wal"}
    with Store.open(database):
        pass


def test_a_disk_that_fills_up_keeps_every_acknowledged_row(database: Path) -> None:
    code = """
store = Store.open(database)
used = max(file.stat().st_size for file in database.parent.iterdir())
resource.setrlimit(resource.RLIMIT_FSIZE, (used + room[0], used + room[1]))
for row in range(10_000):
    try:
        with store.write() as connection:
            connection.execute("INSERT INTO ingest_offsets VALUES (?, 0, 0)", [row])
    except HomeError as error:
        with store.read() as connection:
            assert connection.execute("SELECT count(*) FROM ingest_offsets").fetchall() == [(row,)]
        print(row)
        break
"""
    acknowledged = int(run_with_little_room(database, code, 20_000))
    assert acknowledged > 0
    with Store.open(database) as store, store.read() as connection:
        assert connection.execute("SELECT count(*) FROM ingest_offsets").fetchall() == [(acknowledged,)]


def test_a_failed_open_can_be_repeated(database: Path) -> None:
    database.parent.mkdir()
    database.write_text("damage")
    for _ in range(2):
        with pytest.raises(DatabaseCorruptError):
            Store.open(database)
    database.unlink()
    with Store.open(database):
        pass

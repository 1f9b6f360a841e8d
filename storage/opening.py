"""Opening a database file without harming it; what stands in the way becomes an error with the file and the fix."""

from __future__ import annotations

import os
import re
from pathlib import Path

import duckdb

from storage.errors import (
    BertFrontierError,
    DatabaseCorruptError,
    DatabaseError,
    DatabaseInUseError,
    DatabaseTooNewError,
    HomeError,
)
from storage.ownership import last_owner
from storage.schema import check_not_newer, known_migrations, migrate, schema_version

MEMORY_LIMIT = "2GB"
"""What DuckDB may hold in memory before it spills to disk."""
SPILL_LIMIT = "1GB"
"""What DuckDB may spill to the folder beside the database."""

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": MEMORY_LIMIT,
    "max_temp_directory_size": SPILL_LIMIT,
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
}
# DuckDB 2.0 starts every log with this entry and silently ignores a log that does not; a shorter log is a torn one.
_LOG_HEAD = bytes.fromhex("6400626500")
_NO_ROOM = re.compile(
    r"No space left|Disk quota|File too large|Permission denied|Read-only file system|Cannot open file|Is a directory"
    r"|Could not write|Input/output error",
    re.IGNORECASE,
)
_RESTORE = "It was left as it is: restore a backup of it, or choose another folder with --home"


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    """Open ``path`` for writing, creating it if missing, locked down as ad hoc SQL needs it.

    Raises:
        DatabaseInUseError: Another process owns the file.
        DatabaseTooNewError: A newer program wrote it; the file is untouched.
        DatabaseCorruptError: It is damaged or no DuckDB file; it and its log are untouched.
        DatabaseError: It is a DuckDB file of another program; it is untouched.
        HomeError: Its folder cannot be written.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder, not a file")
        path.parent.mkdir(parents=True, exist_ok=True)
        _check_log(path)
        if not path.exists():
            _create(path)
        _inspect(path)
        return _connect_locked_down(path)
    except (OSError, duckdb.Error) as error:
        raise translate(error, path) from error


def connect_reading(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a copy that nobody owns, for reading only and locked down; a copy by an older program is brought up to date.

    Raises:
        DatabaseTooNewError: A newer program wrote it.
        duckdb.Error: It is missing or damaged.
    """
    migrations = known_migrations()
    with duckdb.connect(str(path), read_only=True) as connection:
        version = schema_version(connection)
    check_not_newer(version, migrations, str(path))
    if version < migrations[-1].version:
        with duckdb.connect(str(path)) as connection:
            migrate(connection, migrations)
    return _connect_locked_down(path, read_only=True)


def translate(error: OSError | duckdb.Error, path: Path) -> BertFrontierError | duckdb.Error:
    """The project's error for one that is about the file itself; any other DuckDB error as it is."""
    text = str(error)
    if isinstance(error, OSError):
        return HomeError(_home_message(path, error))
    if "Could not set lock" in text:
        return DatabaseInUseError(_in_use_message(path, text))
    if "version number" in text and "can only read" in text:
        return DatabaseTooNewError(f"{path} was written by a newer DuckDB: upgrade bert-frontier. {text}")
    if re.search(r"not a valid DuckDB|Corrupt|replaying WAL|read enough bytes|checksum", text):
        return DatabaseCorruptError(
            f"{path} is damaged or is no DuckDB file. {_RESTORE}. DuckDB says: {text}"
        )
    if isinstance(error, duckdb.IOException | duckdb.TransactionException) and _NO_ROOM.search(text):
        return HomeError(_home_message(path, error))
    if isinstance(error, duckdb.FatalException):
        return DatabaseError(
            f"{path} cannot be used any more by this process, restart it. DuckDB says: {text}"
        )
    return error


def _create(path: Path) -> None:
    """Make an empty database that appears whole or not at all, and never replaces one made meanwhile."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    try:
        duckdb.connect(str(draft)).close()
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)


def _check_log(path: Path) -> None:
    log = path.with_name(path.name + ".wal")
    if not log.exists():
        return
    with log.open("rb") as file:
        head = file.read(len(_LOG_HEAD))
    if not path.exists() and head:
        raise DatabaseCorruptError(
            f"{path} is missing but its log {log.name} is there: restore the database, "
            "or move the log away to start anew"
        )
    if not _LOG_HEAD.startswith(head):
        raise DatabaseCorruptError(f"the log {log} of the database is damaged. {_RESTORE}")


def _inspect(path: Path) -> None:
    """Look at the schema version read-only, because opening for writing would already change the file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        try:
            version = schema_version(connection)
        except DatabaseError as error:
            raise DatabaseError(
                f"{path} cannot be used: {error}. Choose another folder with --home"
            ) from error
    check_not_newer(version, known_migrations(), str(path))


def _connect_locked_down(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(path), read_only=read_only, config=_CONFIG)
    # now() and casts of it then agree with the UTC of every TIMESTAMP column.
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute("SET allowed_configs = ['max_execution_time']")
    connection.execute("SET lock_configuration = true")
    return connection


def _in_use_message(path: Path, text: str) -> str:
    found = re.search(r"PID (\d+)", text)
    pid = int(found[1]) if found else None
    owner = last_owner(path)
    if owner is None or (pid is not None and owner.pid != pid):
        holder = f"process {pid}" if pid else "another process"
        return f"{path} is in use by {holder}: end it, or choose another folder with --home"
    who = f"process {owner.pid} ({owner.program}) on {owner.host}"
    if owner.address is None:
        return f"{path} is in use by {who}: wait until it ends, end it, or choose another folder with --home"
    return f"{path} is in use by {who}, which serves {owner.address}: use that server, or stop it first"


def _home_message(path: Path, error: Exception) -> str:
    return (
        f"the folder {path.parent} cannot be used for the database {path.name}: {error}. "
        "Make room, change its rights, or choose another folder with --home"
    )

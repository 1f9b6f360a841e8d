"""Schema versions: numbered SQL files, each applied once and in order, so that a later change is one new file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources

import duckdb

from storage.clock import utc_now
from storage.errors import DatabaseError, DatabaseTooNewError

VERSION_TABLE = "schema_versions"

_CREATE_VERSION_TABLE = f"""
CREATE TABLE IF NOT EXISTS {VERSION_TABLE} (
    version INTEGER PRIMARY KEY,
    name VARCHAR NOT NULL,
    applied_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE {VERSION_TABLE} IS 'Which versions of the schema this file went through';
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step forward: the SQL that turns schema ``version - 1`` into ``version``."""

    version: int
    name: str
    sql: str


def known_migrations() -> list[Migration]:
    """The migrations in this package, from files named ``0001_initial.sql`` and so on, oldest first."""
    files = [
        file for file in (resources.files("storage") / "migrations").iterdir() if file.name.endswith(".sql")
    ]
    return [
        Migration(int(file.name.split("_")[0]), file.name.removesuffix(".sql"), file.read_text("utf-8"))
        for file in sorted(files, key=lambda file: file.name)
    ]


def schema_version(connection: duckdb.DuckDBPyConnection) -> int:
    """Version of the schema in an open file; 0 for an empty one.

    Raises:
        DatabaseError: The file holds tables but was not made by this program.
    """
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if not tables:
        return 0
    if VERSION_TABLE not in tables:
        raise DatabaseError(f"it is a DuckDB file of another program (it has no table {VERSION_TABLE})")
    # All rows: a result that is not read to its end keeps its transaction open, and with it the log growing.
    rows = connection.execute(f"SELECT max(version) FROM {VERSION_TABLE}").fetchall()  # noqa: S608
    return int(rows[0][0] or 0)


def check_not_newer(version: int, migrations: Sequence[Migration], where: str) -> None:
    """Refuse a file written by a newer program.

    Raises:
        DatabaseTooNewError: ``version`` is above the last known migration.
    """
    newest = migrations[-1].version
    if version > newest:
        raise DatabaseTooNewError(
            f"{where} has schema version {version}, but this program knows versions up to {newest}. "
            "The file was left as it is: upgrade bert-frontier, or choose another folder with --home"
        )


def migrate(connection: duckdb.DuckDBPyConnection, migrations: Sequence[Migration]) -> int:
    """Apply what is missing, each migration with its version row in one transaction.

    Returns:
        The version reached.

    Raises:
        DatabaseError: A migration failed; the file keeps the version before it.
        duckdb.Error: The disk is full or not writable; the file keeps the version before it.
    """
    version = schema_version(connection)
    for migration in migrations:
        if migration.version <= version:
            continue
        connection.execute("BEGIN TRANSACTION")
        try:
            connection.execute(_CREATE_VERSION_TABLE)
            connection.execute(migration.sql)
            connection.execute(
                f"INSERT INTO {VERSION_TABLE} VALUES (?, ?, ?)",  # noqa: S608
                [migration.version, migration.name, utc_now()],
            )
            connection.execute("COMMIT")
        except duckdb.Error as error:
            with suppress(duckdb.Error):
                connection.execute("ROLLBACK")
            if isinstance(error, duckdb.IOException | duckdb.TransactionException):
                raise
            raise DatabaseError(
                f"schema migration {migration.name} failed, the file stays at version {version}: {error}"
            ) from error
        version = migration.version
    return version

"""Migrations run once, in order, each whole or not at all."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from storage import schema, store
from storage.errors import DatabaseError
from storage.outline import schema_outline
from storage.schema import Migration, known_migrations, migrate, schema_version

FIRST = Migration(1, "0001_first", "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1)")
SECOND = Migration(
    2, "0002_second", "ALTER TABLE a ADD COLUMN y INTEGER DEFAULT 5; CREATE VIEW v AS SELECT * FROM a"
)
BROKEN = Migration(3, "0003_broken", "CREATE TABLE b (x INTEGER); INSERT INTO missing VALUES (1)")


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


def test_versions_move_forward_once(connection: duckdb.DuckDBPyConnection) -> None:
    assert schema_version(connection) == 0
    assert migrate(connection, [FIRST]) == 1
    assert migrate(connection, [FIRST, SECOND]) == 2
    assert migrate(connection, [FIRST, SECOND]) == 2
    assert connection.execute("SELECT * FROM v").fetchall() == [(1, 5)]
    assert connection.execute("SELECT version, name FROM schema_versions ORDER BY version").fetchall() == [
        (1, "0001_first"),
        (2, "0002_second"),
    ]


def test_a_failing_migration_leaves_the_version_before_it(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(DatabaseError, match=r"0003_broken.*version 2"):
        migrate(connection, [FIRST, SECOND, BROKEN])
    assert schema_version(connection) == 2
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert tables == {"a", "schema_versions"}


def test_an_older_file_is_migrated_on_open(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.Store.open(database).close()
    newest = known_migrations()[-1].version
    later = Migration(newest + 1, "later", "CREATE TABLE later (x INTEGER)")
    extended = [*known_migrations(), later]
    for module in (store, schema):
        monkeypatch.setattr(module, "known_migrations", lambda: extended)
    with store.Store.open(database) as opened, opened.read() as connection:
        assert schema_version(connection) == newest + 1
        assert connection.execute("SELECT * FROM later").fetchall() == []


def test_the_files_are_numbered_without_holes() -> None:
    migrations = known_migrations()
    assert [migration.version for migration in migrations] == list(range(1, len(migrations) + 1))


def test_every_table_is_explained_and_no_column_is_a_reserved_word(store: store.Store) -> None:
    tables = [relation for relation in schema_outline(store) if relation.kind == "table"]
    assert {"experiments", "trials", "steps", "events"} <= {table.name for table in tables}
    assert [table.name for table in tables if not table.comment] == []
    with store.read() as connection:
        for table in tables:
            for column in table.columns:
                connection.execute(f"SELECT {column.name} FROM {table.name}")

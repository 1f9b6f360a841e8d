"""What there is to query: tables and views with their columns, types and comments."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from storage.store import Store


@dataclass(frozen=True, slots=True)
class ColumnOutline:
    """One column: its name, DuckDB type and comment."""

    name: str
    type: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class TableOutline:
    """One table or view (``kind``) with its columns in order."""

    name: str
    kind: str
    comment: str | None
    columns: list[ColumnOutline]


def schema_outline(store: Store) -> list[TableOutline]:
    """Views of experiments first, then the other views, then the tables, each by name."""
    with store.read() as connection:
        rows = connection.execute(
            """
            WITH relations AS (
                SELECT view_name AS name, 'view' AS kind, comment FROM duckdb_views() WHERE NOT internal
                UNION ALL SELECT table_name, 'table', comment FROM duckdb_tables() WHERE NOT internal
            )
            SELECT name, kind, relations.comment, column_name, data_type, columns.comment
            FROM relations JOIN duckdb_columns() AS columns ON columns.table_name = relations.name
            WHERE NOT columns.internal
            ORDER BY name NOT IN (SELECT replace(name, '-', '_') FROM experiments), kind = 'table', name, column_index
            """
        ).fetchall()
    return [
        TableOutline(name, kind, comment, [ColumnOutline(*row[3:]) for row in members])
        for (name, kind, comment), members in groupby(rows, key=lambda row: row[:3])
    ]


def outline_version(store: Store) -> int:
    """A number that changes with every experiment and column that is added; the tables stay as they are while open."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT count(*)::HUGEINT + (SELECT coalesce(bit_xor(hash(experiment_id, name)), 0) FROM experiments)
            FROM experiment_columns
            """
        ).fetchall()
    return int(rows[0][0])

"""Which ad hoc SQL may run: one statement that only reads, and none of the functions that reach past the data."""

from __future__ import annotations

import unicodedata
from functools import cache

import duckdb

from storage.errors import QueryError

READING_STATEMENTS = frozenset({"SELECT", "EXPLAIN", "MULTI"})
"""Types of statement as DuckDB tells them; SHOW, DESCRIBE, SUMMARIZE and VALUES are SELECT, PIVOT is MULTI."""

ALLOWED_TABLE_FUNCTIONS = frozenset(
    {
        *("range", "generate_series", "repeat", "unnest", "json_each", "json_tree"),
        *("histogram", "histogram_values"),
        *("duckdb_columns", "duckdb_constraints", "duckdb_functions", "duckdb_indexes", "duckdb_keywords"),
        *("duckdb_schemas", "duckdb_tables", "duckdb_types", "duckdb_views", "pragma_table_info"),
    }
)
"""Functions that may stand in FROM. The others read files, take raw pointers, run hidden SQL or show paths."""

REFUSED_FUNCTIONS = frozenset(
    {
        # These show settings and paths of the server, write its log, move a sequence, or sleep.
        *("current_setting", "write_log", "nextval", "setval", "sleep_ms", "pg_sleep"),
    }
)

REFUSED_VIEWS = frozenset(
    {"duckdb_databases", "duckdb_logs", "pragma_database_list", "pg_settings", "pg_prepared_statements"}
)
"""DuckDB's own views that show paths, settings, or what others run."""


def single_reading_statement(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement in ``sql``, if it may run.

    The type alone does not tell a reader from a writer (a data-modifying common table expression is a
    SELECT), so the caller must run it in a read-only transaction as well.

    Raises:
        QueryError: There is none or more than one, it cannot be parsed, writes, or uses something refused.
    """
    try:
        statements = connection.extract_statements(sql)
    except (duckdb.Error, UnicodeError) as error:
        raise QueryError(str(error)) from error
    if not statements:
        raise QueryError("there is no statement to run: write one SELECT")
    if len(statements) > 1:
        raise QueryError(f"there are {len(statements)} statements: run one at a time")
    kind = statements[0].type.name
    if kind not in READING_STATEMENTS:
        raise QueryError(f"{kind} is not allowed here: queries only read, write one SELECT")
    _refuse_names(sql)
    return statements[0]


def _refuse_names(sql: str) -> None:
    words = _words(sql)
    refused = _other_table_functions() | REFUSED_FUNCTIONS
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name = word.strip('"').lower()
        if name in REFUSED_VIEWS:
            raise QueryError(f"{name} is not allowed here: it tells about the server, not about the data")
        if not following.startswith("("):
            continue
        if name in refused or name.startswith("__"):
            raise QueryError(f"the function {name}() is not allowed here: it reaches past the data")


def _words(sql: str) -> list[str]:
    """The tokens of ``sql`` as written, without comments and string constants."""
    # DuckDB's parser takes these for blanks, its tokeniser for letters.
    plain = "".join(
        " " if unicodedata.category(letter) in ("Zs", "Zl", "Zp", "Cf") else letter for letter in sql
    )
    encoded = plain.encode("utf-8")
    tokens = duckdb.tokenize(plain)
    starts = [start for start, _ in tokens]
    unread = (duckdb.token_type.comment, duckdb.token_type.string_const)
    return [
        encoded[start:end].decode("utf-8", "replace").strip()
        for (start, kind), end in zip(tokens, [*starts[1:], len(encoded)], strict=True)
        if kind not in unread
    ]


@cache
def _other_table_functions() -> frozenset[str]:
    """Every table function of this DuckDB that is not expressly allowed."""
    with duckdb.connect(":memory:") as connection:
        rows = connection.execute(
            "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type IN ('table', 'table_macro')"
        ).fetchall()
    return frozenset(name for (name,) in rows) - ALLOWED_TABLE_FUNCTIONS

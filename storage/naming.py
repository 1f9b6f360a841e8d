"""Names of experiments: how they look, which are taken, and what else a person may have meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

import duckdb

from storage.errors import SettingError
from storage.store import Store

NAME_PATTERN = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MAX_NAME_LENGTH = 60


def view_name(experiment_name: str) -> str:
    """Name of an experiment's view, usable in SQL without quotes."""
    return experiment_name.replace("-", "_")


def check_name(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Refuse a name that is malformed or that SQL could not use.

    Raises:
        SettingError: With what is wrong and an example.
    """
    if not NAME_PATTERN.fullmatch(name) or len(name) > MAX_NAME_LENGTH:
        raise SettingError(
            f"the experiment name {name!r} cannot be used: write lower-case letters and digits in words joined by "
            f'single hyphens, starting with a letter, at most {MAX_NAME_LENGTH} characters, as in "squad-small"'
        )
    if view_name(name) in _taken_words(connection):
        raise SettingError(
            f"the experiment name {name!r} cannot be used because {view_name(name)!r} already has a meaning in SQL "
            f"or in the database: choose another, such as {name + '-1'!r}"
        )


def free_name(store: Store, base: str, avoid: Collection[str] = ()) -> str:
    """``base`` if no experiment has it, else the first free of ``base-2``, ``base-3``, ...

    Args:
        store: The open database.
        base: The name that is wanted.
        avoid: Names that are taken outside the database.

    Raises:
        SettingError: ``base`` is not a well-formed name.
    """
    with store.read() as connection:
        taken = _taken_words(connection) | {view_name(name) for name in avoid}
        if view_name(base) not in taken:
            check_name(connection, base)
            return base
        number = 2
        while True:
            suffix = f"-{number}"
            name = base[: MAX_NAME_LENGTH - len(suffix)].rstrip("-") + suffix
            if view_name(name) not in taken:
                check_name(connection, name)
                return name
            number += 1


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """End of an error message: the known names closest to ``name``, else all there are."""
    names = sorted(known)
    if not names:
        return "there are none yet"
    close = get_close_matches(name, names, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(names[:10])}"


def _taken_words(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Names of tables and views, DuckDB's own included, and words that SQL keeps for itself."""
    rows = connection.execute(
        """
        SELECT lower(table_name) FROM duckdb_tables()
        UNION SELECT lower(view_name) FROM duckdb_views()
        UNION SELECT lower(keyword_name) FROM duckdb_keywords() WHERE keyword_category != 'unreserved'
        """
    ).fetchall()
    return {word for (word,) in rows}

"""Reads a study from a file, by what is in the file."""

from __future__ import annotations

import json
from pathlib import Path

from engine.errors import DatasetError
from engine.importing.csv_table import read_csv
from engine.importing.optuna_journal import read_journal
from engine.importing.optuna_sqlite import read_sqlite
from engine.importing.optuna_study import converted
from engine.importing.study import Study
from engine.importing.wishes import Wishes

_SQLITE = b"SQLite format 3\x00"


def read_study_file(path: Path, wishes: Wishes) -> Study:
    """The study in an Optuna storage (SQLite or journal) or in a table.

    Raises:
        DatasetError: when the file cannot be read, or is none of these.
        SettingError: when what is wished for does not fit it.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror})") from error
    if head.startswith(_SQLITE):
        return converted(read_sqlite(path, wishes.study), wishes)
    if _is_journal(head):
        return converted(read_journal(path, wishes.study), wishes)
    if path.suffix.lower() in (".csv", ".tsv"):
        return read_csv(path, wishes)
    raise DatasetError(
        f"{path} is no study that can be imported; give an Optuna storage (an SQLite file, or a journal file), or a "
        "table with one row a trial whose name ends in .csv or .tsv"
    )


def _is_journal(head: bytes) -> bool:
    """Whether a file begins with a line of an Optuna journal."""
    try:
        first = json.loads(head.split(b"\n")[0])
    except ValueError:
        return False
    return isinstance(first, dict) and "op_code" in first

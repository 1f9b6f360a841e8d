"""Reads a study from a table of trials, one row each, as any tool or spreadsheet can write it."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

from engine.errors import DatasetError, SettingError
from engine.importing.optuna_study import STATES
from engine.importing.study import MAX_TRIALS, Study, StudyTrial
from engine.importing.wishes import Wishes
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter, Value

NUMBERS = ("trial", "number", "trial_number")
"""Columns that may hold the number of a trial."""
STATE = "state"
_STATES = {
    **{name.lower(): state for name, state in STATES.items()},
    **{state: state for state in STATES.values()},
    "finished": "completed",
    "crashed": "failed",
    "": "completed",
}
Row = dict[str, str]


def read_csv(path: Path, wishes: Wishes) -> Study:
    """A study from a CSV file, or one with tabs where its name ends in ``.tsv``.

    Columns that are wished for are metrics; ``trial`` or ``number`` and ``state`` are what they say; all others, or
    those that are wished for, are parameters. A row without a value of an objective counts as failed.

    Raises:
        DatasetError: when it is no table.
        SettingError: when a column is not there, or nothing is said about metrics.
    """
    if not wishes.metrics:
        raise SettingError(
            "a table needs to be told its metrics; give --metric NAME:maximize or NAME:minimize"
        )
    columns, rows = _rows(path)
    parameters = _parameter_columns(columns, wishes)
    kinds = {name: _parameter([row[name] for row in rows if row[name]]) for name in parameters}
    whole = [row for row in rows if all(row[name] for name in parameters)]
    if not whole:
        raise SettingError(f"no row of {path.name} has a value for each of {', '.join(parameters)}")
    numbered = next((name for name in NUMBERS if name in columns and name not in parameters), None)
    trials = [
        _trial(row, place if numbered is None else _whole(row[numbered], numbered), kinds, wishes)
        for place, row in enumerate(whole)
    ]
    lost = len(rows) - len(whole)
    notes = [f"{lost} of {len(rows)} rows have not all parameters, and are left out."] if lost else []
    return Study(
        source=f"table {path.name}",
        metrics=tuple(wish.metric for wish in wishes.metrics),
        parameters=kinds,
        trials=tuple(trials),
        notes=tuple(notes),
    )


def _rows(path: Path) -> tuple[list[str], list[Row]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(
                file, delimiter="\t" if path.suffix == ".tsv" else ",", restval="", strict=True
            )
            rows = [{name: (value or "").strip() for name, value in row.items() if name} for row in reader]
            columns = [name for name in reader.fieldnames or [] if name]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{path} cannot be read as a table: {error}") from error
    if not rows:
        raise DatasetError(f"{path} has no rows")
    if len(rows) > MAX_TRIALS:
        raise DatasetError(f"{path} has {len(rows):,} rows, more than {MAX_TRIALS:,}")
    return columns, rows


def _parameter_columns(columns: Sequence[str], wishes: Wishes) -> list[str]:
    needed = [*(wish.source for wish in wishes.metrics), *wishes.parameters]
    for name in needed:
        if name not in columns:
            raise SettingError(f"there is no column {name!r}; there are: {', '.join(columns)}")
    if wishes.parameters:
        return list(wishes.parameters)
    taken = {*(wish.source for wish in wishes.metrics), *NUMBERS, STATE}
    found = [name for name in columns if name not in taken]
    if not found:
        raise SettingError("every column is a metric; at least one must be a parameter")
    return found


def _parameter(texts: Sequence[str]) -> FloatParameter | IntegerParameter | CategoricalParameter:
    """The range of a column: from its smallest to its largest number, or its different words."""
    numbers = [_number(text) for text in texts]
    if not texts or any(number is None for number in numbers):
        return CategoricalParameter(values=tuple(sorted(set(texts))) or ("",))
    known = [number for number in numbers if number is not None]
    low, high = min(known), max(known)
    whole = all(number.is_integer() for number in known)
    if low == high:
        return CategoricalParameter(values=(int(low) if whole else low,))
    if whole:
        return IntegerParameter(low=int(low), high=int(high))
    return FloatParameter(low=low, high=high, log=low > 0 and high / low >= 100)


def _trial(
    row: Row,
    number: int,
    kinds: dict[str, FloatParameter | IntegerParameter | CategoricalParameter],
    wishes: Wishes,
) -> StudyTrial:
    state = _STATES.get(row.get(STATE, "").lower())
    if state is None:
        raise SettingError(
            f"trial {number}: state {row[STATE]!r} is none of {', '.join(filter(None, _STATES))}"
        )
    measured = {
        wish.metric.name: value for wish in wishes.metrics if (value := _number(row[wish.source])) is not None
    }
    needed = {wish.metric.name for wish in wishes.metrics if wish.metric.role != "store"}
    if state == "completed" and not needed <= measured.keys():
        state = "failed"
    return StudyTrial.model_validate(
        {
            "number": number,
            "state": state,
            "parameters": {name: _value(kind, row[name]) for name, kind in kinds.items()},
            "metrics": measured if state == "completed" else {},
        }
    )


def _value(kind: FloatParameter | IntegerParameter | CategoricalParameter, text: str) -> Value:
    if isinstance(kind, CategoricalParameter) and isinstance(kind.values[0], str):
        return text
    number = float(text)
    return int(number) if number.is_integer() and not isinstance(kind, FloatParameter) else number


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _whole(text: str, column: str) -> int:
    number = _number(text)
    if number is None or not number.is_integer() or number < 0:
        raise SettingError(f"column {column}: {text!r} is no number of a trial")
    return int(number)

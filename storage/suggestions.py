"""Rows of suggestions: why a strategy chose a trial."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from storage.clock import utc_now
from storage.store import Store


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """Why a strategy chose a trial.

    Attributes:
        strategy: The strategy, or the part of it, that made the suggestion.
        acquisition_value: Value of the acquisition function, if it has one.
        predicted: What it expected of the metrics, in a form of its own that JSON can hold.
        seconds: How long it took.
        note: A sentence for a person.
    """

    strategy: str
    acquisition_value: float | None = None
    predicted: Mapping[str, Any] | None = None
    seconds: float | None = None
    note: str | None = None


def insert_suggestion(
    connection: duckdb.DuckDBPyConnection, experiment_id: int, number: int, why: SuggestionRow
) -> None:
    """Store why the trial ``number`` was chosen, in the transaction that adds the trial."""
    predicted = None if why.predicted is None else json.dumps(dict(why.predicted), allow_nan=False)
    connection.execute(
        "INSERT INTO suggestions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            experiment_id,
            number,
            why.strategy,
            why.acquisition_value,
            predicted,
            why.seconds,
            why.note,
            utc_now(),
        ],
    )


def get_suggestion(store: Store, experiment_id: int, number: int) -> SuggestionRow | None:
    """Why the trial ``number`` was chosen; None where no strategy suggested it."""
    with store.read() as connection:
        row = connection.execute(
            """
            SELECT strategy, acquisition_value, predicted, seconds, note FROM suggestions
            WHERE experiment_id = ? AND number = ?
            """,
            [experiment_id, number],
        ).fetchone()
    if row is None:
        return None
    strategy, acquisition_value, predicted, seconds, note = row
    return SuggestionRow(
        strategy, acquisition_value, None if predicted is None else json.loads(predicted), seconds, note
    )

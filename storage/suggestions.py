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
        model: What its models were fitted to and found, in a form of its own that JSON can hold.
    """

    strategy: str
    acquisition_value: float | None = None
    predicted: Mapping[str, Any] | None = None
    seconds: float | None = None
    note: str | None = None
    model: Mapping[str, Any] | None = None


def insert_suggestion(
    connection: duckdb.DuckDBPyConnection, experiment_id: int, number: int, why: SuggestionRow
) -> None:
    """Store why the trial ``number`` was chosen, in the transaction that adds the trial."""
    connection.execute(
        "INSERT INTO suggestions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            experiment_id,
            number,
            why.strategy,
            why.acquisition_value,
            _to_json(why.predicted),
            why.seconds,
            why.note,
            utc_now(),
            _to_json(why.model),
        ],
    )


def get_suggestion(store: Store, experiment_id: int, number: int) -> SuggestionRow | None:
    """Why the trial ``number`` was chosen; None where no strategy suggested it."""
    with store.read() as connection:
        row = connection.execute(
            """
            SELECT strategy, acquisition_value, predicted, seconds, note, model FROM suggestions
            WHERE experiment_id = ? AND number = ?
            """,
            [experiment_id, number],
        ).fetchone()
    if row is None:
        return None
    strategy, acquisition_value, predicted, seconds, note, model = row
    return SuggestionRow(strategy, acquisition_value, _from_json(predicted), seconds, note, _from_json(model))


def _to_json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(dict(value), allow_nan=False)


def _from_json(text: str | None) -> Mapping[str, Any] | None:
    if text is None:
        return None
    value: Mapping[str, Any] = json.loads(text)
    return value

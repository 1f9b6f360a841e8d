"""Rows of extractions: the sorted space, and what trials found of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage.store import Store


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """An architecture of an extraction.

    Attributes:
        place: In the order of the space, from 0.
        architecture: Its parameters.
        lemma_parameters: Parameters of its encoder, embeddings and pooler.
        lemma_operations: Operations of its encoder and pooler for one input.
        chosen: Whether it is in the partition.
    """

    place: int
    architecture: Mapping[str, Any]
    lemma_parameters: int
    lemma_operations: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class FoundRow:
    """An architecture with what a trial found of it; one of several if it was trained with several settings.

    Attributes:
        candidate: The architecture.
        trial: Number of the trial; None where there is none.
        w: Its W-coefficient; None before its trial is complete.
        surrogate_error: Its surrogate error, likewise.
    """

    candidate: CandidateRow
    trial: int | None
    w: float | None
    surrogate_error: float | None


def put_candidates(store: Store, experiment_id: int, candidates: Sequence[CandidateRow]) -> None:
    """Store the sorted space of an experiment in place of what was stored of it."""
    with store.write() as connection:
        connection.execute("DELETE FROM extraction_candidates WHERE experiment_id = ?", [experiment_id])
        if not candidates:
            return
        connection.executemany(
            "INSERT INTO extraction_candidates VALUES (?, ?, ?, ?, ?, ?)",
            [
                [
                    experiment_id,
                    row.place,
                    json.dumps(dict(row.architecture)),
                    row.lemma_parameters,
                    row.lemma_operations,
                    row.chosen,
                ]
                for row in candidates
            ],
        )


def found_candidates(store: Store, name: str) -> list[FoundRow]:
    """The whole space of the experiment called ``name`` in its order; empty for other strategies."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT place, architecture, lemma_parameters, lemma_operations, chosen, trial, w, surrogate_error
            FROM extraction WHERE experiment = ? ORDER BY place, trial
            """,
            [name],
        ).fetchall()
    return [
        FoundRow(CandidateRow(place, json.loads(architecture), parameters, operations, chosen), *found)
        for place, architecture, parameters, operations, chosen, *found in rows
    ]

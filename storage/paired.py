"""Metrics example by example of a few trials, whichever experiments they are of, for comparing them pair by pair."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.store import Store


@dataclass(frozen=True, slots=True, eq=False)
class ScoredExamples:
    """One metric of one trial, example by example, in the order of ``examples``.

    Attributes:
        examples: a number for each example's name, ascending, shape (examples,).
        values: shape (examples,).
        weights: how much each counts, shape (examples,).
    """

    examples: NDArray[np.uint64]
    values: NDArray[np.float32]
    weights: NDArray[np.float32]


def metrics_by_example(store: Store, trial_ids: Collection[int]) -> dict[int, list[str]]:
    """Names of the metrics each trial has example by example; a trial without any is left out."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT trial_id, list(DISTINCT metric ORDER BY metric) FROM example_scores
            WHERE list_contains(?, trial_id) GROUP BY trial_id
            """,
            [list(trial_ids)],
        ).fetchall()
    return {int(trial): list(names) for trial, names in rows}


def scored_examples(store: Store, trial_ids: Collection[int], metric: str) -> dict[int, ScoredExamples]:
    """A metric of each trial that has it, by the trial's id."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT trial_id, hash(example) AS example, value, weight FROM example_scores
            WHERE list_contains(?, trial_id) AND metric = ? ORDER BY trial_id, example
            """,
            [list(trial_ids), metric],
        ).fetchnumpy()
    found: dict[int, ScoredExamples] = {}
    for trial in np.unique(rows["trial_id"]):
        own = rows["trial_id"] == trial
        found[int(trial)] = ScoredExamples(
            np.asarray(rows["example"][own], np.uint64),
            np.asarray(rows["value"][own], np.float32),
            np.asarray(rows["weight"][own], np.float32),
        )
    return found

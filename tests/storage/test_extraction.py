"""The sorted space of an extraction as rows, with what trials found of it."""

from __future__ import annotations

import pytest

from storage.experiments import ExperimentRow
from storage.extraction import CandidateRow, FoundRow, found_candidates, put_candidates
from storage.sql import run_query
from storage.store import Store
from storage.trials import NewTrial, add_trials

SPACE = [
    CandidateRow(0, {"n_layers": 2, "hidden_size": 128}, 1_000, 5_000, chosen=True),
    CandidateRow(1, {"n_layers": 2, "hidden_size": 256}, 3_000_000_000, 9_000, chosen=False),
    CandidateRow(2, {"n_layers": 12, "hidden_size": 128}, 4_000_000_000, 8_000, chosen=True),
]


@pytest.fixture
def extraction(store: Store, demo: ExperimentRow) -> ExperimentRow:
    """Three architectures; the first was trained with two learning rates, the last is running."""
    put_candidates(store, demo.experiment_id, SPACE)
    teacher = NewTrial("teacher", {}, 0)
    students = [
        NewTrial("student", {"hidden_size": 128, "n_layers": 2, "learning_rate": 0.1}, 1),
        NewTrial("student", {"hidden_size": 128, "n_layers": 2, "learning_rate": 1.0}, 2),
        NewTrial("student", {"hidden_size": 128, "n_layers": 12, "learning_rate": 0.1}, 3),
    ]
    first, *others = add_trials(store, demo.experiment_id, [teacher, *students], state="completed")
    with store.write() as connection:
        for trial, w, error in ((others[0], 0.5, 2.0), (others[1], 0.25, 4.0), (first, 9.0, 9.0)):
            for name, value in (("w", w), ("surrogate_error", error)):
                connection.execute(
                    "INSERT INTO trial_metrics VALUES (?, ?, ?, NULL)", [trial.trial_id, name, value]
                )
    return demo


def test_the_whole_space_comes_back_in_its_order_with_what_was_found(
    store: Store, extraction: ExperimentRow
) -> None:
    assert found_candidates(store, extraction.name) == [
        FoundRow(SPACE[0], 1, 0.5, 2.0),
        FoundRow(SPACE[0], 2, 0.25, 4.0),
        FoundRow(SPACE[1], None, None, None),
        FoundRow(SPACE[2], 3, None, None),
    ]
    assert found_candidates(store, "another") == []


def test_a_person_can_ask_for_the_largest_w(store: Store, extraction: ExperimentRow) -> None:
    found = run_query(
        store,
        "SELECT architecture->>'$.n_layers' AS layers, max(w) FROM extraction "
        "WHERE experiment = 'demo' AND chosen GROUP BY layers ORDER BY layers",
    )
    assert found.rows == [("12", None), ("2", 0.5)]


def test_storing_again_replaces(store: Store, extraction: ExperimentRow) -> None:
    put_candidates(store, extraction.experiment_id, SPACE[:1])
    assert [row.candidate.place for row in found_candidates(store, extraction.name)] == [0, 0]
    put_candidates(store, extraction.experiment_id, [])
    assert found_candidates(store, extraction.name) == []

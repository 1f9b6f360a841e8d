"""Rows of Agora runs: rounds, students and generated examples, as they come in and as they are read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from storage.agora import (
    COLUMNS,
    AgoraRound,
    NewAgoraTrial,
    add_agora_trials,
    agora_place,
    agora_rounds,
    agora_trials,
    ingest_generated,
    ingest_reconsidered,
    is_of_past_round,
    put_rounds,
)
from storage.agora_views import examples_page, growth_frame, round_rows, student_rows
from storage.experiments import ExperimentRow
from storage.sql import run_query
from storage.store import Store
from storage.trials import NewTrial, list_trials

FIRST = AgoraRound(0, ("a", "b"), 1, "a", 70.0, "accuracy", ("b",), "worst")
TEXTS = ("example", "parent", "transformation", "original_text", "text")


@pytest.fixture
def run(store: Store, demo: ExperimentRow) -> ExperimentRow:
    """Two students of the first round, the trial that makes the data of the second, and one student of that."""
    students = [NewAgoraTrial(NewTrial("student", {}, 7), 0, name, ()) for name in ("a", "b")]
    maker = NewAgoraTrial(NewTrial("augmentation", {}, 0), 1, None, (1,))
    last = NewAgoraTrial(NewTrial("student", {}, 7), 1, "a", (1,))
    add_agora_trials(store, demo.experiment_id, [*students, maker, last], state="completed")
    put_rounds(store, demo.experiment_id, [FIRST])
    return demo


def generated(folder: Path, count: int = 4, round_number: int = 1) -> Path:
    """A file of examples; every other one was left out."""
    columns: dict[str, list[object]] = {name: [None] * count for name in COLUMNS}
    columns |= {name: [f"{name} {place}" for place in range(count)] for name in TEXTS}
    columns |= {"round": [round_number] * count, "position": list(range(count))}
    columns |= {"kept": [place % 2 == 0 for place in range(count)]}
    columns |= {"reason": [None if place % 2 == 0 else "balance" for place in range(count)]}
    columns |= {"teacher_label": ["yes"] * count, "teacher_confidence": [0.9] * count}
    path = folder / "generated.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def trial_id(store: Store, run: ExperimentRow, number: int) -> int:
    return list_trials(store, run.experiment_id, numbers=[number])[0].trial_id


def test_places_in_the_rounds_come_back(store: Store, run: ExperimentRow) -> None:
    found = agora_trials(store, run.experiment_id)
    assert [(item.number, item.round, item.set_id, item.parents) for item in found] == [
        (1, 0, "a", ()),
        (2, 0, "b", ()),
        (3, 1, None, (1,)),
        (4, 1, "a", (1,)),
    ]
    assert agora_place(store, trial_id(store, run, 4)) == (1, (1,))
    assert agora_place(store, 999) is None
    assert [is_of_past_round(store, trial_id(store, run, number)) for number in (1, 2, 3, 4)] == [
        True,
        True,
        False,
        False,
    ]


def test_rounds_are_written_where_they_changed(store: Store, run: ExperimentRow) -> None:
    before = store.revision
    put_rounds(store, run.experiment_id, [FIRST])
    assert store.revision == before, "the runner asks several times a second"
    later = AgoraRound(1, ("a",), None, None, None, "accuracy", None, None)
    put_rounds(store, run.experiment_id, [FIRST, later])
    assert agora_rounds(store, run.experiment_id) == [FIRST, later]


def test_generated_examples_replace_those_of_the_round(
    store: Store, run: ExperimentRow, tmp_path: Path
) -> None:
    maker = trial_id(store, run, 3)
    assert ingest_generated(store, maker, generated(tmp_path, 6)) == 6
    assert ingest_generated(store, maker, generated(tmp_path)) == 4
    page = examples_page(store, run.name, limit=2, offset=1)
    assert page.total == 4
    assert page.examples["example"].tolist() == ["example 1", "example 2"]
    assert examples_page(store, run.name, kept=False).total == 2
    assert examples_page(store, run.name, kept=False, reason="length").total == 0
    assert examples_page(store, run.name, label="yes", transformation="transformation 3").total == 1
    growth = growth_frame(store, run.name)
    assert growth["examples"].sum() == 4
    assert growth_frame(store, "another").empty


@pytest.mark.parametrize("damage", ["missing", "no parquet", "other columns"])
def test_a_bad_file_is_left_aside(store: Store, run: ExperimentRow, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "bad.parquet"
    if damage == "no parquet":
        path.write_bytes(b"PAR1 nonsense")
    if damage == "other columns":
        pq.write_table(pa.table({"example": ["a"]}), path)
    assert ingest_generated(store, trial_id(store, run, 3), path) == 0
    ingest_reconsidered(store, trial_id(store, run, 3), path)
    assert examples_page(store, run.name).total == 0


def test_what_a_student_says_later_stands_beside_the_example(
    store: Store, run: ExperimentRow, tmp_path: Path
) -> None:
    ingest_generated(store, trial_id(store, run, 3), generated(tmp_path))
    next_maker = NewAgoraTrial(NewTrial("augmentation", {}, 0), 2, None, (1, 4))
    add_agora_trials(store, run.experiment_id, [next_maker], state="completed")
    path = tmp_path / "again.parquet"
    said = {"example": ["example 2", "none"], "after_label": ["yes", "no"], "after_confidence": [0.8, 0.7]}
    pq.write_table(pa.table(said), path)
    ingest_reconsidered(store, trial_id(store, run, 5), path)
    examples = examples_page(store, run.name).examples
    assert examples["after_label"].isna().tolist() == [True, True, False, True]
    assert examples["after_confidence"].iloc[2] == 0.8


def test_students_have_the_score_that_ranks_them(store: Store, run: ExperimentRow) -> None:
    with store.write() as connection:
        for name, value in (("accuracy", 70.0), ("f1", 20.0)):
            connection.execute(
                "INSERT INTO trial_metrics VALUES (?, ?, ?, NULL)", [trial_id(store, run, 1), name, value]
            )
        for name, value in (("mistakes", 9.0), ("accepted", 5.0), ("labelling_seconds", 1.5)):
            connection.execute(
                "INSERT INTO trial_metrics VALUES (?, ?, ?, NULL)", [trial_id(store, run, 3), name, value]
            )
    assert [(item.trial, item.score) for item in student_rows(store, run.name)] == [
        (1, 70.0),
        (2, None),
        (4, None),
    ]
    [found] = round_rows(store, run.name)
    assert (found.sets_alive, found.data_trial, found.mistakes, found.accepted) == (2, 3, 9, 5)
    assert found.labelling_seconds == 1.5
    assert found.generated is None
    asked = run_query(
        store, "SELECT round, sets_alive, accepted FROM agora_by_round WHERE experiment = 'demo'"
    )
    assert asked.rows == [(0, 2, 5)]

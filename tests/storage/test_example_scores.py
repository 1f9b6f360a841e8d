"""Metrics by example: whatever a trial wrote, its rows are whole or none, and trials line up or are left out."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from storage import example_scores
from storage.example_scores import example_matrix, ingest_example_scores
from storage.experiments import ExperimentRow
from storage.sql import run_query
from storage.store import Store
from storage.trials import NewTrial, TrialRow, add_trials

EXAMPLES = ["q1", "q2", "q3"]


@pytest.fixture
def trials(store: Store, demo: ExperimentRow) -> list[TrialRow]:
    new = [
        NewTrial("baseline", {"layers": 3}, 0),
        *(NewTrial("student", {"layers": 2}, seed) for seed in (1, 2, 3)),
    ]
    return add_trials(store, demo.experiment_id, new, state="completed")


def table(
    values: list[float], examples: list[str] = EXAMPLES, metric: str = "exact", **more: object
) -> pa.Table:
    count = len(values)
    columns = {
        "metric": [metric] * count,
        "position": pa.array(range(count), pa.int32()),
        "example": examples[:count],
        "value": pa.array(values, pa.float32()),
        "weight": pa.array([1.0] * count, pa.float32()),
    }
    return pa.table(columns | more)


def put(store: Store, trial: TrialRow, folder: Path, written: pa.Table) -> int:
    path = folder / "example_scores.parquet"
    pq.write_table(written, path)
    return ingest_example_scores(store, trial.trial_id, path)


def rows(store: Store) -> list[tuple]:
    with store.read() as connection:
        return connection.execute("SELECT * FROM example_scores ORDER BY ALL").fetchall()


def test_a_file_is_stored_once_however_often_it_is_read(
    store: Store, trials: list[TrialRow], tmp_path: Path
) -> None:
    for _ in range(2):
        assert put(store, trials[0], tmp_path, table([1, 0, 1])) == 3
    identifier = trials[0].trial_id
    assert rows(store) == [
        (identifier, "exact", 0, "q1", 1.0, 1.0),
        (identifier, "exact", 1, "q2", 0.0, 1.0),
        (identifier, "exact", 2, "q3", 1.0, 1.0),
    ]
    put(store, trials[1], tmp_path, table([0, 0, 1]))
    assert put(store, trials[0], tmp_path, table([0.5, 0.25], metric="f1")) == 2
    assert [row[1] for row in rows(store) if row[0] == identifier] == ["f1", "f1"], "replaced, not added to"
    assert len(rows(store)) == 5
    with store.read() as connection, pytest.raises(duckdb.CatalogException):
        connection.execute("SELECT * FROM incoming_scores")


def test_a_trial_of_an_older_version_has_none(store: Store, trials: list[TrialRow], tmp_path: Path) -> None:
    assert ingest_example_scores(store, trials[0].trial_id, tmp_path / "missing.parquet") == 0
    assert rows(store) == []


BAD = {
    "a missing column": table([1, 0]).drop_columns(["weight"]),
    "no number": table([1, 0], value=["right", "wrong"]),
    "an empty cell": table([1, 0], example=["q1", None]),
    "not finite": table([1, float("nan")]),
}


@pytest.mark.parametrize("written", BAD.values(), ids=BAD)
def test_what_cannot_be_used_is_left_aside_and_told(
    store: Store, trials: list[TrialRow], tmp_path: Path, caplog: pytest.LogCaptureFixture, written: pa.Table
) -> None:
    assert put(store, trials[0], tmp_path, written) == 0
    assert rows(store) == []
    assert "left aside" in caplog.text


def test_a_damaged_or_huge_file_is_left_aside(
    store: Store,
    trials: list[TrialRow],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "damaged.parquet"
    path.write_bytes(b"PAR1 but not really")
    assert ingest_example_scores(store, trials[0].trial_id, path) == 0
    monkeypatch.setattr(example_scores, "MAX_ROWS", 2)
    assert put(store, trials[0], tmp_path, table([1, 0, 1])) == 0
    assert caplog.text.count("left aside") == 2
    assert "more than the 2" in caplog.text


def test_trials_on_the_same_examples_make_a_matrix(
    store: Store, demo: ExperimentRow, trials: list[TrialRow], tmp_path: Path
) -> None:
    assert example_matrix(store, demo.experiment_id, "exact") is None
    put(store, trials[0], tmp_path, table([1, 0, 1]))
    put(store, trials[1], tmp_path, table([0, 0, 1]))
    put(store, trials[2], tmp_path, table([0, 1, 1], examples=["q1", "q2", "q9"]))
    put(store, trials[3], tmp_path, table([1, 1, 1], weight=pa.array([1.0, 1.0, 2.0])))
    found = example_matrix(store, demo.experiment_id, "exact")
    assert found is not None
    assert found.numbers == (1, 2)
    assert found.values.tolist() == [[1, 0, 1], [0, 0, 1]]
    assert found.weights.tolist() == [1, 1, 1]
    assert example_matrix(store, demo.experiment_id, "f1") is None


def test_only_completed_students_count(
    store: Store, demo: ExperimentRow, trials: list[TrialRow], tmp_path: Path
) -> None:
    teacher = add_trials(store, demo.experiment_id, [NewTrial("teacher", {}, 0)], state="completed")[0]
    running = add_trials(store, demo.experiment_id, [NewTrial("student", {"layers": 1}, 9)], state="running")[
        0
    ]
    for trial in (teacher, running, trials[2]):
        put(store, trial, tmp_path, table([1, 0, 1]))
    found = example_matrix(store, demo.experiment_id, "exact")
    assert found is not None
    assert found.numbers == (3,)


def test_hard_questions_are_one_query_away(store: Store, trials: list[TrialRow], tmp_path: Path) -> None:
    for trial, values in zip(trials, ([1, 0, 1], [1, 0, 0], [1, 1, 0]), strict=False):
        put(store, trial, tmp_path, table(list(map(float, values))))
    query = """
        SELECT example, avg(value) AS right_share FROM example_scores JOIN trials USING (trial_id)
        WHERE metric = 'exact' AND role != 'teacher' GROUP BY example ORDER BY right_share, example
        """
    result = run_query(store, query)
    assert result.frame()["example"].tolist() == ["q2", "q3", "q1"]

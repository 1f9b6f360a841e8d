"""Tables for programs: which rows, how many there are, and what becomes of values no format has."""

from __future__ import annotations

import io
import json
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from storage.errors import SettingError, UnknownNameError
from storage.experiments import ExperimentRow
from storage.exports import KINDS, MAX_ROWS, Part, experiment_export, experiments_export
from storage.store import Store
from storage.table_files import table_file
from storage.trials import NewTrial, add_trials


@pytest.fixture
def filled(store: Store, demo: ExperimentRow) -> Store:
    new = [NewTrial("teacher", {}, 0), *(NewTrial("student", {"layers": n}, n) for n in (2, 4))]
    for trial in add_trials(store, demo.experiment_id, new, state="completed"):
        with store.write() as connection:
            connection.execute(
                "INSERT INTO trial_metrics VALUES (?, 'exact', ?, NULL)", [trial.trial_id, trial.number]
            )
            connection.execute(
                "INSERT INTO steps (trial_id, step, loss, ts) SELECT ?, s, 1.5, TIMESTAMP '2026-01-01' "
                "FROM range(3) AS t(s)",
                [trial.trial_id],
            )
    return store


def test_rows_limits_and_totals(filled: Store) -> None:
    found = experiment_export(filled, "demo", "curves", Part(limit=4, offset=1))
    assert (found.table.num_rows, found.total) == (4, 9)
    assert found.table["trial"].to_pylist() == [0, 0, 1, 1]
    one = experiment_export(filled, "demo", "curves", Part(trial=2))
    assert (one.total, set(one.table["trial"].to_pylist())) == (3, {2})
    assert experiments_export(filled, Part()).table["name"].to_pylist() == ["demo"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_empty(store: Store, demo: ExperimentRow, kind: str) -> None:
    found = experiment_export(store, "demo", kind, Part())
    assert (found.table.num_rows, found.total) == (0, 0)
    for form in ("json", "csv", "parquet", "arrow"):
        assert table_file(found.table, form)  # type: ignore[arg-type]


def test_what_cannot_be_had(store: Store, demo: ExperimentRow) -> None:
    with pytest.raises(UnknownNameError):
        experiment_export(store, "nothing", "trials", Part())
    with pytest.raises(SettingError, match="limit"):
        Part(limit=MAX_ROWS + 1)


TABLE = pa.table(
    {
        "number": [1.5, math.nan, None],
        "text": ['a "b", c', None, "\u00fc"],
        "flag": [True, False, None],
        "list": [[1, 2], [], None],
    }
)


def test_json_has_no_nan() -> None:
    rows = json.loads(table_file(TABLE, "json"))
    assert rows[0] == {"number": 1.5, "text": 'a "b", c', "flag": True, "list": [1, 2]}
    assert [row["number"] for row in rows] == [1.5, None, None]


def test_csv_quotes_where_it_must() -> None:
    lines = table_file(TABLE, "csv").decode().splitlines()
    assert lines[0] == "number,text,flag,list"
    assert lines[1] == '1.5,"a ""b"", c",true,"[1, 2]"'
    assert lines[3] == ',"\u00fc",,'


def test_parquet_and_arrow_keep_every_type() -> None:
    assert pq.read_table(io.BytesIO(table_file(TABLE, "parquet"))).schema.types == TABLE.schema.types
    read = pa.ipc.open_file(io.BytesIO(table_file(TABLE, "arrow"))).read_all()
    assert read.schema.types == TABLE.schema.types

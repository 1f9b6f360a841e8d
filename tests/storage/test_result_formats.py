"""A result as CSV, JSON and Parquet."""

from __future__ import annotations

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from storage.result_formats import to_csv, to_json, to_parquet
from storage.sql import QueryResult, run_query
from storage.store import Store

ODD = """
SELECT 1 AS i, 0.5 AS d, 'nan'::DOUBLE AS n, '-inf'::DOUBLE AS m, 'a,"b"' AS t, TIMESTAMP '2026-11-20 05:10:11' AS ts,
    DATE '2026-11-20' AS day, [1, NULL] AS l, {'x': 1.5} AS s, NULL AS z, true AS b, INTERVAL 90 SECOND AS v,
    '\\xAA'::BLOB AS raw, '0709ce77-0b50-46c0-b3e8-4fb045686eaa'::UUID AS u,
    170141183460469231731687303715884105727 AS h
"""


@pytest.fixture
def odd(store: Store) -> QueryResult:
    return run_query(store, ODD)


def test_json(odd: QueryResult) -> None:
    assert json.loads(to_json(odd)) == [
        {
            "i": 1,
            "d": 0.5,
            "n": None,
            "m": None,
            "t": 'a,"b"',
            "ts": "2026-11-20T05:10:11",
            "day": "2026-11-20",
            "l": [1, None],
            "s": {"x": 1.5},
            "z": None,
            "b": True,
            "v": "0:01:30",
            "raw": "aa",
            "u": "0709ce77-0b50-46c0-b3e8-4fb045686eaa",
            "h": 2**127 - 1,
        }
    ]


def test_csv(odd: QueryResult) -> None:
    header, row = csv.reader(io.StringIO(to_csv(odd)))
    cells = dict(zip(header, row, strict=True))
    assert cells["t"] == 'a,"b"'
    assert cells["n"] == "nan"
    assert cells["z"] == ""
    assert cells["b"] == "true"
    assert json.loads(cells["l"]) == [1, None]


def test_parquet(odd: QueryResult) -> None:
    table = pq.read_table(io.BytesIO(to_parquet(odd)))
    assert table.column_names == odd.columns
    assert table.schema.field("i").type == pa.int32()
    assert table.schema.field("ts").type == pa.timestamp("us")
    row = table.to_pylist()[0]
    assert (row["i"], row["t"], row["l"], row["raw"]) == (1, 'a,"b"', [1, None], b"\xaa")
    assert row["n"] != row["n"]
    assert row["z"] is None


def test_empty_results_keep_their_columns(store: Store) -> None:
    empty = run_query(store, "SELECT number, state, created_at FROM trials")
    assert to_csv(empty) == "number,state,created_at\n"
    assert to_json(empty) == "[]"
    table = pq.read_table(io.BytesIO(to_parquet(empty)))
    assert table.schema.types == [pa.int32(), pa.string(), pa.timestamp("us")]
    assert table.num_rows == 0

"""Answers of every type are kept as they were given."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.errors import QueryError, StateError
from storage.excerpts import FrozenExcerpt, LiveExcerpt
from storage.experiments import ExperimentRow
from storage.freezing import freeze
from storage.kept_answers import keep_answer
from storage.sql import run_query, warm_up
from storage.sql_reading import Reading
from storage.store import Store

EVERY_TYPE = """
SELECT 1 AS one, 2.5::DOUBLE AS number, 1.25::DECIMAL(9, 2) AS exact, 'text' AS word, NULL AS nothing, true AS flag,
    [1, 2] AS list, {'a': 1, 'b': 'x'} AS structure, MAP {'k': 1.5} AS map, TIMESTAMP '2026-01-01 10:00:00' AS ts,
    DATE '2026-01-01' AS day, TIME '10:00:00' AS clock, INTERVAL 3 DAYS AS span, 'ab'::BLOB AS bytes,
    '{"a": 1}'::JSON AS document, 170141183460469231731687303715884105727::HUGEINT AS huge,
    'b'::ENUM('a', 'b') AS choice, 7 AS "ONE", uuid() AS id
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL
"""


@pytest.fixture
def copy(store: Store, demo: ExperimentRow, tmp_path: Path) -> Path:
    path = tmp_path / "copy.duckdb"
    whole = LiveExcerpt(store, [])
    freeze(whole, path, [])
    whole.close()
    return path


def keep(store: Store, copy: Path, sql: str, **parameters: object) -> tuple[Reading, FrozenExcerpt]:
    found = run_query(store, sql, parameters=parameters)
    reading = Reading(found.columns, found.types, found.rows, found.truncated)
    with Store.open(copy) as opened:
        keep_answer(opened, sql, parameters, reading)
    return reading, FrozenExcerpt(copy, store, datetime.now(UTC))


def test_an_answer_is_given_again(store: Store, copy: Path) -> None:
    reading, frozen = keep(store, copy, EVERY_TYPE)
    again = run_query(frozen, EVERY_TYPE)
    assert (again.columns, again.types, again.rows, again.truncated) == tuple(reading)
    assert [type(cell) for cell in again.rows[0]] == [type(cell) for cell in reading.rows[0]]
    frozen.close()


def test_it_is_that_of_its_query_and_parameters(store: Store, copy: Path) -> None:
    _, frozen = keep(store, copy, "SELECT $n + $m AS sum", n=1, m=2)
    assert run_query(frozen, "SELECT $n + $m AS sum", parameters={"m": 2, "n": 1}).rows == [(3,)]
    for sql, given in (("SELECT $n + $m AS sum", {"n": 1, "m": 3}), ("SELECT * FROM links", {})):
        with pytest.raises(QueryError, match="another query"):
            run_query(frozen, sql, parameters=given)
    frozen.close()


def test_a_copy_without_answers_says_so(store: Store, copy: Path) -> None:
    frozen = FrozenExcerpt(copy, store, datetime.now(UTC))
    warm_up(frozen)
    with pytest.raises(QueryError, match="no query"):
        run_query(frozen, "SELECT 1")
    frozen.close()


def test_order_and_length_are_kept(store: Store, copy: Path) -> None:
    sql = "SELECT 10000 - range AS n FROM range(20000)"
    _, frozen = keep(store, copy, sql)
    again = run_query(frozen, sql)
    assert again.truncated
    assert [n for (n,) in again.rows] == [10_000 - n for n in range(10_000)]
    frozen.close()


def test_queries_run_on_live_excerpts_of_everything_only(store: Store, demo: ExperimentRow) -> None:
    whole, part = LiveExcerpt(store, None), LiveExcerpt(store, ["demo"])
    assert run_query(whole, "SELECT name FROM experiments").rows == [("demo",)]
    with pytest.raises(StateError, match="some experiments"):
        run_query(part, "SELECT name FROM experiments")

"""Ad hoc SQL reads the data and nothing else, within its limits."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from storage.errors import BertFrontierError, QueryError
from storage.experiments import create_experiment
from storage.sql import run_query, warm_up
from storage.sql_processes import QueryCancelledError
from storage.sql_reading import SqlLimits
from storage.store import Store
from storage.trials import NewTrial, add_trials

READS = [
    "SELECT * FROM trials",
    "FROM demo",
    "TABLE trials;",
    "VALUES (1), (2)",
    "WITH t AS (SELECT 1 AS x) SELECT * FROM t -- done",
    "PIVOT (SELECT role, state FROM trials) ON role USING count(*)",
    "SUMMARIZE trials",
    "DESCRIBE trials",
    "SHOW TABLES",
    "EXPLAIN SELECT * FROM trials",
    "EXPLAIN ANALYZE SELECT * FROM trials",
    "SELECT range FROM range(3)",
    "SELECT * FROM trials JOIN generate_series(1, 2) ON true",
    "SELECT key, value FROM trials, json_each(parameters)",
    "SELECT comment FROM duckdb_columns()",
    "SELECT table_name FROM information_schema.tables",
    "SELECT 'COPY trials TO x; duckdb_settings() repeat(' AS harmless",
    "SELECT replace('a', 'a', 'b') /* read_csv('x') */",
    "SELECT count(*) AS repeat FROM trials",
    "SELECT histogram(number) FROM trials",
    "SELECT repeat('#', number), range(3), lpad('1', 3, '0') FROM trials",
]

WRITES = [
    "INSERT INTO trial_metrics VALUES (1, 'x', 1, 1)",
    "UPDATE trials SET state = 'x'",
    "DELETE FROM trials",
    "MERGE INTO trials USING trials AS t ON true WHEN MATCHED THEN DELETE",
    "TRUNCATE trials",
    "DROP TABLE trials",
    "DROP VIEW demo",
    "ALTER TABLE trials ADD COLUMN x INTEGER",
    "CREATE TABLE x AS SELECT 1",
    "CREATE TEMP TABLE x AS SELECT 1",
    "CREATE VIEW x AS SELECT 1",
    "CREATE MACRO x() AS 1",
    "CREATE SECRET x (TYPE s3)",
    "WITH x AS (INSERT INTO trial_metrics VALUES (1, 'x', 1, 1) RETURNING *) SELECT * FROM x",
    "WITH x AS (UPDATE trials SET state = 'x' RETURNING *) SELECT * FROM x",
    "WITH x AS (DELETE FROM trials RETURNING *) SELECT * FROM x",
    "EXPLAIN ANALYZE DELETE FROM trials",
    "EXPLAIN ANALYZE INSERT INTO trial_metrics VALUES (1, 'x', 1, 1)",
    "SELECT 1; DELETE FROM trials",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "CHECKPOINT",
    "SET threads = 1",
    "SET max_execution_time = 0",
    "RESET ALL",
    "SET VARIABLE x = 1",
    "PRAGMA database_list",
    "PRAGMA enable_profiling",
    "USE memory",
    "PREPARE x AS SELECT 1",
    "CALL pragma_version()",
    "VACUUM",
    "ANALYZE",
    "SELECT * FROM force_checkpoint()",
    "SELECT * FROM enable_logging()",
    "SELECT write_log('x')",
]

ESCAPES = [
    "COPY trials TO '{folder}/out.csv'",
    "WITH x AS (COPY trials TO '{folder}/out.csv') SELECT * FROM x",
    "EXPORT DATABASE '{folder}/out'",
    "ATTACH '{folder}/out.duckdb' AS other",
    "ATTACH ':memory:' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM \"read_text\"('{secret}')",
    "SELECT * FROM system.main.read_text /* blank */ ('{secret}')",
    "SELECT * FROM read_blob('{secret}')",
    "SELECT * FROM read_json('{secret}')",
    "SELECT * FROM read_parquet('{secret}')",
    "SELECT * FROM read_duckdb('{secret}')",
    "SELECT * FROM sniff_csv('{secret}')",
    "SELECT * FROM '{secret}'",
    "FROM '{secret}'",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM parquet_metadata('{secret}')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('trials')",
    "SELECT * FROM json_execute_serialized_sql('{{}}')",
    "SELECT * FROM pandas_scan(1, 1, 1)",
    "SELECT * FROM arrow_scan(1, 1, 1)",
    "SELECT * FROM duckdb_databases()",
    "SELECT * FROM duckdb_databases",
    "SELECT * FROM duckdb_settings()",
    "EXPLAIN ANALYZE SELECT * FROM duckdb_settings()",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM pg_catalog.pg_settings",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM which_secret('s3://x', 's3')",
    "SELECT * FROM duckdb_temporary_files()",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM duckdb_logs",
    "SELECT current_setting('temp_directory')",
    "SELECT\u00a0current_setting('temp_directory')",
    "SELECT getenv('HOME')",
    "SELECT nextval('x')",
    "SELECT sleep_ms(100000)",
    "SELECT * FROM secret_frame",
]

BOMBS = [
    "SELECT length(repeat('x', 3000000000))",
    "SELECT length('x'.repeat(3000000000))",
    "SELECT length(rpad('x', 2000000000, 'y'))",
    "SELECT list_resize([1], 3000000000)",
    "SELECT len(range(3000000000))",
    "SELECT length(replace(repeat('x', 100000000), 'x', repeat('y', 40)))",
    "SELECT sum(length(printf('%2000000000d', range))) FROM range(100)",
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all tests here, as none of them may change it."""
    with Store.open(tmp_path_factory.mktemp("home") / "frontier.duckdb") as store:
        demo = create_experiment(
            store,
            name="demo",
            task="squad",
            strategy="nehvi",
            budget_trials=12,
            spec={},
            spec_toml="",
            parameters={"layers": "integer"},
            metrics={"exact": "float"},
        )
        add_trials(
            store, demo.experiment_id, [NewTrial("teacher", {}, 0), NewTrial("student", {"layers": 3}, 1)]
        )
        yield store


def snapshot(store: Store) -> list[object]:
    with store.read() as connection:
        tables = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        return [(table, connection.execute(f"FROM {table} ORDER BY ALL").fetchall()) for (table,) in tables]


@pytest.mark.parametrize("sql", READS)
def test_reads_run(filled: Store, sql: str) -> None:
    result = run_query(filled, sql)
    assert len(result.columns) == len(result.types) == len(result.rows[0])
    assert not result.truncated
    assert len(result.frame()) == len(result.rows)


@pytest.mark.parametrize("sql", WRITES)
def test_writes_are_refused(filled: Store, sql: str) -> None:
    before = snapshot(filled)
    with pytest.raises(QueryError):
        run_query(filled, sql)
    assert snapshot(filled) == before
    with filled.write():
        pass


@pytest.mark.parametrize("sql", ESCAPES)
def test_nothing_outside_the_data_is_reached(filled: Store, tmp_path: Path, sql: str) -> None:
    secret_frame = run_query(filled, "SELECT 1").frame()
    secret = tmp_path / "secret.csv"
    secret.write_text("password\nhunter2\n")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(QueryError) as refused:
        run_query(filled, sql.format(folder=tmp_path, secret=secret))
    assert "hunter2" not in str(refused.value)
    assert sorted(tmp_path.iterdir()) == before
    assert len(secret_frame) == 1


@pytest.mark.parametrize("sql", BOMBS)
def test_bombs_hurt_nobody_else(filled: Store, sql: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(QueryError, match=r"wanted more than 1 GB of memory|stopped after 0\.5 seconds"):
        run_query(filled, sql, limits=SqlLimits(seconds=0.5))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
    assert run_query(filled, "SELECT 1").rows == [(1,)]


def test_a_result_tells_columns_types_and_values(filled: Store) -> None:
    result = run_query(filled, "SELECT 1 AS a, 2 AS a, 0.5 AS d, 'x' AS t, NULL AS n")
    assert result.columns == ["a", "a_2", "d", "t", "n"]
    assert result.types[:4] == ["INTEGER", "INTEGER", "DECIMAL(2,1)", "VARCHAR"]
    frame = result.frame()
    assert frame["d"].dtype == float
    assert frame["t"].tolist() == ["x"]
    assert list(run_query(filled, "SELECT 1 AS a WHERE false").frame()) == ["a"]


def test_named_parameters(filled: Store) -> None:
    query = "SELECT number FROM trials WHERE number <= $most AND role = $role"
    assert run_query(filled, query, parameters={"most": 5, "role": "student"}).rows == [(1,)]
    with pytest.raises(QueryError, match=r"without a value: \$role"):
        run_query(filled, query, parameters={"most": 5})
    assert run_query(filled, "SELECT 1", parameters={"unused": 5}).rows == [(1,)]


def test_parser_errors_keep_the_caret(filled: Store) -> None:
    with pytest.raises(QueryError) as error:
        run_query(filled, "SELEC 1")
    assert "LINE 1: SELEC 1" in str(error.value)
    assert str(error.value).splitlines()[-1].strip().startswith("^")


@pytest.mark.parametrize(
    ("sql", "why"),
    [("", "no statement"), ("-- nothing", "no statement"), ("SELECT 1; SELECT 2", "2 statements")],
)
def test_exactly_one_statement(filled: Store, sql: str, why: str) -> None:
    with pytest.raises(QueryError, match=why):
        run_query(filled, sql)


def test_times_with_a_zone_are_explained(filled: Store) -> None:
    with pytest.raises(QueryError, match="::TIMESTAMP"):
        run_query(filled, "SELECT now() AS present")
    assert run_query(filled, "SELECT now()::TIMESTAMP - created_at < INTERVAL 1 HOUR FROM trials").rows[
        0
    ] == (True,)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(100000000000) AS a",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT sum(n) FROM t",
        "SELECT sum(a.range * b.range) FROM range(1000000) AS a, trials JOIN range(1000000) AS b ON true",
    ],
)
def test_slow_queries_are_stopped_and_the_store_stays_usable(filled: Store, sql: str) -> None:
    with pytest.raises(QueryError, match=r"stopped after 0\.3 seconds"):
        run_query(filled, sql, limits=SqlLimits(seconds=0.3))
    assert run_query(filled, "SELECT 1").rows == [(1,)]


def test_rows_and_size_are_capped(filled: Store) -> None:
    exact = run_query(filled, "FROM range(7)", limits=SqlLimits(rows=7))
    assert (len(exact.rows), exact.truncated) == (7, False)
    capped = run_query(filled, "FROM range(1000000000)", limits=SqlLimits(rows=7))
    assert (capped.rows, capped.truncated) == ([(number,) for number in range(7)], True)
    large = run_query(
        filled, "SELECT range::VARCHAR AS t FROM range(100000)", limits=SqlLimits(megabytes=0.01)
    )
    assert large.truncated
    assert 0 < len(large.rows) < 1000


def test_queries_run_while_a_write_is_open(filled: Store) -> None:
    answers: list[object] = []
    with suppress(RuntimeError), filled.write() as connection:
        connection.execute("DELETE FROM trials")
        thread = threading.Thread(
            target=lambda: answers.append(run_query(filled, "SELECT count(*) FROM trials").rows)
        )
        thread.start()
        thread.join(timeout=60)
        raise RuntimeError
    assert answers == [[(2,)]]


def test_values_of_every_type_arrive(filled: Store) -> None:
    result = run_query(
        filled,
        """SELECT true AS b, 7::HUGEINT AS i, 0.5::DOUBLE AS d, 1.25::DECIMAL(4, 2) AS n, 'NaN'::DOUBLE AS x, 'é' AS t,
        DATE '2026-01-02' AS day, TIME '10:00' AS clock, TIMESTAMP '2026-01-02 10:00' AS ts, INTERVAL 90 SECOND AS span,
        uuid() AS u, 'ab'::BLOB AS raw, [1, NULL] AS l, {'a': [1]} AS s, MAP {'k': 2} AS m, '{"a": 1}'::JSON AS j""",
    )
    row = dict(zip(result.columns, result.rows[0], strict=True))
    assert row["x"] != row["x"]
    assert len(str(row["u"])) == 36
    assert [row[name] for name in ("b", "i", "d", "t", "raw", "l", "s", "m", "j")] == [
        *(True, 7, 0.5, "é", b"ab", [1, None], {"a": [1]}, {"k": 2}, '{"a": 1}')
    ]
    assert str(row["n"]) == "1.25"
    assert [row[name].isoformat() for name in ("day", "clock", "ts")] == [
        *("2026-01-02", "10:00:00", "2026-01-02T10:00:00")
    ]
    assert row["span"].total_seconds() == 90


def test_what_was_committed_before_is_seen_at_once(filled: Store) -> None:
    query = "SELECT max(byte_offset) FROM ingest_offsets"
    for number in range(5):
        with filled.write() as connection:
            connection.execute("INSERT INTO ingest_offsets VALUES (?, ?, 0)", [number, number])
        assert run_query(filled, query).rows == [(number,)]
    with filled.write() as connection:
        connection.execute("DELETE FROM ingest_offsets")


def test_a_query_can_be_cancelled(filled: Store) -> None:
    started = time.monotonic()
    with pytest.raises(QueryCancelledError):
        run_query(
            filled,
            "SELECT count(*) FROM range(100000000000)",
            limits=SqlLimits(seconds=60),
            cancelled=lambda: time.monotonic() - started > 0.2,
        )
    assert time.monotonic() - started < 10
    assert run_query(filled, "SELECT 1").rows == [(1,)]


def test_queries_of_several_people_run_side_by_side(filled: Store) -> None:
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(run_query(filled, f"SELECT {n}").rows[0][0]))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers) == list(range(8))


def test_closing_ends_processes_and_removes_snapshots(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "frontier.duckdb")
    warm_up(store)
    run_query(store, "SELECT 1")
    assert (tmp_path / "frontier.duckdb.snapshots").is_dir()
    store.close()
    assert [path.name for path in tmp_path.iterdir()] == ["frontier.duckdb"]
    with pytest.raises(BertFrontierError, match="closed"):
        run_query(store, "SELECT 1")

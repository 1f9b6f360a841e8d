"""Metrics example by example: from a finished trial's file to rows, and back as one matrix for an experiment."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from storage.store import Store

log = logging.getLogger(__name__)

MAX_ROWS = 5_000_000
"""Most rows of one trial that are kept; a larger file is left aside."""

_SCHEMA = pa.schema(
    [
        ("metric", pa.string()),
        ("position", pa.int32()),
        ("example", pa.string()),
        ("value", pa.float32()),
        ("weight", pa.float32()),
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class ExampleMatrix:
    """One metric of those trials of an experiment that were measured on the same examples.

    Attributes:
        numbers: of the trials.
        values: shape (trials, examples).
        weights: how much each example counts, shape (examples,).
    """

    numbers: tuple[int, ...]
    values: NDArray[np.float32]
    weights: NDArray[np.float32]


def ingest_example_scores(store: Store, trial_id: int, path: Path) -> int:
    """Store what a finished trial wrote into ``path``; what is stored of the trial is replaced.

    A trial is another process and may write anything: a file that is missing, cannot be read, has other columns or
    numbers that are not finite leaves the trial without such rows, and the log says why.

    Returns:
        The number of rows stored.
    """
    try:
        table = _read(path)
    except FileNotFoundError:
        return 0
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        log.warning("%s is left aside: %s", path, error)
        return 0
    with store.write() as connection:
        connection.execute("DELETE FROM example_scores WHERE trial_id = ?", [trial_id])
        connection.register("incoming_scores", table)
        try:
            connection.execute(
                "INSERT INTO example_scores SELECT ?, metric, position, example, value, weight FROM incoming_scores",
                [trial_id],
            )
        finally:
            connection.unregister("incoming_scores")
    return int(table.num_rows)


def example_matrix(
    store: Store, experiment_id: int, metric: str, among: Collection[int] | None = None
) -> ExampleMatrix | None:
    """A metric example by example, of the completed students measured on the most usual examples.

    Examples are the same where names, order and weights are. Of sets of examples that are equally usual, that of the
    lowest trial number counts.

    Args:
        store: The open database.
        experiment_id: The experiment.
        metric: The metric.
        among: Numbers of the trials to look at; all when None.

    Returns:
        None where no trial has such rows.
    """
    with store.read() as connection:
        numbers = _comparable(connection, experiment_id, metric, among)
        if not numbers:
            return None
        query = """
            SELECT value, weight FROM example_scores JOIN trials USING (trial_id)
            WHERE experiment_id = ? AND metric = ? AND list_contains(?, number) ORDER BY number, position
            """
        rows = connection.execute(query, [experiment_id, metric, numbers]).fetchnumpy()
    values = np.asarray(rows["value"], np.float32).reshape(len(numbers), -1)
    return ExampleMatrix(tuple(numbers), values, np.asarray(rows["weight"], np.float32)[: values.shape[1]])


def _comparable(
    connection: duckdb.DuckDBPyConnection, experiment_id: int, metric: str, among: Collection[int] | None
) -> list[int]:
    """Numbers of the trials that share the most usual examples, in order."""
    rows = connection.execute(
        """
        WITH signatures AS (
            SELECT number, (count(*), bit_xor(hash(position, example, weight))) AS signature
            FROM example_scores JOIN trials USING (trial_id)
            WHERE experiment_id = $experiment AND metric = $metric AND state = 'completed'
                AND role IN ('baseline', 'student')
                AND ($among IS NULL OR list_contains($among, number))
            GROUP BY number
        )
        SELECT list(number ORDER BY number) AS numbers FROM signatures
        GROUP BY signature ORDER BY len(numbers) DESC, numbers[1] LIMIT 1
        """,
        {"experiment": experiment_id, "metric": metric, "among": None if among is None else list(among)},
    ).fetchall()
    return list(rows[0][0]) if rows else []


def _read(path: Path) -> pa.Table:
    """The file as a table with the columns of the schema.

    Raises:
        ValueError: It is too large, or holds missing or infinite numbers.
        KeyError: A column is missing.
        pyarrow.ArrowException: It is no Parquet file, or a column has another type.
    """
    with pq.ParquetFile(path) as file:
        if file.metadata.num_rows > MAX_ROWS:
            raise ValueError(
                f"it has {file.metadata.num_rows:,} rows, more than the {MAX_ROWS:,} that are kept"
            )
        table = file.read(columns=_SCHEMA.names)
    table = table.select(_SCHEMA.names).cast(_SCHEMA)
    for name in _SCHEMA.names:
        if table[name].null_count:
            raise ValueError(f"{name} is missing in some rows")
    for name in ("value", "weight"):
        if not np.isfinite(table[name].to_numpy()).all():
            raise ValueError(f"{name} is not finite in some rows")
    return table

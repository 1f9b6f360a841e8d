"""What a model answered example by example, and the examples themselves, as two small files that people browse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROW_GROUP = 500
"""Examples that stand together in a file: to show one of them, so many are read."""


@dataclass(frozen=True, slots=True)
class ExampleText:
    """An evaluation example as people read it.

    Attributes:
        example: its name, as predictions and scores have it.
        question: what is asked, or the first text.
        context: where the answer is looked for, or the second text; empty for tasks on single texts.
        topic: what it is about, or the part of the data it is in; empty where the data do not say.
        golds: accepted answers, or the right label; empty for an unanswerable question.
        starts: where each accepted answer begins in the context, in characters; empty where answers are no parts
            of it.
    """

    example: str
    question: str
    context: str = ""
    topic: str = ""
    golds: tuple[str, ...] = ()
    starts: tuple[int, ...] = ()


def write_examples(texts: Iterable[ExampleText], path: Path) -> None:
    """Write them in one step as a Parquet file with a column for each attribute, and ``position`` from 0."""
    # Imported here: most of what imports this module writes nothing.
    import pyarrow as pa

    kept = list(texts)
    columns = {
        "position": pa.array(range(len(kept)), pa.int32()),
        "example": pa.array([item.example for item in kept], pa.string()),
        "question": pa.array([item.question for item in kept], pa.string()),
        "context": pa.array([item.context for item in kept], pa.string()),
        "topic": pa.array([item.topic for item in kept], pa.string()),
        "golds": pa.array([list(item.golds) for item in kept], pa.list_(pa.string())),
        "starts": pa.array([list(item.starts) for item in kept], pa.list_(pa.int32())),
    }
    _write(pa.table(columns), path)


def write_predictions(predictions: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """Write a model's predictions in one step as a Parquet file, in their order.

    Columns: example; answer (text, empty where there is none); value (of a regression); score (1 right, 0 wrong, as the
    task's own metric sees it) and partial (F1 of the words), where the task has them; best_span, start, end and
    null_odds for questions with an answer in the text; probability, labels and probabilities for classes and
    candidates.

    Args:
        predictions: as in ``engine.tasks.interface.Scores``.
        path: the file.
    """
    import pyarrow as pa

    rows = [_row(example, record) for example, record in predictions.items()]
    schema = pa.schema(
        [
            *(("example", pa.string()), ("answer", pa.string()), ("value", pa.float64())),
            *(("score", pa.float32()), ("partial", pa.float32()), ("best_span", pa.string())),
            *(("start", pa.int32()), ("end", pa.int32()), ("null_odds", pa.float32())),
            *(("probability", pa.float32()), ("labels", pa.list_(pa.string()))),
            ("probabilities", pa.list_(pa.float32())),
        ]
    )
    _write(pa.Table.from_pylist(rows, schema=schema), path)


def read_predictions(path: Path) -> dict[str, dict[str, Any]]:
    """What ``write_predictions`` wrote, by example, with the columns that were not empty."""
    import pyarrow.parquet as pq

    return {
        row["example"]: {name: value for name, value in row.items() if value is not None}
        for row in pq.read_table(path).to_pylist()
    }


def _row(example: str, record: Mapping[str, Any]) -> dict[str, Any]:
    answer = record.get("answer", record.get("prediction"))
    start, end = record.get("span", (None, None))
    shares = record.get("probabilities")
    return {
        "example": example,
        "answer": f"{answer:.4g}" if isinstance(answer, float) else answer,
        "value": answer if isinstance(answer, float) else None,
        "start": start,
        "end": end,
        "labels": None if shares is None else list(shares),
        "probabilities": None if shares is None else list(shares.values()),
        **{name: record.get(name) for name in ("score", "partial", "best_span", "null_odds", "probability")},
    }


def _write(table: Any, path: Path) -> None:  # noqa: ANN401 - pyarrow is untyped
    import pyarrow.parquet as pq

    part = path.with_suffix(".part")
    pq.write_table(table, part, row_group_size=ROW_GROUP, compression="zstd")
    part.replace(path)

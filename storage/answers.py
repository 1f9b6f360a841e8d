"""What trials answered, out of the files they left: one small table for counting, and whole examples one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from storage.errors import ResultFileError
from storage.store import Store

MAX_ROWS = 1_000_000
"""Most examples of one file that are looked at."""
TOPIC_LENGTH = 120
"""Characters of a topic that are kept."""

_EXAMPLES = ("position", "example", "question", "topic", "golds", "starts")
_ANSWERS = ("example", "answer", "value", "score", "probability")


@dataclass(frozen=True, slots=True)
class AnswerFiles:
    """Where answers lie.

    Attributes:
        examples: the evaluation examples, kept beside the teacher.
        own: answers of the trial.
        teacher: those of the teacher, if they were kept.
        other: those of a trial to compare with.
    """

    examples: Path
    own: Path
    teacher: Path | None = None
    other: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """All answers of a trial without the contexts.

    Attributes:
        files: where they are from.
        table: columns position, example, question, topic, gold (accepted answers, joined), answerable, answer,
            correct (1 or 0; missing for a regression), miss (distance from the right value of a regression),
            probability, teacher_answer, teacher_correct, other_answer and other_correct (missing where there is none).
        spans: whether answers are parts of the context, so that there may be none.
        graded: whether answers are right or wrong.
    """

    files: AnswerFiles
    table: pa.Table
    spans: bool
    graded: bool


@dataclass(frozen=True, slots=True)
class FullAnswer:
    """One example with everything that is known of it.

    Attributes:
        example: its name.
        question: the question or first text.
        context: the context or second text.
        topic: its topic; may be empty.
        golds: accepted answers.
        starts: where they begin in the context.
        own: what the trial answered: the columns of ``engine.tasks.predictions.write_predictions`` that are not empty.
        teacher: the same of the teacher; None where it was not kept.
        other: the same of the trial compared with.
    """

    example: str
    question: str
    context: str
    topic: str
    golds: tuple[str, ...]
    starts: tuple[int, ...]
    own: dict[str, Any] = field(default_factory=dict)
    teacher: dict[str, Any] | None = None
    other: dict[str, Any] | None = None


def load_answers(store: Store, files: AnswerFiles) -> Answers:
    """Put the files together by the names of the examples.

    Where the data name no topics, the right label stands for the topic; of a regression, the right value rounded.

    Raises:
        ResultFileError: A file is missing, damaged, too large, or has other columns.
    """
    with store.read() as connection:
        tables = {
            "shown": _read(files.examples, _EXAMPLES),
            "own": _read(files.own, _ANSWERS),
            "teacher": _read(files.teacher, _ANSWERS),
            "other": _read(files.other, _ANSWERS),
        }
        for name, table in tables.items():
            connection.register(f"answers_{name}", table)
        try:
            ((spans, named, graded, numbers),) = connection.execute(
                """
                SELECT (SELECT coalesce(bool_or(len(starts) > 0), false) FROM answers_shown),
                    (SELECT coalesce(bool_or(topic <> ''), false) FROM answers_shown),
                    (SELECT count(score) > 0 FROM answers_own), (SELECT count(value) > 0 FROM answers_own)
                """
            ).fetchall()
            topic = f"left(topic, {TOPIC_LENGTH})" if named or spans else "coalesce(golds[1], '')"
            if numbers and not named:
                topic = "coalesce(round(try_cast(golds[1] AS DOUBLE))::BIGINT::VARCHAR, '')"
            table = connection.sql(_JOIN.format(topic=topic)).to_arrow_table()
        except duckdb.Error as error:
            raise ResultFileError(
                f"the answers in {files.own} do not fit the examples in {files.examples}: {error}"
            ) from error
        finally:
            for name in tables:
                connection.unregister(f"answers_{name}")
    return Answers(files, table, bool(spans), bool(graded))


def read_answer(answers: Answers, example: str) -> FullAnswer:
    """One example in full; only the part of each file that holds it is read.

    Raises:
        ResultFileError: There is no such example, or a file has changed.
    """
    files = answers.files
    shown = _row(files.examples, example)
    if shown is None:
        raise ResultFileError(f"{files.examples} has no example {example!r}")
    return FullAnswer(
        example=example,
        question=shown["question"],
        context=shown["context"],
        topic=shown["topic"],
        golds=tuple(shown["golds"]),
        starts=tuple(shown["starts"]),
        own=_row(files.own, example) or {},
        teacher=_row(files.teacher, example),
        other=_row(files.other, example),
    )


_JOIN = """
SELECT shown.position, shown.example, shown.question, {topic} AS topic, array_to_string(golds, ' \u00b7 ') AS gold,
    len(golds) > 0 AS answerable, own.answer, own.score AS correct,
    abs(own.value - try_cast(golds[1] AS DOUBLE)) AS miss, own.probability,
    teacher.answer AS teacher_answer, teacher.score AS teacher_correct,
    other.answer AS other_answer, other.score AS other_correct
FROM answers_shown AS shown JOIN answers_own AS own USING (example)
LEFT JOIN answers_teacher AS teacher USING (example) LEFT JOIN answers_other AS other USING (example)
ORDER BY shown.position
"""


def _read(path: Path | None, columns: Sequence[str]) -> pa.Table:
    """Some columns of a file; no rows for a file that nobody named."""
    if path is None:
        return pa.schema(
            [(name, pa.string() if name in ("example", "answer") else pa.float64()) for name in columns]
        ).empty_table()
    try:
        with pq.ParquetFile(path) as file:
            if file.metadata.num_rows > MAX_ROWS:
                raise ResultFileError(
                    f"{path} has {file.metadata.num_rows:,} rows, more than the {MAX_ROWS:,} that are looked at"
                )
            return file.read(columns=list(columns)).select(list(columns))
    except FileNotFoundError as error:
        raise ResultFileError(f"{path} is missing") from error
    except (OSError, KeyError, pa.ArrowException) as error:
        raise ResultFileError(f"{path} cannot be read: {error}") from error


def _row(path: Path | None, example: str) -> dict[str, Any] | None:
    """An example's row without its empty columns; None where there is none."""
    if path is None:
        return None
    try:
        with pq.ParquetFile(path) as file:
            for number in range(file.num_row_groups):
                names = file.read_row_group(number, columns=["example"])["example"].to_pylist()
                if example in names:
                    row = file.read_row_group(number).slice(names.index(example), 1).to_pylist()[0]
                    return {name: value for name, value in row.items() if value is not None}
    except (OSError, KeyError, pa.ArrowException) as error:
        raise ResultFileError(f"{path} cannot be read: {error}") from error
    return None

"""What pages and reports read of Agora runs: rounds, students, the growth of the data, and generated examples."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

from storage.store import Store


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One round, with what its best student's mistakes became for the next one; None where that is not made yet.

    Attributes:
        round: From 0.
        sets_alive: Hyperparameter sets trained in it.
        best_trial: Its best student so far.
        best_set: That student's set.
        best_score: Its score.
        metric: The metric of the score.
        dropped: Sets dropped after it; None before its end.
        reading: How the step is read that drops sets; None where none is dropped.
        data_trial: Number of the trial that made the data.
        mistakes: Evaluation examples the best student got wrong.
        generated: Examples made of them.
        labelled: Those that were worth a label.
        asked: Those the teacher was asked about; of the others its label was known.
        accepted: Those added to the training data.
        generation_seconds: Time for making, filtering and balancing examples.
        labelling_seconds: Time of the teacher.
        encoding_seconds: Time for turning texts into rows.
        looking_seconds: Time the student took to say what it thinks of the examples.
        data_seconds: Time the trial that made the data took, start of its process included.
        training_seconds: What the round's students took together.
    """

    round: int
    sets_alive: int
    best_trial: int | None
    best_set: str | None
    best_score: float | None
    metric: str
    dropped: list[str] | None
    reading: str | None
    data_trial: int | None
    mistakes: int | None
    generated: int | None
    labelled: int | None
    asked: int | None
    accepted: int | None
    generation_seconds: float | None
    labelling_seconds: float | None
    encoding_seconds: float | None
    looking_seconds: float | None
    data_seconds: float | None
    training_seconds: float | None


@dataclass(frozen=True, slots=True)
class StudentRow:
    """One student of a run: its round, its set, its trial, and its score where it has one."""

    round: int
    set_id: str
    trial: int
    state: str
    score: float | None
    seed: int


@dataclass(frozen=True, slots=True)
class ExamplePage:
    """Some of the examples that meet conditions, and how many do in all."""

    examples: pd.DataFrame
    total: int


_OF_EXPERIMENT = "experiment_id = (SELECT experiment_id FROM experiments WHERE name = $name)"

ROUND_COLUMNS = tuple(column.name for column in fields(RoundRow))
STUDENT_COLUMNS = tuple(column.name for column in fields(StudentRow))


def rounds_query(name: str = "?") -> str:
    """Rounds of the experiment called ``name`` (a placeholder, or a quoted text), in order."""
    return f"SELECT {', '.join(ROUND_COLUMNS)} FROM agora_by_round WHERE experiment = {name} ORDER BY round"  # noqa: S608


def students_query(name: str = "?") -> str:
    """Its students, in order of round and number."""
    columns = ", ".join(STUDENT_COLUMNS)
    return f"SELECT {columns} FROM agora_students WHERE experiment = {name} ORDER BY round, trial"  # noqa: S608


def round_rows(store: Store, name: str) -> list[RoundRow]:
    """Rounds of an experiment; none where it is no Agora run, or has not begun."""
    with store.read() as connection:
        return [RoundRow(*row) for row in connection.execute(rounds_query(), [name]).fetchall()]


def student_rows(store: Store, name: str) -> list[StudentRow]:
    """Students of an experiment, in order of round and number."""
    with store.read() as connection:
        return [StudentRow(*row) for row in connection.execute(students_query(), [name]).fetchall()]


def growth_frame(store: Store, name: str) -> pd.DataFrame:
    """Generated examples counted: columns round, transformation, label (the teacher's), kept, reason and examples."""
    with store.read() as connection:
        return connection.execute(
            f"""
            SELECT round, transformation, teacher_label AS label, kept, reason, count(*) AS examples
            FROM agora_examples WHERE {_OF_EXPERIMENT} GROUP BY ALL ORDER BY ALL
            """,  # noqa: S608 - nothing of the caller's is in it
            {"name": name},
        ).df()


def examples_page(
    store: Store,
    name: str,
    *,
    round_number: int | None = None,
    transformation: str | None = None,
    label: str | None = None,
    kept: bool | None = None,
    reason: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> ExamplePage:
    """Generated examples, in order of round and place.

    Args:
        store: The open database.
        name: Of the experiment.
        round_number: The round they were made for; None for all.
        transformation: What made them.
        label: The teacher's label.
        kept: Whether they were added to the training data.
        reason: Why they were left out.
        limit: Most examples to return.
        offset: How many to skip.
    """
    wanted = {
        "round": round_number,
        "transformation": transformation,
        "teacher_label": label,
        "kept": kept,
        "reason": reason,
    }
    given: dict[str, Any] = {column: value for column, value in wanted.items() if value is not None}
    conditions = " AND ".join([_OF_EXPERIMENT, *(f"{column} = ${column}" for column in given)])
    tables = f"FROM agora_examples WHERE {conditions}"
    page = (
        f"SELECT * EXCLUDE (experiment_id) {tables} "
        f"ORDER BY round, position LIMIT {limit:d} OFFSET {offset:d}"
    )
    with store.read() as connection:
        count = f"SELECT count(*) {tables}"
        [(total,)] = connection.execute(count, {"name": name, **given}).fetchall()
        return ExamplePage(connection.execute(page, {"name": name, **given}).df(), int(total))

"""Rows of Agora runs: which trials belong to which round, what rounds came to, and the examples they generated."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from storage.store import Store
from storage.trials import NewTrial, add_trials

log = logging.getLogger(__name__)

COLUMNS = (
    *("round", "position", "example", "parent", "transformation", "original_text", "original_pair"),
    *("original_label", "answered", "text", "pair", "teacher_label", "teacher_confidence", "kept", "reason"),
    *("student_label", "student_confidence"),
)
"""Columns of a file of generated examples, as the table has them."""
RECONSIDERED = ("example", "after_label", "after_confidence")
"""Columns of a file with what a student says of examples it was trained on."""


@dataclass(frozen=True, slots=True)
class AgoraTrial:
    """A trial's place in the rounds.

    Attributes:
        number: Of the trial.
        round: From 0; of a trial without a set the round whose data it makes.
        set_id: Its hyperparameter set; None for a trial that makes data.
        parents: Numbers of the best students of the rounds before.
        state: Of the trial.
        reason: Why it is in that state.
    """

    number: int
    round: int
    set_id: str | None
    parents: tuple[int, ...]
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class NewAgoraTrial:
    """A trial to be added, with its place in the rounds."""

    trial: NewTrial
    round: int
    set_id: str | None
    parents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AgoraRound:
    """What a round came to.

    Attributes:
        round: From 0.
        sets: Hyperparameter sets trained in it.
        best_trial: Its best student so far.
        best_set: That student's set.
        best_score: Its score.
        metric: The metric of the score.
        dropped: Sets dropped after it; None before its end.
        reading: How the step is read that drops sets; None where none is dropped.
    """

    round: int
    sets: tuple[str, ...]
    best_trial: int | None
    best_set: str | None
    best_score: float | None
    metric: str
    dropped: tuple[str, ...] | None
    reading: str | None


def add_agora_trials(store: Store, experiment_id: int, new: Sequence[NewAgoraTrial], *, state: str) -> None:
    """Add trials and their places in the rounds, all of them or none."""
    if not new:
        return
    with store.write() as connection:
        added = add_trials(store, experiment_id, [item.trial for item in new], state=state)
        connection.executemany(
            "INSERT INTO agora_trials VALUES (?, ?, ?, ?, ?)",
            [
                [row.trial_id, experiment_id, item.round, item.set_id, list(item.parents)]
                for row, item in zip(added, new, strict=True)
            ],
        )


def agora_trials(store: Store, experiment_id: int) -> list[AgoraTrial]:
    """Trials of an experiment that have a round, in order of their number."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT number, round, set_id, parents, state, reason FROM agora_trials JOIN trials USING (trial_id)
            WHERE trials.experiment_id = ? ORDER BY number
            """,
            [experiment_id],
        ).fetchall()
    return [
        AgoraTrial(number, round_, name, tuple(parents), state, reason)
        for number, round_, name, parents, state, reason in rows
    ]


def agora_place(store: Store, trial_id: int) -> tuple[int, tuple[int, ...]] | None:
    """Round and parents of a trial; None for one that has no round."""
    with store.read() as connection:
        row = connection.execute(
            "SELECT round, parents FROM agora_trials WHERE trial_id = ?", [trial_id]
        ).fetchone()
    return None if row is None else (row[0], tuple(row[1]))


def is_of_past_round(store: Store, trial_id: int) -> bool:
    """Whether trials of a later round have been added since, whose data depend on how this one ended."""
    with store.read() as connection:
        row = connection.execute(
            """
            SELECT EXISTS (
                SELECT 1 FROM agora_trials AS later
                WHERE later.experiment_id = own.experiment_id AND later.round > own.round
            ) FROM agora_trials AS own WHERE trial_id = ?
            """,
            [trial_id],
        ).fetchone()
    return row is not None and bool(row[0])


def put_rounds(store: Store, experiment_id: int, rounds: Sequence[AgoraRound]) -> None:
    """Store what the rounds of an experiment came to; nothing is written where nothing changed."""
    known = {item.round: item for item in agora_rounds(store, experiment_id)}
    changed = [item for item in rounds if known.get(item.round) != item]
    if not changed:
        return
    with store.write() as connection:
        connection.executemany(
            "INSERT OR REPLACE INTO agora_rounds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [[experiment_id, *map(_as_list, astuple(item))] for item in changed],
        )


def agora_rounds(store: Store, experiment_id: int) -> list[AgoraRound]:
    """What the rounds of an experiment came to, in order."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT round, sets, best_trial, best_set, best_score, metric, dropped, reading
            FROM agora_rounds WHERE experiment_id = ? ORDER BY round
            """,
            [experiment_id],
        ).fetchall()
    return [
        AgoraRound(
            number,
            tuple(sets),
            trial,
            name,
            score,
            metric,
            None if dropped is None else tuple(dropped),
            reading,
        )
        for number, sets, trial, name, score, metric, dropped, reading in rows
    ]


def ingest_generated(store: Store, trial_id: int, path: Path) -> int:
    """Store what a trial that makes the data of a round generated; what is stored of the round is replaced.

    A file that is missing, cannot be read or has other columns leaves the round without examples, and the log says why.

    Returns:
        The number of examples stored.
    """
    table = _read(path, COLUMNS)
    if table is None:
        return 0
    with store.write() as connection:
        found = connection.execute(
            "SELECT experiment_id, round FROM agora_trials WHERE trial_id = ?", [trial_id]
        ).fetchone()
        if found is None:
            return 0
        connection.execute("DELETE FROM agora_examples WHERE experiment_id = ? AND round = ?", list(found))
        connection.register("incoming_examples", table)
        try:
            connection.execute(
                f"INSERT INTO agora_examples (experiment_id, {', '.join(COLUMNS)}) "  # noqa: S608
                f"SELECT ?, {', '.join(COLUMNS)} FROM incoming_examples WHERE round = ?",
                list(found),
            )
        finally:
            connection.unregister("incoming_examples")
    return int(table.num_rows)


def ingest_reconsidered(store: Store, trial_id: int, path: Path) -> None:
    """Store what the student of such a trial says of the examples it was trained on, beside them."""
    table = _read(path, RECONSIDERED)
    if table is None:
        return
    with store.write() as connection:
        connection.register("incoming_thoughts", table)
        try:
            connection.execute(
                """
                UPDATE agora_examples AS known
                SET after_label = incoming.after_label, after_confidence = incoming.after_confidence
                FROM incoming_thoughts AS incoming, agora_trials AS own
                WHERE own.trial_id = ? AND known.experiment_id = own.experiment_id
                    AND known.round = own.round - 1 AND known.example = incoming.example
                """,
                [trial_id],
            )
        finally:
            connection.unregister("incoming_thoughts")


def _read(path: Path, columns: Sequence[str]) -> pa.Table | None:
    """A file a trial wrote, or None where it is missing or is not what it should be."""
    try:
        return pq.read_table(path, columns=list(columns)).select(list(columns))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        log.warning("%s is left aside: %s", path, error)
        return None


def _as_list(value: object) -> object:
    """DuckDB takes lists, not tuples."""
    return list(value) if isinstance(value, tuple) else value

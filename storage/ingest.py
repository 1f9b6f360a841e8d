"""From a trial's events file to rows: every complete line once, however often and from wherever the file is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from storage.errors import UnknownNameError
from storage.event_lines import (
    ConfirmedBody,
    EvaluationBody,
    EventLine,
    MetricsBody,
    ProgressBody,
    ResourcesBody,
    StepBody,
    parse_line,
)
from storage.store import Store
from storage.views import add_columns, refresh_view

BATCH_BYTES = 8 * 2**20
"""About how much of a file is read, and written in one transaction, at a time."""

STEP_FIGURES = 7
"""Columns of a step that stand before its time; those of later schema versions stand behind it."""


@dataclass(frozen=True, slots=True)
class _Position:
    """How far a file has been read; ``saved`` is false where the database did not know."""

    byte_offset: int
    last_seq: int
    saved: bool


def ingest(store: Store, trial_id: int, events_path: Path) -> int:
    """Store the lines that were added to ``events_path`` since the last call.

    Only lines that end in a newline are read; a torn last line waits until it is whole. A line counts
    once by its number, so a lost offset or a file read again changes nothing. A line that cannot be
    understood becomes an event of kind ``malformed`` and holds nothing up. Steps and evaluations that are
    written again replace the earlier ones; metrics of ``finished`` replace those of an earlier attempt.

    Args:
        store: The open database.
        trial_id: The trial that writes the file.
        events_path: Its events file; nothing happens while it does not exist.

    Returns:
        The number of new events.

    Raises:
        UnknownNameError: There is no such trial.
    """
    try:
        size = events_path.stat().st_size
    except FileNotFoundError:
        return 0
    position = _position(store, trial_id)
    if position.saved and position.byte_offset == size:
        return 0
    # A shorter file was replaced, as when a folder is restored: read it again, the numbers tell what is new.
    start = position.byte_offset if position.byte_offset <= size else 0
    added = 0
    for offset, lines in _batches(events_path, start):
        added += _store_batch(store, trial_id, offset, lines)
    return added


def _position(store: Store, trial_id: int) -> _Position:
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT byte_offset, last_seq, true FROM ingest_offsets WHERE trial_id = $trial
            UNION ALL
            SELECT 0, (SELECT coalesce(max(seq) FILTER (seq > 0), 0) FROM events WHERE trial_id = $trial), false
            FROM trials WHERE trial_id = $trial
            ORDER BY 3 DESC
            """,
            {"trial": trial_id},
        ).fetchall()
    if not rows:
        raise UnknownNameError(f"no trial has the id {trial_id}")
    return _Position(*rows[0])


def _batches(path: Path, start: int) -> Iterator[tuple[int, list[bytes]]]:
    """Offset and complete lines of each batch from ``start`` on."""
    with path.open("rb") as file:
        file.seek(start)
        while lines := file.readlines(BATCH_BYTES):
            if not lines[-1].endswith(b"\n"):
                lines.pop()
            if not lines:
                return
            yield start, lines
            start += sum(map(len, lines))


def _store_batch(store: Store, trial_id: int, offset: int, lines: Sequence[bytes]) -> int:
    end = offset + sum(map(len, lines))
    with store.write() as connection:
        last_seq = _position(store, trial_id).last_seq
        events: list[tuple[int, EventLine]] = []
        for line in lines:
            event = parse_line(line)
            if event.seq is None:
                events.append((-offset - 1, event))
            elif event.seq > last_seq:
                last_seq = event.seq
                events.append((event.seq, event))
            offset += len(line)
        events = _without_known_malformed(connection, trial_id, events)
        _append_events(connection, trial_id, events)
        _write_contents(store, connection, trial_id, [event for _, event in events])
        connection.execute(
            "INSERT OR REPLACE INTO ingest_offsets VALUES (?, ?, ?)",
            [trial_id, end, last_seq],
        )
    return len(events)


def _without_known_malformed(
    connection: duckdb.DuckDBPyConnection, trial_id: int, events: list[tuple[int, EventLine]]
) -> list[tuple[int, EventLine]]:
    if not any(seq < 0 for seq, _ in events):
        return events
    rows = connection.execute("SELECT seq FROM events WHERE trial_id = ? AND seq < 0", [trial_id]).fetchall()
    known = {seq for (seq,) in rows}
    return [(seq, event) for seq, event in events if seq not in known]


def _append_events(
    connection: duckdb.DuckDBPyConnection, trial_id: int, events: Sequence[tuple[int, EventLine]]
) -> None:
    if not events:
        return
    with connection.appender("events") as appender:
        appender.append_rows(
            [(trial_id, seq, event.ts, event.attempt, event.kind, event.body) for seq, event in events]
        )


def _write_contents(
    store: Store, connection: duckdb.DuckDBPyConnection, trial_id: int, events: Sequence[EventLine]
) -> None:
    """Take apart steps, evaluations, progress and final metrics; of a key written twice the last counts."""
    steps: dict[int, tuple[Any, ...]] = {}
    evaluations: dict[tuple[int, str], tuple[Any, ...]] = {}
    resources: dict[Any, tuple[Any, ...]] = {}
    progress: ProgressBody | None = None
    final: MetricsBody | None = None
    confirmed: MetricsBody | None = None
    for event in events:
        match event.content:
            case StepBody() as body:
                figures = list(body.model_dump().values())
                steps[body.step] = (trial_id, *figures[:STEP_FIGURES], event.ts, *figures[STEP_FIGURES:])
            case EvaluationBody() as body:
                for name, value in body.metrics.items():
                    row = (trial_id, body.step, name, value, body.standard_errors.get(name), event.ts)
                    evaluations[body.step, name] = row
            case ResourcesBody() as body:
                resources[event.ts] = (trial_id, event.ts, event.attempt, *body.model_dump().values())
            case ProgressBody() as body:
                progress = body
            case ConfirmedBody() as body:
                confirmed = body
            case MetricsBody() as body:
                final = body
    for table, rows in (("steps", steps), ("evaluations", evaluations), ("resources", resources)):
        if rows:
            with connection.appender(table, action="upsert") as appender:
                appender.append_rows(list(rows.values()))
    if progress is not None:
        connection.execute(
            "UPDATE trials SET progress = ?, progress_message = ? WHERE trial_id = ?",
            [min(1.0, max(0.0, progress.fraction)), progress.message, trial_id],
        )
    if final is not None:
        connection.execute("DELETE FROM trial_metrics WHERE trial_id = ?", [trial_id])
    for measured in (final, confirmed):
        if measured is not None:
            _write_metrics(store, connection, trial_id, measured)


def _write_metrics(
    store: Store, connection: duckdb.DuckDBPyConnection, trial_id: int, measured: MetricsBody
) -> None:
    rows = [
        (trial_id, name, value, measured.standard_errors.get(name))
        for name, value in measured.metrics.items()
        if value is not None
    ]
    if not rows:
        return
    with connection.appender("trial_metrics", action="upsert") as appender:
        appender.append_rows(rows)
    ((experiment_id,),) = connection.execute(
        "SELECT experiment_id FROM trials WHERE trial_id = ?", [trial_id]
    ).fetchall()
    if add_columns(store, experiment_id, "metric", {name: "float" for _, name, _, _ in rows}):
        refresh_view(store, experiment_id)

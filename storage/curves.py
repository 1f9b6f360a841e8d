"""What happened inside one trial, as data frames: learning curves, evaluations, events."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from storage.clock import with_zone
from storage.event_lines import FINAL_KINDS
from storage.store import Store

MAX_POINTS = 1000
"""Points of a learning curve that are enough for any screen."""
MAX_EVENTS = 1000
"""Events of one page."""

_MEANS = (
    *("loss", "soft_loss", "hard_loss", "learning_rate", "examples_per_second"),
    *("cosine_loss", "hidden_loss", "attention_loss"),
)


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """One evaluation of a trial on its way.

    Attributes:
        step: Optimiser steps done.
        ts: When the trial wrote it, UTC.
        metrics: Its finite metrics by name.
    """

    step: int
    ts: datetime
    metrics: dict[str, float]


def steps_frame(
    store: Store,
    trial_id: int,
    max_points: int = MAX_POINTS,
    *,
    low: int | None = None,
    high: int | None = None,
) -> pd.DataFrame:
    """Learning curves of a trial: every step where they are few, else as many stretches of equally many steps.

    A stretch has the means of its steps, and the smallest and largest loss, so that no spike is lost. The first and the
    last step are always by themselves.

    Args:
        store: The open database.
        trial_id: The trial.
        max_points: Most rows to return, at least 3.
        low: First step that is wanted; from the beginning without.
        high: Last step that is wanted; to the end without.

    Returns:
        Columns step (the last of its stretch), epoch, loss, soft_loss, hard_loss, learning_rate, examples_per_second,
        ts (UTC), cosine_loss, hidden_loss and attention_loss, loss_low and loss_high, and steps (how many stand
        behind the row); losses a training does not have are NULL.

    Raises:
        ValueError: ``max_points`` is below 3.
    """
    if max_points < 3:
        raise ValueError(
            f"max_points is {max_points}: a curve needs its first and last point and one between"
        )
    means = ", ".join(f"avg({name}) AS {name}" for name in _MEANS[:5])
    later = ", ".join(f"avg({name}) AS {name}" for name in _MEANS[5:])
    with store.read() as connection:
        return connection.execute(
            f"""
            WITH numbered AS (
                SELECT *, row_number() OVER (ORDER BY step) - 1 AS place, count(*) OVER () AS total
                FROM steps WHERE trial_id = $trial
                    AND step >= coalesce($low::BIGINT, step) AND step <= coalesce($high::BIGINT, step)
            ), placed AS (
                SELECT *, CASE WHEN total <= $points OR place = 0 THEN place WHEN place = total - 1 THEN $points
                    ELSE 1 + (place - 1) * ($points - 2) // (total - 2) END AS stretch
                FROM numbered
            )
            SELECT max(step) AS step, max(epoch) AS epoch, {means}, max(ts) AS ts, {later},
                min(loss) AS loss_low, max(loss) AS loss_high, count(*) AS steps
            FROM placed GROUP BY stretch ORDER BY 1
            """,  # noqa: S608 - names are the constants above
            {"trial": trial_id, "points": max_points, "low": low, "high": high},
        ).df()


def steps_range(store: Store, trial_id: int) -> tuple[int, int, int] | None:
    """First and last step of a trial and how many were written down; None while there are none."""
    with store.read() as connection:
        rows = connection.execute(
            "SELECT min(step), max(step), count(*) FROM steps WHERE trial_id = ?", [trial_id]
        ).fetchall()
    first, last, count = rows[0]
    return (int(first), int(last), int(count)) if count else None


def evaluations_frame(
    store: Store, trial_id: int, names: Collection[str] | None = None, max_points: int = MAX_POINTS
) -> pd.DataFrame:
    """Metrics measured during training: columns step, name, value, standard_error and ts (UTC).

    Args:
        store: The open database.
        trial_id: The trial.
        names: Metrics that are wanted; all without.
        max_points: Most evaluations to return, evenly spaced, the last one among them.
    """
    with store.read() as connection:
        return connection.execute(
            """
            WITH numbered AS (
                SELECT step, row_number() OVER (ORDER BY step DESC) - 1 AS place, count(*) OVER () AS total
                FROM (SELECT DISTINCT step FROM evaluations WHERE trial_id = $trial)
            )
            SELECT evaluations.* EXCLUDE (trial_id) FROM evaluations JOIN numbered USING (step)
            WHERE trial_id = $trial AND ($names::VARCHAR[] IS NULL OR list_contains($names::VARCHAR[], name))
                AND place % ceil(total / $points) = 0
            ORDER BY step, name
            """,
            {"trial": trial_id, "names": None if names is None else list(names), "points": max_points},
        ).df()


def evaluations_of(
    store: Store, experiment_id: int, names: Collection[str]
) -> dict[int, list[EvaluationRow]]:
    """Evaluations of all trials of an experiment by number of the trial, in order of steps.

    Args:
        store: The open database.
        experiment_id: The experiment.
        names: Metrics that are wanted; an evaluation is there even if it has none of them.
    """
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT number, step, max(ts), map_from_entries(
                coalesce(list((name, value)) FILTER (value IS NOT NULL AND list_contains(?, name)), []))
            FROM evaluations JOIN trials USING (trial_id) WHERE experiment_id = ?
            GROUP BY number, step ORDER BY number, step
            """,
            [list(names), experiment_id],
        ).fetchall()
    found: dict[int, list[EvaluationRow]] = {}
    for number, step, ts, metrics in rows:
        found.setdefault(number, []).append(EvaluationRow(step, ts.replace(tzinfo=UTC), metrics))
    return found


def evaluation_count(store: Store, experiment_id: int) -> int:
    """How many metrics the trials of an experiment have measured on their way; it grows with every evaluation."""
    with store.read() as connection:
        row = connection.execute(
            "SELECT count(*) FROM evaluations JOIN trials USING (trial_id) WHERE experiment_id = ?",
            [experiment_id],
        ).fetchone()
    return 0 if row is None else int(row[0])


def events_frame(store: Store, trial_id: int, after_seq: int = 0, limit: int = MAX_EVENTS) -> pd.DataFrame:
    """Events of a trial after number ``after_seq``: columns seq, ts (UTC), attempt, kind and body (JSON text).

    Unreadable lines that have no number come first, on the page after 0.
    """
    with store.read() as connection:
        return connection.execute(
            """
            SELECT * EXCLUDE (trial_id) FROM events
            WHERE trial_id = $trial AND (seq > $after OR ($after = 0 AND seq < 0))
            ORDER BY seq < 0 DESC, abs(seq) LIMIT $limit
            """,
            {"trial": trial_id, "after": after_seq, "limit": limit},
        ).df()


def latest_events(
    store: Store, trial_id: int, limit: int = MAX_EVENTS, without: Collection[str] = ()
) -> pd.DataFrame:
    """The last events of a trial, the latest first: columns seq, ts (UTC), attempt, kind and body (JSON text).

    Args:
        store: The open database.
        trial_id: The trial.
        limit: Most events to return.
        without: Kinds that are left out.
    """
    with store.read() as connection:
        return connection.execute(
            """
            SELECT * EXCLUDE (trial_id) FROM events
            WHERE trial_id = $trial AND NOT list_contains($without::VARCHAR[], kind)
            ORDER BY seq DESC LIMIT $limit
            """,
            {"trial": trial_id, "without": list(without), "limit": limit},
        ).df()


def ended_attempts(store: Store, trial_id: int) -> int:
    """How many attempts of a trial ended with a last word of their own: ``finished``, ``failed`` or ``stopped``."""
    with store.read() as connection:
        rows = connection.execute(
            "SELECT DISTINCT attempt FROM events WHERE trial_id = ? AND list_contains(?, kind)",
            [trial_id, list(FINAL_KINDS)],
        ).fetchall()
    return len(rows)


def final_event(store: Store, trial_id: int, attempt: int) -> dict[str, Any] | None:
    """How an attempt ended: its last event of kind ``finished``, ``failed`` or ``stopped``, None if it has none.

    Returns:
        The event as it was written: seq, ts (a datetime in UTC), attempt, kind and the keys of that kind.
    """
    with store.read() as connection:
        row = connection.execute(
            """
            SELECT seq, ts, kind, body FROM events
            WHERE trial_id = ? AND attempt = ? AND list_contains(?, kind) ORDER BY seq DESC LIMIT 1
            """,
            [trial_id, attempt, list(FINAL_KINDS)],
        ).fetchone()
    if row is None:
        return None
    seq, ts, kind, body = row
    return {**json.loads(body), "seq": seq, "ts": with_zone(ts), "attempt": attempt, "kind": kind}

"""Sums over an experiment's trials, made by the database, so that their number does not matter to whoever asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from storage.clock import with_zone
from storage.store import Store

ERROR_PREFIX = "se:"
"""Before a metric's name: the column with its standard error."""


@dataclass(frozen=True, slots=True)
class TrialTotals:
    """How an experiment's trials stand, in numbers.

    Attributes:
        trials: all of them, the teacher's included.
        counts: students (the baseline included) in each state.
        first_start: when the first trial started; None before.
        ended_seconds: what all trials with a start and an end took together.
        running_starts: number of running trials that have started, and the sum of their starts as seconds since 1970.
        each: mean duration of a completed student in seconds; None before the first.
        running_progress: sum of the running students' shares of work done.
    """

    trials: int
    counts: Mapping[str, int]
    first_start: datetime | None
    ended_seconds: float
    running_starts: tuple[int, float]
    each: float | None
    running_progress: float


def trial_totals(store: Store, experiment_id: int) -> TrialTotals:
    """Totals of an experiment."""
    with store.read() as connection:
        all_trials = connection.execute(
            """
            SELECT count(*), min(started_at), coalesce(sum(epoch(finished_at - started_at)), 0),
                count(*) FILTER (state = 'running' AND finished_at IS NULL AND started_at IS NOT NULL),
                coalesce(sum(epoch(started_at)) FILTER (state = 'running' AND finished_at IS NULL), 0),
                avg(epoch(finished_at - started_at)) FILTER (state = 'completed' AND role IN ('baseline', 'student')),
                coalesce(sum(progress) FILTER (state = 'running' AND role IN ('baseline', 'student')), 0)
            FROM trials WHERE experiment_id = ?
            """,
            [experiment_id],
        ).fetchone()
        counts = connection.execute(
            """
            SELECT state, count(*) FROM trials
            WHERE experiment_id = ? AND role IN ('baseline', 'student') GROUP BY state
            """,
            [experiment_id],
        ).fetchall()
    assert all_trials is not None
    trials, first, ended, running, starts, each, progress = all_trials
    return TrialTotals(trials, dict(counts), with_zone(first), ended, (running, starts), each, progress)


def ended_trials(store: Store) -> int:
    """How many students, of whatever experiment, have ended."""
    with store.read() as connection:
        [(found,)] = connection.execute(
            "SELECT count(*) FROM trials WHERE role IN ('baseline', 'student') AND finished_at IS NOT NULL"
        ).fetchall()
    return int(found)


def ended_since(store: Store, experiment_id: int, moment: datetime) -> dict[str, int]:
    """How many students of an experiment ended after a moment (with a time zone), by the state they are in."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT state, count(*) FROM trials
            WHERE experiment_id = ? AND role IN ('baseline', 'student') AND finished_at > ?
            GROUP BY state ORDER BY state
            """,
            [experiment_id, moment.astimezone(UTC).replace(tzinfo=None)],
        ).fetchall()
    return dict(rows)


def completed_students(store: Store) -> dict[int, int]:
    """How many students have completed, by the experiment's id; experiments without any are left out."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT experiment_id, count(*) FROM trials
            WHERE role IN ('baseline', 'student') AND state = 'completed' GROUP BY ALL
            """
        ).fetchall()
    return dict(rows)


def settled_key(store: Store, experiment_id: int) -> int:
    """A number that changes whenever a trial of the experiment ends, goes on again, or joins or leaves the frontier."""
    with store.read() as connection:
        row = connection.execute(
            """
            SELECT bit_xor(hash(number, state, on_frontier, finished_at)) FROM trials
            WHERE experiment_id = ? AND finished_at IS NOT NULL
            """,
            [experiment_id],
        ).fetchone()
    return 0 if row is None or row[0] is None else int(row[0])


def outcomes_frame(store: Store, experiment_id: int, metrics: Sequence[str]) -> pd.DataFrame:
    """Completed students in the order they ended.

    Args:
        store: The open database.
        experiment_id: The experiment.
        metrics: Names of the metrics to read.

    Returns:
        Columns number, role, on_frontier, started_at, finished_at (UTC without zone), one for each metric, and
        ``se:NAME`` for its standard error; NaN where there is none.
    """
    names = list(dict.fromkeys(metrics))
    columns, joins = [], []
    for place, name in enumerate(names):
        columns.append(f'm{place}.value AS "{_escaped(name)}"')
        columns.append(f'm{place}.standard_error AS "{ERROR_PREFIX}{_escaped(name)}"')
        joins.append(
            f"LEFT JOIN (SELECT trial_id, value, standard_error FROM trial_metrics "  # noqa: S608 - no names in it
            f"WHERE name = ${place + 2}) AS m{place} USING (trial_id)"
        )
    with store.read() as connection:
        return connection.execute(
            f"""
            SELECT {", ".join(["t.number, t.role, t.on_frontier, t.started_at, t.finished_at", *columns])}
            FROM trials AS t {" ".join(joins)}
            WHERE t.experiment_id = $1 AND t.state = 'completed' AND t.role IN ('baseline', 'student')
            ORDER BY coalesce(t.finished_at, t.created_at), t.number
            """,  # noqa: S608 - names are parameters, and quoted where they name columns
            [experiment_id, *names],
        ).df()


def reasons_frame(store: Store, experiment_id: int, state: str, most: int = 20) -> pd.DataFrame:
    """Why trials are in a state: columns reason, trials (how many) and first (a number), the most usual first."""
    with store.read() as connection:
        return connection.execute(
            """
            SELECT coalesce(reason, '') AS reason, count(*) AS trials, min(number) AS first FROM trials
            WHERE experiment_id = ? AND state = ? AND role IN ('baseline', 'student')
            GROUP BY ALL ORDER BY trials DESC, first LIMIT ?
            """,
            [experiment_id, state, most],
        ).df()


def _escaped(name: str) -> str:
    return name.replace('"', '""')

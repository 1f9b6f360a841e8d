"""Every experiment with how far it is and what people say about it, in one look at the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from storage.store import Store


@dataclass(frozen=True, slots=True)
class ListedExperiment:
    """One experiment as a list shows it.

    Attributes:
        experiment_id: its id.
        name: its name.
        state: as stored.
        task: name of the task.
        strategy: name of the strategy.
        budget: students to be trained in all.
        done: students that have ended.
        created_at: when it was launched, UTC.
        active_at: when something happened to one of its trials last, UTC.
        tags: words to find it by.
        note: what people wrote about it; may be empty.
        archived: whether it was put away.
    """

    experiment_id: int
    name: str
    state: str
    task: str
    strategy: str
    budget: int
    done: int
    created_at: datetime
    active_at: datetime
    tags: tuple[str, ...]
    note: str
    archived: bool


def list_standings(store: Store) -> list[ListedExperiment]:
    """All experiments, the newest first."""
    with store.read() as connection:
        rows = connection.execute(
            """
            WITH ended AS (
                SELECT experiment_id,
                    count(*) FILTER (
                        role IN ('baseline', 'student') AND state IN ('completed', 'failed', 'stopped')
                    ) AS done,
                    max(greatest(created_at, started_at, finished_at)) AS active_at
                FROM trials GROUP BY experiment_id
            )
            SELECT e.experiment_id, e.name, e.state, e.task, e.strategy, e.budget_trials, coalesce(ended.done, 0),
                e.created_at, greatest(e.created_at, ended.active_at), coalesce(n.tags, []), coalesce(n.note, ''),
                n.archived_at IS NOT NULL
            FROM experiments AS e LEFT JOIN ended USING (experiment_id)
            LEFT JOIN experiment_notes AS n USING (experiment_id)
            ORDER BY e.experiment_id DESC
            """
        ).fetchall()
    return [
        ListedExperiment(
            *(number, name, state, task, strategy, budget, done),
            created_at=_utc(created),
            active_at=_utc(active),
            tags=tuple(tags),
            note=note,
            archived=archived,
        )
        for number, name, state, task, strategy, budget, done, created, active, tags, note, archived in rows
    ]


def notes_version(store: Store) -> int:
    """A number that changes with every tag, note, and move into the archive or out of it."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT coalesce(bit_xor(hash(experiment_id, array_to_string(tags, ','), note, archived_at)), 0)
            FROM experiment_notes
            """
        ).fetchall()
    return int(rows[0][0])


def _utc(ts: datetime) -> datetime:
    return ts.replace(tzinfo=UTC)

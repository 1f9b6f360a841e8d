"""Which experiments a list shows, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.task_words import task_words
from storage.listing import ListedExperiment

NEWEST, ACTIVE, NAME, PROGRESS, STATE = "newest", "last active", "name", "progress", "state"
SORTS = (NEWEST, ACTIVE, NAME, PROGRESS, STATE)
_STATES = ("running", "pending", "paused", "failed", "stopped", "completed")
"""States as they need attention."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for.

    Attributes:
        search: words that must stand in name, task, strategy, tags or note, whatever their case.
        states: states, any of which will do; any where there are none.
        tasks: the same for tasks.
        tags: tags it must have, all of them.
        archived: whether those that were put away are listed too.
        sort: one of ``SORTS``.
    """

    search: str = ""
    states: Sequence[str] = ()
    tasks: Sequence[str] = ()
    tags: Sequence[str] = ()
    archived: bool = False
    sort: str = NEWEST


def chosen(rows: Sequence[ListedExperiment], wanted: Wanted) -> list[ListedExperiment]:
    """The experiments that fit, in the order that is wanted; otherwise equal ones stay as they were."""
    words = wanted.search.lower().split()
    found = [row for row in rows if _fits(row, wanted) and all(word in _text(row) for word in words)]
    if wanted.sort in _ORDERS:
        found.sort(key=_ORDERS[wanted.sort])
    return found


def tags_in(rows: Sequence[ListedExperiment]) -> list[str]:
    """Every tag that an experiment has, by name."""
    return sorted({tag for row in rows for tag in row.tags}, key=str.lower)


def _fits(row: ListedExperiment, wanted: Wanted) -> bool:
    return (
        (wanted.archived or not row.archived)
        and (not wanted.states or row.state in wanted.states)
        and (not wanted.tasks or row.task in wanted.tasks)
        and set(wanted.tags) <= set(row.tags)
    )


def _text(row: ListedExperiment) -> str:
    return " ".join(
        (row.name, row.state, row.task, task_words(row.task), row.strategy, *row.tags, row.note)
    ).lower()


def _attention(row: ListedExperiment) -> int:
    return _STATES.index(row.state) if row.state in _STATES else len(_STATES)


_ORDERS: dict[str, Callable[[ListedExperiment], Any]] = {
    ACTIVE: lambda row: -row.active_at.timestamp(),
    NAME: lambda row: row.name,
    PROGRESS: lambda row: -row.done / max(1, row.budget),
    STATE: _attention,
}

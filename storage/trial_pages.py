"""Some of an experiment's trials out of very many: those that meet conditions, a page at a time; or a sample."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage.errors import SettingError
from storage.store import Store

FIXED_COLUMNS = {
    "trial": "t.number",
    "state": "t.state",
    "role": "t.role",
    "on_frontier": "CASE WHEN t.on_frontier THEN 'yes' ELSE 'no' END",
    "seconds": "epoch(t.finished_at - t.started_at)",
    "attempts": "t.attempts",
    "reason": "t.reason",
}
"""What every trial has beside its parameters and metrics, by the name it is asked for under."""

TEXT_COLUMNS = frozenset({"state", "role", "on_frontier", "reason"})
FRONTIER_FIRST = "frontier first"
"""Name of the order in which trials on the frontier come first, then all by number."""


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers between two ends, which may be infinite; each end is included or not."""

    low: float = -math.inf
    high: float = math.inf
    with_low: bool = True
    with_high: bool = True


@dataclass(frozen=True, slots=True)
class Condition:
    """What a trial's column has to be: within one of some spans, or equal to one of some words.

    Attributes:
        name: of the column: one of ``FIXED_COLUMNS``, a parameter or a metric.
        spans: allowed numbers.
        words: allowed words; of text columns.
        negated: whether all others are wanted instead, those without a value included.
    """

    name: str
    spans: tuple[Span, ...] = ()
    words: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Part of the trials that meet some conditions.

    Attributes:
        numbers: of the trials, in order.
        total: how many meet the conditions.
    """

    numbers: list[int]
    total: int


def trials_page(
    store: Store,
    experiment_id: int,
    *,
    parameters: Mapping[str, str],
    conditions: Sequence[Condition] = (),
    order: str = FRONTIER_FIRST,
    descending: bool = False,
    limit: int = 100,
    offset: int = 0,
) -> Page:
    """Numbers of the trials that meet all conditions.

    Args:
        store: The open database.
        experiment_id: The experiment.
        parameters: Its parameters with their types, ``float``, ``integer`` or ``text``; any other name is a metric's.
        conditions: To be met.
        order: Column to sort by, trials without a value last, or ``FRONTIER_FIRST``.
        descending: Whether the largest come first.
        limit: Most numbers to return.
        offset: How many to skip.

    Raises:
        SettingError: A condition compares words with a column of numbers.
    """
    query = _Query(experiment_id, dict(parameters))
    for condition in conditions:
        query.add(condition)
    count, given = f"SELECT count(*) {query.tables()}", dict(query.given)
    sorting = "t.on_frontier DESC"
    if order != FRONTIER_FIRST:
        sorting = f"{query.column(order)} {'DESC' if descending else 'ASC'} NULLS LAST"
    page = f"SELECT t.number {query.tables()} ORDER BY {sorting}, t.number LIMIT {limit:d} OFFSET {offset:d}"
    with store.read() as connection:
        rows = connection.execute(page, query.given).fetchall()
        counted = connection.execute(count, given).fetchone()
    return Page([number for (number,) in rows], int(counted[0]) if counted else 0)


def sampled_numbers(store: Store, experiment_id: int, states: Collection[str], most: int) -> list[int]:
    """Numbers of up to ``most`` students in some states, in order: all there are, or an even sample.

    The sample stays the same as long as its trials do: one that ends may join it, others leave it one by one.
    """
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT number FROM (
                SELECT number FROM trials
                WHERE experiment_id = $id AND role IN ('baseline', 'student')
                    AND list_contains($states::VARCHAR[], state)
                ORDER BY hash(number) LIMIT $most
            ) ORDER BY number
            """,
            {"id": experiment_id, "states": list(states), "most": most},
        ).fetchall()
    return [number for (number,) in rows]


def marked_numbers(store: Store, experiment_id: int) -> list[int]:
    """Numbers of the teacher's trial, the baseline and the trials on the frontier, in order."""
    with store.read() as connection:
        rows = connection.execute(
            "SELECT number FROM trials WHERE experiment_id = ? AND (role <> 'student' OR on_frontier) ORDER BY number",
            [experiment_id],
        ).fetchall()
    return [number for (number,) in rows]


class _Query:
    """A query under construction: the tables it needs, its conditions, and the values they are given."""

    def __init__(self, experiment_id: int, parameters: dict[str, str]) -> None:
        self.parameters = parameters
        self.joins: dict[str, str] = {}
        self.where = ["t.experiment_id = $id"]
        self.given: dict[str, Any] = {"id": experiment_id}

    def tables(self) -> str:
        """What is read, and which rows of it."""
        return f"FROM trials AS t {' '.join(self.joins.values())} WHERE {' AND '.join(self.where)}"

    def column(self, name: str) -> str:
        """The expression of a column; joins the table it is in."""
        if name in FIXED_COLUMNS:
            return FIXED_COLUMNS[name]
        if name in self.parameters:
            path = self._value("/" + name.replace("~", "~0").replace("/", "~1"))
            text = f"(t.parameters ->> {path}::VARCHAR)"
            return text if self.parameters[name] == "text" else f"TRY_CAST({text} AS DOUBLE)"
        if name not in self.joins:
            table = f"m{len(self.joins)}"
            self.joins[name] = (
                f"LEFT JOIN (SELECT trial_id, value AS {table}_value FROM trial_metrics "  # noqa: S608 - no names in it
                f"WHERE name = {self._value(name)}) AS {table} USING (trial_id)"
            )
        return f"m{list(self.joins).index(name)}_value"

    def add(self, condition: Condition) -> None:
        """Require a condition."""
        name = condition.name
        is_text = name in TEXT_COLUMNS or self.parameters.get(name) == "text"
        if condition.words and not is_text:
            raise SettingError(f"{name} is a number; it cannot be {condition.words[0]!r}")
        if condition.spans and is_text:
            raise SettingError(f"{name} is a word; compare it with = and words such as {name} = a|b")
        column = self.column(name)
        parts = [f"{column} = {self._value(word)}" for word in condition.words]
        for span in condition.spans:
            ends = [
                f"{column} {sign}{'=' if closed else ''} {self._value(end)}"
                for end, sign, closed in ((span.low, ">", span.with_low), (span.high, "<", span.with_high))
                if math.isfinite(end)
            ]
            parts.append(f"({' AND '.join(ends) or f'{column} IS NOT NULL'})")
        told = f"({' OR '.join(parts)})"
        self.where.append(f"NOT coalesce({told}, false)" if condition.negated else told)

    def _value(self, value: float | str) -> str:
        """A placeholder for a value."""
        key = f"v{len(self.given)}"
        self.given[key] = value
        return f"${key}"

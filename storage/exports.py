"""Whole tables for programs: experiments, and the trials, metrics and curves of one, as Arrow tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from storage.errors import SettingError
from storage.experiments import get_experiment
from storage.naming import view_name
from storage.store import Store

MAX_ROWS = 1_000_000
"""Rows of one answer."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which rows are wanted.

    Attributes:
        limit: how many at most; None for all there are.
        offset: how many to leave out first.
        trial: number of the trial they are to belong to; None for all trials.
    """

    limit: int | None = None
    offset: int = 0
    trial: int | None = None

    def __post_init__(self) -> None:
        if self.limit is not None and not 0 <= self.limit <= MAX_ROWS:
            raise SettingError(f"limit = {self.limit}: must be 0 to {MAX_ROWS:,}")
        if self.offset < 0:
            raise SettingError(f"offset = {self.offset}: must be 0 or more")


@dataclass(frozen=True, slots=True)
class Export:
    """Rows, and how many there would be without limit and offset."""

    table: pa.Table
    total: int


_EXPERIMENTS = """
    SELECT name, state, reason, task, strategy, budget_trials,
        (SELECT count(*) FROM trials AS t WHERE t.experiment_id = e.experiment_id AND role IN ('baseline', 'student')
            AND finished_at IS NOT NULL) AS ended_trials,
        (SELECT count(*) FROM trials AS t WHERE t.experiment_id = e.experiment_id AND on_frontier) AS frontier_trials,
        created_at, started_at, finished_at
    FROM experiments AS e ORDER BY experiment_id
"""
_OF_EXPERIMENT: Mapping[str, str] = {
    "metrics": """
        SELECT number AS trial, name, value, standard_error FROM trial_metrics JOIN trials USING (trial_id)
        WHERE experiment_id = $experiment AND ($trial IS NULL OR number = $trial) ORDER BY number, name
    """,
    "curves": """
        SELECT number AS trial, steps.* EXCLUDE (trial_id) FROM steps JOIN trials USING (trial_id)
        WHERE experiment_id = $experiment AND ($trial IS NULL OR number = $trial) ORDER BY number, step
    """,
    "evaluations": """
        SELECT number AS trial, evaluations.* EXCLUDE (trial_id) FROM evaluations JOIN trials USING (trial_id)
        WHERE experiment_id = $experiment AND ($trial IS NULL OR number = $trial) ORDER BY number, step, name
    """,
    "suggestions": """
        SELECT number AS trial, suggestions.* EXCLUDE (experiment_id, number) FROM suggestions
        WHERE experiment_id = $experiment AND ($trial IS NULL OR number = $trial) ORDER BY number
    """,
}
KINDS = ("trials", *_OF_EXPERIMENT)
"""Tables that each experiment has."""


def experiments_export(store: Store, part: Part) -> Export:
    """All experiments, the oldest first.

    Raises:
        SettingError: There are more than fit into one answer.
    """
    return _export(store, _EXPERIMENTS, {}, part)


def experiment_export(store: Store, name: str, kind: str, part: Part) -> Export:
    """A table of one experiment: trials (its wide view), metrics, curves, evaluations or suggestions.

    Raises:
        UnknownNameError: There is no such experiment.
        SettingError: There are more rows than fit into one answer.
    """
    experiment = get_experiment(store, name)
    if kind == "trials":
        view = '"' + view_name(name) + '"'
        query = f"SELECT * FROM {view} WHERE $trial IS NULL OR trial = $trial ORDER BY trial"  # noqa: S608
        return _export(store, query, {"trial": part.trial}, part)
    given = {"experiment": experiment.experiment_id, "trial": part.trial}
    return _export(store, _OF_EXPERIMENT[kind], given, part)


def _export(store: Store, query: str, given: dict[str, Any], part: Part) -> Export:
    with store.read() as connection:
        # Both of one moment, so that a page is never beyond the number of rows it comes with.
        connection.execute("BEGIN TRANSACTION READ ONLY")
        try:
            counted = query.rpartition("ORDER BY")[0]
            [(total,)] = connection.execute(f"SELECT count(*) FROM ({counted})", given).fetchall()  # noqa: S608
            if part.limit is None and total - part.offset > MAX_ROWS:
                raise SettingError(
                    f"there are {total - part.offset:,} rows, more than the {MAX_ROWS:,} of one answer: "
                    "give ?trial=, or ?limit= and ?offset="
                )
            limit = MAX_ROWS if part.limit is None else part.limit
            limited = f"{query} LIMIT {limit:d} OFFSET {part.offset:d}"
            table = connection.sql(limited, params=given).to_arrow_table()
        finally:
            connection.execute("ROLLBACK")
    return Export(table, int(total))

"""Evaluations of many trials as one table, for curves side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from storage.store import Store

MOST_TRIALS = 24
"""Trials of an experiment whose curves are drawn together; of more, the best."""


def evaluation_points(
    store: Store, experiment_id: int, metrics: Sequence[str], *, best_by: str, most: int = MOST_TRIALS
) -> pd.DataFrame:
    """What the students of an experiment measured on their way.

    Args:
        store: The open database.
        experiment_id: The experiment.
        metrics: Names of the metrics to read.
        best_by: Metric, larger being better, by which students are chosen where there are more than ``most``.
        most: Most students to read.

    Returns:
        Columns trial (its number), step and one for each metric, in order of trial and step; NaN where a metric was
        not measured. Only steps at which ``best_by`` was measured are there.
    """
    names = list(dict.fromkeys(metrics))
    columns = [
        f'max(value) FILTER (v.name = ${place + 4}) AS "{_escaped(name)}"' for place, name in enumerate(names)
    ]
    with store.read() as connection:
        return connection.execute(
            f"""
            WITH chosen AS (
                SELECT trial_id, number FROM trials JOIN evaluations AS v USING (trial_id)
                WHERE experiment_id = $1 AND role IN ('baseline', 'student') AND v.name = $2
                GROUP BY trial_id, number ORDER BY max(value) DESC, number LIMIT $3
            )
            SELECT number AS trial, step, {", ".join(columns)}
            FROM chosen JOIN evaluations AS v USING (trial_id)
            GROUP BY number, step HAVING count(*) FILTER (v.name = $2 AND value IS NOT NULL) > 0
            ORDER BY number, step
            """,  # noqa: S608 - names are parameters, and quoted where they name columns
            [experiment_id, best_by, most, *names],
        ).df()


def _escaped(name: str) -> str:
    return name.replace('"', '""')

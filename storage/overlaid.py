"""Learning curves of a few trials at once, each with few points, for drawing them over one another."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from storage.errors import SettingError
from storage.store import Store

MAX_POINTS = 400
"""Points of each curve."""
LOSSES = (
    *("loss", "soft_loss", "hard_loss", "cosine_loss", "hidden_loss", "attention_loss"),
    *("learning_rate", "examples_per_second"),
)
"""Curves that every step has a point of."""


def step_curves(
    store: Store, trial_ids: Collection[int], column: str, max_points: int = MAX_POINTS
) -> pd.DataFrame:
    """A curve of every trial: all steps where they are few, else means over stretches of equally many.

    Args:
        store: The open database.
        trial_ids: The trials.
        column: One of ``LOSSES``.
        max_points: Most points of a trial.

    Returns:
        Columns trial_id, step (the last of its stretch), epoch, seconds (since the trial's first step) and value.

    Raises:
        SettingError: There is no such curve.
    """
    if column not in LOSSES:
        raise SettingError(f"there is no curve {column!r}; there are {', '.join(LOSSES)}")
    with store.read() as connection:
        return connection.execute(
            f"""
            WITH numbered AS (
                SELECT trial_id, step, epoch, epoch(ts - min(ts) OVER own) AS seconds, {column} AS value,
                    row_number() OVER (own ORDER BY step) - 1 AS place, count(*) OVER own AS total
                FROM steps WHERE list_contains($trials, trial_id) WINDOW own AS (PARTITION BY trial_id)
            )
            SELECT trial_id, max(step) AS step, max(epoch) AS epoch, max(seconds) AS seconds, avg(value) AS value
            FROM numbered GROUP BY trial_id, place * least(total, $points) // total
            HAVING value IS NOT NULL ORDER BY trial_id, step
            """,  # noqa: S608 - the name is one of the constants above
            {"trials": list(trial_ids), "points": max_points},
        ).df()


def evaluation_curves(
    store: Store, trial_ids: Collection[int], metric: str, max_points: int = MAX_POINTS
) -> pd.DataFrame:
    """A metric at the evaluations of every trial.

    Returns:
        Columns as ``step_curves``, and standard_error; the epoch and time are those of the step before.
    """
    with store.read() as connection:
        return connection.execute(
            """
            WITH numbered AS (
                SELECT trial_id, step, value, standard_error, count(*) OVER own AS total,
                    row_number() OVER (own ORDER BY step DESC) - 1 AS place
                FROM evaluations WHERE list_contains($trials, trial_id) AND name = $metric AND value IS NOT NULL
                WINDOW own AS (PARTITION BY trial_id)
            ), timed AS (
                SELECT trial_id, step, epoch, epoch(ts - min(ts) OVER (PARTITION BY trial_id)) AS seconds
                FROM steps WHERE list_contains($trials, trial_id)
            )
            SELECT numbered.trial_id, numbered.step, epoch, seconds, value, standard_error
            FROM numbered ASOF LEFT JOIN timed
                ON numbered.trial_id = timed.trial_id AND numbered.step >= timed.step
            WHERE place % ceil(total / $points) = 0 ORDER BY 1, 2
            """,
            {"trials": list(trial_ids), "metric": metric, "points": max_points},
        ).df()


def metrics_of_trials(
    store: Store, trial_ids: Collection[int]
) -> dict[int, dict[str, tuple[float, float | None]]]:
    """Final metrics of a few trials: id of the trial, name of the metric, (value, standard error)."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT trial_id, name, value, standard_error FROM trial_metrics
            WHERE list_contains(?, trial_id) ORDER BY trial_id, name
            """,
            [list(trial_ids)],
        ).fetchall()
    found: dict[int, dict[str, tuple[float, float | None]]] = {}
    for trial, name, value, error in rows:
        found.setdefault(trial, {})[name] = (value, error)
    return found


def evaluated_metrics(store: Store, trial_ids: Collection[int]) -> list[str]:
    """Names of the metrics that any of the trials measured on its way, in order of their names."""
    with store.read() as connection:
        rows = connection.execute(
            "SELECT DISTINCT name FROM evaluations WHERE list_contains(?, trial_id) ORDER BY name",
            [list(trial_ids)],
        ).fetchall()
    return [name for (name,) in rows]

"""What a trial used of the machine, as a data frame that is small however long the trial took."""

from __future__ import annotations

import pandas as pd

from storage.store import Store

MAX_POINTS = 400
"""Rows that are enough for any screen."""


def resources_frame(store: Store, trial_id: int, max_points: int = MAX_POINTS) -> pd.DataFrame:
    """Use of the machine over time, in order.

    More looks than ``max_points`` are put together in stretches of equally many: means, and the most memory.

    Args:
        store: The open database.
        trial_id: The trial.
        max_points: Most rows to return.

    Returns:
        Columns seconds (since the trial's first start), attempt, cpu_percent, memory_mb, gpu_percent and
        gpu_memory_mb; figures that were not known are missing.
    """
    with store.read() as connection:
        return connection.execute(
            """
            WITH numbered AS (
                SELECT resources.*, epoch(resources.ts - coalesce(started_at, min(ts) OVER ())) AS seconds,
                    (row_number() OVER (ORDER BY ts) - 1) * least(1, $points / count(*) OVER ()) AS place
                FROM resources JOIN trials USING (trial_id) WHERE trial_id = $trial
            )
            SELECT max(seconds) AS seconds, max(attempt) AS attempt, avg(cpu_percent) AS cpu_percent,
                max(memory_mb) AS memory_mb, avg(gpu_percent) AS gpu_percent, max(gpu_memory_mb) AS gpu_memory_mb
            FROM numbered GROUP BY floor(place) ORDER BY seconds
            """,
            {"trial": trial_id, "points": max_points},
        ).df()

"""When trials ran: one row for each time a trial was started."""

from __future__ import annotations

import pandas as pd

from storage.event_lines import FINAL_KINDS
from storage.store import Store

MAX_TRIALS = 500
"""Trials of one picture; of more the latest."""


def attempts_frame(store: Store, experiment_id: int, most: int = MAX_TRIALS) -> pd.DataFrame:
    """Attempts of the trials of an experiment that started last, in order of their start.

    Args:
        store: The open database.
        experiment_id: The experiment.
        most: Trials to look at.

    Returns:
        Columns number, role, state and on_frontier of the trial, finished_at (of the trial, UTC without zone),
        attempt, begin, last (when its last event was written, UTC without zone) and kind (of its last word:
        finished, failed or stopped; NULL where it has none).
    """
    with store.read() as connection:
        return connection.execute(
            """
            WITH latest AS (
                SELECT trial_id, number, role, state, on_frontier, finished_at FROM trials
                WHERE experiment_id = $id AND started_at IS NOT NULL
                ORDER BY started_at DESC, number DESC LIMIT $most
            )
            SELECT number, role, state, on_frontier, finished_at, attempt,
                min(ts) AS begin, max(ts) AS last,
                arg_max(kind, seq) FILTER (list_contains($final::VARCHAR[], kind)) AS kind
            FROM events JOIN latest USING (trial_id)
            WHERE attempt IS NOT NULL AND ts IS NOT NULL
            GROUP BY ALL ORDER BY begin, number, attempt
            """,
            {"id": experiment_id, "most": most, "final": list(FINAL_KINDS)},
        ).df()

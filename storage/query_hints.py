"""Small facts about the data that make examples of queries fit them."""

from __future__ import annotations

from storage.store import Store


def typical_value(store: Store, experiment_id: int, metric: str) -> float | None:
    """The middle value of a metric over the trials on the frontier; None while there are none."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT quantile_disc(value, 0.5) FROM trial_metrics JOIN trials USING (trial_id)
            WHERE experiment_id = ? AND on_frontier AND name = ?
            """,
            [experiment_id, metric],
        ).fetchall()
    return None if rows[0][0] is None else float(rows[0][0])


def longest_curve(store: Store, experiment_id: int) -> int:
    """The last step that any trial on the frontier has written down; 0 while there are none."""
    with store.read() as connection:
        rows = connection.execute(
            "SELECT max(step) FROM steps JOIN trials USING (trial_id) WHERE experiment_id = ? AND on_frontier",
            [experiment_id],
        ).fetchall()
    return int(rows[0][0] or 0)

"""Many trials that have ended elsewhere, stored at once."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd

from storage.clock import utc_now
from storage.store import Store
from storage.views import add_columns, refresh_view

Metric = tuple[int, str, float]
"""Number of the trial, name and value."""
Evaluation = tuple[int, int, str, float]
"""Number of the trial, step, name and value."""


def add_ended_trials(
    store: Store,
    experiment_id: int,
    trials: pd.DataFrame,
    metrics: Sequence[Metric],
    evaluations: Sequence[Evaluation],
) -> None:
    """Store trials that have ended, with what they measured, and make the experiment's view anew.

    Args:
        store: The open database.
        experiment_id: The experiment, which has no trials yet.
        trials: Columns number, role, state, reason, parameters (a dictionary), progress, folder, started_at and
            finished_at (UTC without zone), and note, why it was chosen; None for none.
        metrics: What was measured at the end.
        evaluations: What was measured on the way; their time is the end of the trial.
    """
    now = utc_now()
    frame = trials.assign(parameters=[json.dumps(item, allow_nan=False) for item in trials["parameters"]])
    for moment in ("started_at", "finished_at"):
        frame[moment] = pd.to_datetime(frame[moment])
    given = {"experiment": experiment_id, "now": now}
    found = {
        "incoming": frame.drop(columns=["note"]),
        "notes": trials.loc[trials["note"].notna(), ["number", "note"]],
        "finals": pd.DataFrame(metrics, columns=["number", "name", "value"]),
        "looks": pd.DataFrame(evaluations, columns=["number", "step", "name", "value"]),
    }
    with store.write() as connection:
        for name, rows in found.items():
            if len(rows):
                connection.register(name, rows)
                query = _INSERTIONS[name]
                connection.execute(query, {key: value for key, value in given.items() if f"${key}" in query})
                connection.unregister(name)
        add_columns(store, experiment_id, "metric", {name: "float" for _, name, _ in metrics})
        refresh_view(store, experiment_id)


_INSERTIONS = {
    "incoming": """
        INSERT INTO trials (trial_id, experiment_id, number, role, state, reason, parameters, seed, attempts,
            on_frontier, progress, folder, created_at, started_at, finished_at)
        SELECT (SELECT coalesce(max(trial_id), 0) FROM trials) + row_number() OVER (ORDER BY number), $experiment,
            number, role, state, reason, parameters::JSON, 0, 1, false, progress, folder,
            coalesce(started_at, $now::TIMESTAMP), started_at, coalesce(finished_at, $now::TIMESTAMP)
        FROM incoming
    """,
    "notes": """
        INSERT INTO suggestions (experiment_id, number, strategy, note, ts)
        SELECT $experiment, number, 'imported', note, $now::TIMESTAMP FROM notes
    """,
    "finals": """
        INSERT INTO trial_metrics
        SELECT trial_id, name, value, NULL FROM finals JOIN trials USING (number)
        WHERE experiment_id = $experiment
    """,
    "looks": """
        INSERT INTO evaluations
        SELECT trial_id, step, name, value, NULL, coalesce(finished_at, $now::TIMESTAMP)
        FROM looks JOIN trials USING (number) WHERE experiment_id = $experiment
    """,
}

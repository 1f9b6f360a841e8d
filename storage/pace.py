"""How long students took in each experiment, for estimates of others like it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from storage.store import Store


@dataclass(frozen=True, slots=True)
class PaceRow:
    """Durations of an experiment's students that completed in one go.

    Attributes:
        name: of the experiment.
        spec: its specification.
        trials: how many there are.
        low: 10 % quantile in seconds; divided by the trial's epochs where these were searched.
        middle: median, likewise.
        high: 90 % quantile, likewise.
    """

    name: str
    spec: dict[str, Any]
    trials: int
    low: float
    middle: float
    high: float


def pace_rows(store: Store) -> list[PaceRow]:
    """Durations in every experiment that has trained students here, the latest first."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT name, spec, count(*), quantile_cont(seconds, [0.1, 0.5, 0.9]) FROM (
                SELECT experiment_id,
                    epoch(finished_at - started_at) / coalesce(TRY_CAST(parameters->>'epochs' AS DOUBLE), 1) AS seconds
                FROM trials WHERE role IN ('baseline', 'student') AND state = 'completed' AND attempts = 1
                    AND finished_at IS NOT NULL AND started_at IS NOT NULL
            ) JOIN experiments USING (experiment_id)
            WHERE json_extract_string(spec, '$.imported') IS NULL
            GROUP BY experiment_id, name, spec ORDER BY experiment_id DESC
            """
        ).fetchall()
    return [PaceRow(name, json.loads(spec), count, *quantiles) for name, spec, count, quantiles in rows]

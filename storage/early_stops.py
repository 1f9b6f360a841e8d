"""Rows of early stops: which trials were stopped for want of a chance, why, and whether they went on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from storage.clock import utc_now, with_zone
from storage.store import Store

Resumer = Literal["runner", "person"]


@dataclass(frozen=True, slots=True)
class EarlyStop:
    """One early stop as stored; the fields are the columns of the table, times carry UTC."""

    trial_id: int
    stop: int
    share: float
    chance: float
    curves: int
    reason: str
    forecast: dict[str, tuple[float, float]]
    decided_at: datetime
    resumed_at: datetime | None
    resumed_by: str | None
    resumed_because: str | None


_COLUMNS = ", ".join(column.name for column in fields(EarlyStop))


def add_early_stop(
    store: Store,
    trial_id: int,
    *,
    share: float,
    chance: float,
    curves: int,
    reason: str,
    forecast: Mapping[str, tuple[float, float]],
) -> None:
    """Note that a running trial is to be stopped, and why.

    Args:
        store: The open database.
        trial_id: The trial.
        share: Share of its training that is done.
        chance: Probability of reaching the frontier.
        curves: Completed trials that the forecast was learned from.
        reason: A sentence for a person.
        forecast: Mean and standard deviation expected of each metric.
    """
    with store.write() as connection:
        connection.execute(
            """
            INSERT INTO early_stops (trial_id, stop, share, chance, curves, reason, forecast, decided_at)
            SELECT $trial, coalesce(max(stop), 0) + 1, $share, $chance, $curves, $reason, $forecast::JSON,
                $now::TIMESTAMP
            FROM early_stops WHERE trial_id = $trial
            """,
            {
                "trial": trial_id,
                "share": share,
                "chance": chance,
                "curves": curves,
                "reason": reason,
                "forecast": _json(forecast),
                "now": utc_now(),
            },
        )


def drop_early_stop(store: Store, trial_id: int) -> None:
    """Forget a stop that did not come about: the trial ended otherwise before it heard of it."""
    with store.write() as connection:
        connection.execute("DELETE FROM early_stops WHERE trial_id = ? AND resumed_at IS NULL", [trial_id])


def note_resumed(store: Store, trial_id: int, by: Resumer, because: str | None = None) -> None:
    """Note that a trial that was stopped early goes on; nothing happens to any other trial."""
    with store.write() as connection:
        connection.execute(
            """
            UPDATE early_stops SET resumed_at = ?, resumed_by = ?, resumed_because = ?
            WHERE trial_id = ? AND resumed_at IS NULL
            """,
            [utc_now(), by, because, trial_id],
        )


def set_forecast(store: Store, trial_id: int, forecast: Mapping[str, tuple[float, float]]) -> None:
    """Bring up to date what is expected of a trial that stays stopped."""
    with store.write() as connection:
        connection.execute(
            "UPDATE early_stops SET forecast = ?::JSON WHERE trial_id = ? AND resumed_at IS NULL",
            [_json(forecast), trial_id],
        )


def open_early_stop(store: Store, trial_id: int) -> EarlyStop | None:
    """The early stop a trial is in, or is about to be in; None when there is none."""
    with store.read() as connection:
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM early_stops WHERE trial_id = ? AND resumed_at IS NULL",  # noqa: S608
            [trial_id],
        ).fetchone()
    return None if row is None else _row(row)


def list_early_stops(store: Store, experiment_id: int) -> list[EarlyStop]:
    """All early stops of an experiment's trials, in the order of their decisions."""
    with store.read() as connection:
        rows = connection.execute(
            f"""
            SELECT {_COLUMNS} FROM early_stops
            WHERE trial_id IN (SELECT trial_id FROM trials WHERE experiment_id = ?) ORDER BY decided_at, trial_id
            """,  # noqa: S608
            [experiment_id],
        ).fetchall()
    return [_row(row) for row in rows]


def _json(forecast: Mapping[str, tuple[float, float]]) -> str:
    return json.dumps({name: list(pair) for name, pair in forecast.items()}, allow_nan=False)


def _row(values: tuple[Any, ...]) -> EarlyStop:
    named = dict(zip((column.name for column in fields(EarlyStop)), values, strict=True))
    forecast = {name: (mean, deviation) for name, (mean, deviation) in json.loads(named["forecast"]).items()}
    return EarlyStop(
        **named
        | {
            "forecast": forecast,
            "decided_at": with_zone(named["decided_at"]),
            "resumed_at": with_zone(named["resumed_at"]),
        }
    )

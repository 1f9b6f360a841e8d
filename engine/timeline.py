"""Attempts of trials side by side in time: which ran at once, how each ended, and which were lost and begun again."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from engine.lifecycle import TrialState

LOST = "lost"
"""How an attempt ended that had no last word: its process vanished."""

_ENDS = {"finished": "completed", "failed": "failed", "stopped": "stopped"}


def timeline(attempts: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Attempts with their end, how they ended, and a lane each that no other has at the same time.

    Trials do not say which slot they ran in. Lanes are given out in order of the starts, always the first free one,
    so that there are as many as trials ever ran at once.

    Args:
        attempts: as ``storage.attempts.attempts_frame`` gives them.
        now: the present, with a time zone; running attempts reach to it.

    Returns:
        The columns number, role, attempt, on_frontier, begin and end (UTC without zone), outcome (completed, failed,
        stopped, paused, lost or running), again (whether the trial was started once more) and lane, from 0.
    """
    present = pd.Timestamp(now.astimezone(UTC).replace(tzinfo=None))
    last = attempts.groupby("number")["attempt"].transform("max")
    rows = []
    free: list[pd.Timestamp] = []
    for row, newest in zip(attempts.to_dict("records"), last, strict=True):
        again = bool(row["attempt"] < newest)
        outcome = _outcome(row["kind"], row["state"], again=again)
        end = present if outcome == TrialState.RUNNING else max(row["last"], row["begin"])
        lane = next((place for place, until in enumerate(free) if until <= row["begin"]), len(free))
        free[lane : lane + 1] = [end]
        kept = {name: row[name] for name in ("number", "role", "attempt", "on_frontier", "begin")}
        rows.append(kept | {"end": end, "outcome": str(outcome), "again": again, "lane": lane})
    names = ["number", "role", "attempt", "on_frontier", "begin", "end", "outcome", "again", "lane"]
    return pd.DataFrame(rows, columns=names)


def _outcome(kind: object, state: str, *, again: bool) -> str:
    """How an attempt ended, from its last word and the state of its trial."""
    if isinstance(kind, str):
        if kind == "stopped" and (again or state == TrialState.PAUSED):
            return TrialState.PAUSED
        return _ENDS[kind]
    if not again and state == TrialState.RUNNING:
        return TrialState.RUNNING
    # A trial that was ended from outside has no last word of its own, but a state.
    ended_otherwise = not again and state in (TrialState.STOPPED, TrialState.FAILED)
    return state if ended_otherwise else LOST

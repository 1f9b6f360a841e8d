"""Columns of the table of trials: which there are, which are shown, and how a row tells its place and state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard.tables import ERROR_PREFIX, Status

FIRST = ("state", "place", "frontier_share")
LAST = ("seconds", "reason")
EXTRA = ("attempts", "started", "finished", "role")
"""Columns that are shown only when they are asked for."""

_NO_PLACE = (Status.RUNNING, Status.FAILED, Status.STOPPED, Status.DATA)


def all_columns(parameters: Sequence[str], metrics: Sequence[str]) -> list[str]:
    """Names of all columns beside the trial's number, in order."""
    errors = [ERROR_PREFIX + name for name in metrics]
    return list(dict.fromkeys([*FIRST, *parameters, *metrics, *LAST, *EXTRA, *errors]))


def usual_columns(parameters: Sequence[str], metrics: Sequence[str]) -> list[str]:
    """Names of the columns that are shown unless others are asked for."""
    return list(dict.fromkeys([*FIRST, *parameters, *metrics, *LAST]))


def table_of(trials: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Rows to show: the trial's number, then the columns in their order, as far as there are any.

    Args:
        trials: as ``tables.trials_frame`` gives it.
        columns: names out of ``all_columns``.
    """
    table = trials.assign(
        state=[_state(row) for row in trials.to_dict("records")],
        frontier_share=100 * trials["frontier_share"].astype(float),
        place=[_place(status) for status in trials["status"]],
    )
    names = ["trial", *(name for name in columns if name in table and name != "trial")]
    return table[names].reset_index(drop=True)


def _place(status: str) -> str:
    if status in _NO_PLACE:
        return ""
    return "teacher" if status == Status.REFERENCE else str(status)


def _state(row: Mapping[Any, Any]) -> str:
    return f"running {100 * row['progress']:.0f} %" if row["state"] == "running" else str(row["state"])

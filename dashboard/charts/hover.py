"""What a chart says of a trial under the pointer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from dashboard import formats
from dashboard.tables import ERROR_PREFIX
from engine.metric_catalogue import METRICS
from engine.metrics import Metric

_ALWAYS = ("trial", "role", "state", "status", "progress", "frontier_share", "reason")
"""Columns that are read of every trial."""


def hover_texts(
    trials: pd.DataFrame, x: str, y: str, metrics: Sequence[Metric], parameters: Sequence[str]
) -> list[str]:
    """One text a trial: its number and state, its metrics with intervals, and its parameters.

    Args:
        trials: as ``tables.trials_frame`` gives it.
        x: column on the horizontal axis, always told.
        y: column on the vertical axis, always told.
        metrics: of the experiment.
        parameters: to be told as well; leave empty where there are very many trials.
    """
    names = list(dict.fromkeys([y, x, *(metric.name for metric in metrics)]))
    told = [name for name in names if name in METRICS and name in trials]
    shown = [name for name in dict.fromkeys([*parameters, x, y]) if name not in METRICS and name in trials]
    # Only these: rows of a wide table are dear to make.
    needed = [*_ALWAYS, *told, *(ERROR_PREFIX + name for name in told), *shown]
    rows = trials[[name for name in needed if name in trials]].to_dict("records")
    return [_text(row, told, shown) for row in rows]


def hover_template(kind: str, x: str, y: str) -> str:
    """What is said of each of very many trials of a kind: the number and the two figures, filled in by the browser."""
    lines = [f"<b>trial %{{customdata}}</b>, {escape(kind)}"]
    lines += [_filled_in(name, place) for name, place in ((y, "y"), (x, "x"))]
    return "<br>".join(lines) + "<extra></extra>"


def _filled_in(name: str, place: str) -> str:
    if name not in METRICS:
        return f"{name} = %{{{place}:.4~g}}"
    unit = formats.unit_of(name)
    digits = ".1f" if unit == "%" else ".3~s" if METRICS[name].whole else ".3~g"
    return f"{formats.label(name)}: %{{{place}:{digits}}} {unit}".rstrip()


def _text(row: Mapping[Any, Any], metrics: list[str], parameters: list[str]) -> str:
    lines = [f"<b>trial {row['trial']}</b> {row['role']}, {escape(_state(row))}"]
    for name in metrics:
        value, error = row[name], row.get(ERROR_PREFIX + name)
        if isinstance(value, float) and not math.isnan(value):
            told = formats.interval(name, value, error if isinstance(error, float) else None)
            lines.append(f"{formats.label(name)}: {told}")
    share = row.get("frontier_share")
    if isinstance(share, float) and not math.isnan(share) and row["status"] != "below threshold":
        lines.append(f"on the frontier in {formats.share(share)} of resamples")
    lines += [f"{name} = {escape(_plain(row[name]))}" for name in parameters if not _missing(row[name])]
    if row["reason"] and not _missing(row["reason"]):
        reason = str(row["reason"])
        lines.append(escape(reason if len(reason) <= 90 else reason[:89] + "\u2026"))
    return "<br>".join(lines)


def _state(row: Mapping[Any, Any]) -> str:
    state, progress = str(row["state"]), row["progress"]
    if state == "running" and isinstance(progress, float):
        return f"running, {100 * progress:.0f} %"
    return state if state != "completed" else str(row["status"])


def _plain(value: object) -> str:
    return formats.parameter(value if isinstance(value, (float, int, str)) else str(value))


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))

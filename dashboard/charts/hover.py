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
    return [_text(row, told, shown) for row in trials.to_dict("records")]


def _text(row: Mapping[Any, Any], metrics: list[str], parameters: list[str]) -> str:
    lines = [f"<b>trial {row['trial']}</b> {row['role']}, {escape(_state(row))}"]
    for name in metrics:
        value, error = row[name], row.get(ERROR_PREFIX + name)
        if isinstance(value, float) and not math.isnan(value):
            told = formats.interval(name, value, error if isinstance(error, float) else None)
            lines.append(f"{formats.label(name)}: {told}")
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

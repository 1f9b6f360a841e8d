"""All trials of an experiment as a table; a click opens one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.components.navigate import go
from dashboard.tables import ERROR_PREFIX, metric_names
from engine.metric_catalogue import METRICS
from engine.overview import Overview

MAX_HEIGHT = 560
ROW_HEIGHT = 32


def trials_table(view: Overview, trials: pd.DataFrame) -> None:
    """Draw the table: state first, then parameters, then metrics in the order of the specification."""
    shown = table_of(view, trials)
    st.dataframe(
        shown,
        column_config=_columns(shown, view.spec.parameters),
        hide_index=True,
        placeholder="\u2013",
        height=min(MAX_HEIGHT, ROW_HEIGHT * (len(shown) + 1) + 4),
        row_height=ROW_HEIGHT,
        key="trials",
        on_select=lambda: _open(view.experiment.name, shown),
        selection_mode=["single-row", "single-cell"],
        alt="All trials with their parameters and metrics",
    )
    st.caption("Click a row to open its trial. Scores are in percent; click a heading to sort.")


def table_of(view: Overview, trials: pd.DataFrame) -> pd.DataFrame:
    """The columns to show, in order; trials on the frontier first, then by number."""
    metrics = [name for name in metric_names(view) if name in trials]
    names = [
        "trial",
        "state",
        "place",
        "frontier_share",
        *view.spec.parameters,
        *metrics,
        "seconds",
        "reason",
    ]
    table = trials.assign(
        state=[_state(row) for row in trials.to_dict("records")],
        frontier_share=100 * trials["frontier_share"].astype(float),
        place=["" if state == "stopped" else _place(state) for state in trials["status"]],
    )
    return table.sort_values(["on_frontier", "trial"], ascending=[False, True])[
        [name for name in names if name in table and not name.startswith(ERROR_PREFIX)]
    ].reset_index(drop=True)


def _place(status: str) -> str:
    return {"reference": "teacher", "running": "", "failed": ""}.get(status, status)


def _state(row: dict[Any, Any]) -> str:
    return f"running {100 * row['progress']:.0f} %" if row["state"] == "running" else str(row["state"])


def _columns(shown: pd.DataFrame, searched: Collection[str]) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "trial": st.column_config.NumberColumn("trial", pinned=True, width=60, format="%d"),
        "state": st.column_config.TextColumn("state", width=95),
        "place": st.column_config.TextColumn("place", width=110),
        "frontier_share": st.column_config.NumberColumn(
            "on frontier (%)",
            format="%.0f",
            help="How often the trial would be on the frontier with other evaluation examples.",
        ),
        "seconds": st.column_config.NumberColumn("duration (s)", format="%.1f"),
        "reason": st.column_config.TextColumn("reason", width="large"),
    }
    for name in shown.columns:
        if name in METRICS:
            columns[name] = st.column_config.NumberColumn(
                _heading(name), help=formats.axis_label(name), format=_format(name)
            )
        elif name in searched:
            columns[name] = st.column_config.Column(name)
            if shown[name].dtype.kind == "f":
                columns[name] = st.column_config.NumberColumn(name, format="%.4g")
    return columns


def _heading(name: str) -> str:
    unit = formats.unit_of(name)
    return name if unit in ("", "%") else f"{name.removesuffix('_ms').removesuffix('_mb')} ({unit})"


def _format(name: str) -> str:
    match formats.unit_of(name):
        case "%" | "s":
            return "%.1f"
        case "ms" | "MB":
            return "%.2f"
        case "nats":
            return "%.3f"
        case "FLOPs":
            return "compact"
    return "localized" if METRICS[name].whole else "%.2f"


def _open(name: str, shown: pd.DataFrame) -> None:
    chosen = st.session_state["trials"].selection
    rows = [*chosen.rows, *(row for row, _ in chosen.cells)]
    if rows:
        go("trial", id=f"{name}/{int(shown.iloc[rows[0]]['trial'])}")

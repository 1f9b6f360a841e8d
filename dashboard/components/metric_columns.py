"""Columns of metrics in tables: short headings, units, and as many digits as mean something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from dashboard import formats
from engine.metric_catalogue import METRICS, metric_info


def metric_columns(names: Iterable[str]) -> dict[str, Any]:
    """Settings of ``st.dataframe`` for the metrics among some columns."""
    return {
        name: st.column_config.NumberColumn(
            _heading(name), help=formats.axis_label(name), format=_format(name)
        )
        for name in names
        if name in METRICS
    }


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
    return "localized" if metric_info(name).whole else "%.2f"

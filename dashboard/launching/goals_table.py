"""The metrics as a table, and what a change in the table means in TOML."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard import formats
from dashboard.launching.task_choice import reported
from dashboard.launching.toml_edit import Document, with_tables
from engine.metric_catalogue import METRICS

UNUSED = "\u2013"
ROLES = (UNUSED, "optimize", "constrain", "store")
DIRECTIONS = ("maximize", "minimize")


def goal_order(document: Document) -> list[str]:
    """Metrics of the document in their order, then the others its trials report and of which one way is better."""
    listed = [str(table.get("name", "")) for table in _tables(document)]
    others = [name for name in reported(document) if name in METRICS and METRICS[name].better]
    return list(dict.fromkeys([*listed, *others]))


def goals_frame(document: Document, order: Sequence[str]) -> pd.DataFrame:
    """One row a metric, the index its name; columns meaning, role, direction and threshold."""
    tables = {str(table.get("name", "")): table for table in _tables(document)}
    rows = []
    for name in order:
        table = tables.get(name)
        threshold = None if table is None else table.get("threshold")
        rows.append(
            {
                "meaning": formats.axis_label(name),
                "role": UNUSED if table is None else table.get("role", "optimize"),
                "direction": None if table is None else table.get("direction"),
                "threshold": float(threshold) if isinstance(threshold, (int, float)) else None,
            }
        )
    frame = pd.DataFrame(rows, index=pd.Index(order, name="metric"))
    return frame.astype({"threshold": "float64"})


def edited(text: str, name: str, changes: Mapping[str, Any]) -> str:
    """The TOML after cells of one row were changed; a metric that gets a role is added at the end."""
    tables = [dict(table) for table in _tables(tomllib.loads(text))]
    found = next((table for table in tables if table.get("name") == name), None)
    if changes.get("role") == UNUSED:
        return with_tables(text, "metrics", [table for table in tables if table.get("name") != name])
    if found is None:
        found = {"name": name, "role": "store"}
        tables.append(found)
    for column, cell in changes.items():
        missing = cell is None or (isinstance(cell, float) and math.isnan(cell))
        if missing:
            found.pop(column, None)
        else:
            found[column] = cell
    if "direction" not in found and (info := METRICS.get(name)) and info.better:
        found["direction"] = info.better
    if found.get("role") == "store":
        found.pop("threshold", None)
    return with_tables(text, "metrics", tables)


def _tables(document: Document) -> list[Mapping[str, Any]]:
    tables = document.get("metrics", [])
    return [table for table in tables if isinstance(table, Mapping)] if isinstance(tables, list) else []

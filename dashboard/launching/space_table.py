"""The search space as a table of all training settings, and what a change in the table means in TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from dashboard.launching.toml_edit import Document, value_at, with_value, without
from engine.distill.hyperparameters import HYPERPARAMETER_NAMES, Hyperparameters, default_of
from engine.spec_files import preset_text

KINDS = ("default", "fixed", "float", "int", "categorical")
RANGES_FROM = "efficient-bert"
"""Preset whose ranges are proposed when a setting is searched anew."""


def setting_order(document: Document) -> list[str]:
    """All training settings: searched ones first, then fixed ones, then the others."""
    searched, fixed = document.get("parameters", {}), document.get("fixed", {})
    return sorted(HYPERPARAMETER_NAMES, key=lambda name: (name not in searched, name not in fixed))


def space_frame(document: Document, order: Sequence[str]) -> pd.DataFrame:
    """One row a setting, the index its name; columns kind, low, high, log, values and value.

    ``value`` is the fixed value, and for a searched setting the baseline's.
    """
    rows = []
    for name in order:
        searched = value_at(document, ("parameters", name))
        row: dict[str, Any] = {"kind": "default", "low": None, "high": None, "log": False, "values": ""}
        if isinstance(searched, Mapping):
            values = searched.get("values")
            row |= {
                "kind": searched.get("type", "float"),
                "low": _number(searched.get("low")),
                "high": _number(searched.get("high")),
                "log": bool(searched.get("log", False)),
                "values": ", ".join(map(str, values)) if isinstance(values, list) else "",
            }
            chosen = value_at(document, ("baseline", name))
        else:
            chosen = value_at(document, ("fixed", name))
            row["kind"] = "default" if chosen is None else "fixed"
        row["value"] = _number(default_of(name) if chosen is None else chosen)
        rows.append(row)
    frame = pd.DataFrame(rows, index=pd.Index(order, name="setting"))
    return frame.astype({"low": "float64", "high": "float64", "value": "float64"})


def edited(text: str, name: str, changes: Mapping[str, Any]) -> str:
    """The TOML after cells of one row were changed.

    Args:
        text: valid TOML.
        name: the setting.
        changes: column to its new value.
    """
    document = tomllib.loads(text)
    present: dict[str, Any] = {str(key): cell for key, cell in space_frame(document, [name]).iloc[0].items()}
    kind = str(changes.get("kind") or present["kind"])
    if kind in ("default", "fixed") and "kind" not in changes:
        if "values" in changes:
            kind = "categorical"
        elif changes.keys() & {"low", "high", "log"}:
            kind = _natural_kind(name)
        else:
            kind = "fixed"
    if kind == "default":
        return without(without(without(text, ("parameters", name)), ("fixed", name)), ("baseline", name))
    value = changes.get("value")
    if kind == "fixed":
        text = without(without(text, ("parameters", name)), ("baseline", name))
        return with_value(text, ("fixed", name), _typed(name, present["value"] if value is None else value))
    text = without(text, ("fixed", name))
    row: dict[str, Any] = {**present, **changes, "kind": kind}
    newly = present["kind"] in ("default", "fixed")
    text = _searched(text, name, row, newly=newly)
    if value is None and newly:
        value = _into_range(tomllib.loads(text)["parameters"][name], present["value"])
    return text if value is None else with_value(text, ("baseline", name), _typed(name, value))


def _into_range(table: Mapping[str, Any], value: float) -> float:
    """The value, or the nearest one within the bounds, so that the baseline is a point of the space."""
    return min(max(value, float(table.get("low", value))), float(table.get("high", value)))


def _searched(text: str, name: str, row: Mapping[str, Any], *, newly: bool) -> str:
    """The TOML with the setting's range; where it was not searched before, the preset's range is proposed."""
    kind = row["kind"]
    if kind == "categorical":
        values = [_cell(item) for item in str(row["values"] or "").split(",") if item.strip()]
        return with_value(
            text, ("parameters", name), {"type": kind, "values": values or [_typed(name, row["value"])]}
        )
    proposed = _proposals().get(name, {})
    number = int if kind == "int" else float
    table: dict[str, Any] = {"type": kind}
    for bound in ("low", "high"):
        given = row[bound] if row[bound] is not None and not pd.isna(row[bound]) else proposed.get(bound)
        if given is not None:
            table[bound] = number(given)
    if bool(row["log"]) or (newly and proposed.get("log")):
        table["log"] = True
    present = value_at(tomllib.loads(text), ("parameters", name))
    if isinstance(present, Mapping) and present.get("type") == kind and present.keys() <= table.keys():
        for key, cell in table.items():
            text = with_value(text, ("parameters", name, key), cell)
        return text
    return with_value(text, ("parameters", name), table)


@cache
def _proposals() -> dict[str, Any]:
    parameters: dict[str, Any] = tomllib.loads(preset_text(RANGES_FROM))["parameters"]
    return parameters


def _natural_kind(name: str) -> str:
    return "int" if Hyperparameters.model_fields[name].annotation is int else "float"


def _typed(name: str, value: Any) -> int | float:  # noqa: ANN401 - a cell of a table
    return int(value) if _natural_kind(name) == "int" and float(value).is_integer() else float(value)


def _number(value: Any) -> float | None:  # noqa: ANN401 - any TOML value
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _cell(text: str) -> int | float | str:
    """A value of a list as the narrowest type it can be read as."""
    stripped = text.strip()
    for read in (int, float):
        try:
            return read(stripped)
        except ValueError:
            continue
    return stripped

"""The search space as a table of all training settings, and what a change in the table means in TOML."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, get_args

import pandas as pd

from dashboard.launching.task_choice import used_settings
from dashboard.launching.toml_edit import Document, value_at, with_value, without
from engine.distill.hyperparameters import Hyperparameters, default_of, kind_of
from engine.spec_files import preset_text

KINDS = ("default", "fixed", "float", "int", "categorical")
RANGES_FROM = "efficient-bert"
"""Preset whose ranges are proposed when a setting is searched anew."""


def setting_order(document: Document) -> list[str]:
    """Training settings of the document's task: searched ones first, then fixed ones, then the others."""
    searched, fixed = document.get("parameters", {}), document.get("fixed", {})
    return sorted(used_settings(document), key=lambda name: (name not in searched, name not in fixed))


def space_frame(document: Document, order: Sequence[str]) -> pd.DataFrame:
    """One row a setting, the index its name; columns kind, low, high, log, values, when, value and meaning.

    ``when`` is the condition on which a searched setting counts. ``value`` is the fixed value, and for a searched
    setting the baseline's, as text.
    """
    rows = []
    for name in order:
        searched = value_at(document, ("parameters", name))
        row: dict[str, Any] = {
            "kind": "default",
            "low": None,
            "high": None,
            "log": False,
            "values": "",
            "when": "",
        }
        if isinstance(searched, Mapping):
            values = searched.get("values")
            row |= {
                "kind": searched.get("type", "float"),
                "low": _number(searched.get("low")),
                "high": _number(searched.get("high")),
                "log": bool(searched.get("log", False)),
                "values": ", ".join(map(str, values)) if isinstance(values, list) else "",
                "when": str(value_at(document, ("conditions", name)) or ""),
            }
            chosen = value_at(document, ("baseline", name))
        else:
            chosen = value_at(document, ("fixed", name))
            row["kind"] = "default" if chosen is None else "fixed"
        row["value"] = str(default_of(name) if chosen is None else chosen)
        row["meaning"] = Hyperparameters.model_fields[name].description
        rows.append(row)
    frame = pd.DataFrame(rows, index=pd.Index(order, name="setting"))
    return frame.astype({"low": "float64", "high": "float64"})


def edited(text: str, name: str, changes: Mapping[str, Any]) -> str:
    """The TOML after cells of one row were changed.

    Args:
        text: valid TOML.
        name: the setting.
        changes: column to its new value.
    """
    document = tomllib.loads(text)
    present: dict[str, Any] = {str(key): cell for key, cell in space_frame(document, [name]).iloc[0].items()}
    kind = _kind(name, present, changes)
    if kind in ("default", "fixed"):
        text = without(text, ("conditions", name))
    elif "when" in changes:
        text = _when(text, name, str(changes["when"] or "").strip())
    if kind == "default":
        return without(without(without(text, ("parameters", name)), ("fixed", name)), ("baseline", name))
    value = changes.get("value")
    if kind == "fixed":
        text = without(without(text, ("parameters", name)), ("baseline", name))
        return with_value(text, ("fixed", name), _typed(name, value or present["value"]))
    text = without(text, ("fixed", name))
    newly = present["kind"] in ("default", "fixed")
    text = _searched(text, name, {**present, **changes, "kind": kind}, newly=newly)
    if value:
        return with_value(text, ("baseline", name), _typed(name, value))
    if newly:
        table = tomllib.loads(text)["parameters"][name]
        return with_value(text, ("baseline", name), _into_range(table, _typed(name, present["value"])))
    return text


def _kind(name: str, present: Mapping[str, Any], changes: Mapping[str, Any]) -> str:
    """The kind a row has after a change: as chosen, or as the cell that was filled in asks for."""
    kind = str(changes.get("kind") or present["kind"])
    if kind in ("default", "fixed") and "kind" not in changes:
        if "values" in changes:
            kind = "categorical"
        elif changes.keys() & {"low", "high", "log", "when"}:
            kind = kind_of(name)
        else:
            kind = "fixed"
    return "categorical" if kind_of(name) == "choice" and kind not in ("default", "fixed") else kind


def _when(text: str, name: str, rule: str) -> str:
    """The TOML with the condition on which a setting counts; without one where the rule is empty."""
    return with_value(text, ("conditions", name), rule) if rule else without(text, ("conditions", name))


def _into_range(table: Mapping[str, Any], value: float | str) -> float | str:
    """The value, or the nearest one the table allows, so that the baseline is a point of the space."""
    if "values" in table:
        values: list[float | str] = table["values"]
        return value if value in values else values[0]
    if isinstance(value, str):
        return value
    low, high = table.get("low", value), table.get("high", value)
    return low if value < low else high if value > high else value


def _searched(text: str, name: str, row: Mapping[str, Any], *, newly: bool) -> str:
    """The TOML with the setting's range; where it was not searched before, a usual one is proposed."""
    kind = row["kind"]
    if kind == "categorical":
        values = [_typed(name, item) for item in str(row["values"] or "").split(",") if item.strip()]
        words = get_args(Hyperparameters.model_fields[name].annotation) if kind_of(name) == "choice" else ()
        usual = list(words) or [_typed(name, row["value"])]
        return with_value(text, ("parameters", name), {"type": kind, "values": values or usual})
    proposed = _proposals().get(name, {})
    number = int if kind == "int" else float
    table: dict[str, Any] = {"type": kind}
    for bound in ("low", "high"):
        given = proposed.get(bound) if row[bound] is None or math.isnan(row[bound]) else row[bound]
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


def _typed(name: str, cell: str) -> int | float | str:
    """What was written in a cell, as the setting takes it; as it is where that cannot be, to be found at fault."""
    written = cell.strip()
    if kind_of(name) == "choice":
        return written
    try:
        number = float(written)
    except ValueError:
        return written
    return int(number) if kind_of(name) == "int" and number.is_integer() else number


def _number(value: Any) -> float | None:  # noqa: ANN401 - any TOML value
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None

"""How a query's result is drawn: which columns stand for what, chosen by a person or else by what the columns hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import pandas as pd
from pandas.api import types

KINDS = ("scatter", "line", "bar", "histogram")
SETTINGS = ("kind", "x", "y", "colour")
"""Parts of the address that say how a result is drawn."""
FEW = 40
"""Values of a column that can still be told apart along an axis of bars."""
_NUMBERS_ONLY = frozenset({"trial", "trial_id", "experiment_id", "number", "seed", "entry", "position"})
"""Numbers that count things; they are on an axis only when somebody asks."""


@dataclass(frozen=True, slots=True)
class ChartChoice:
    """How a result is drawn.

    Attributes:
        kind: one of ``KINDS``.
        x: column along the horizontal axis.
        y: column along the vertical axis; empty for a histogram, which counts.
        colour: column that colours tell; empty for none.
    """

    kind: str = ""
    x: str = ""
    y: str = ""
    colour: str = ""

    @classmethod
    def of(cls, address: Mapping[str, str]) -> ChartChoice:
        """What the address says, as it stands there."""
        return cls(**{name: address.get(name, "") for name in SETTINGS})

    def settings(self) -> dict[str, str]:
        """What the address is to say."""
        return {name: value for name, value in asdict(self).items() if value}


def chart_choice(frame: pd.DataFrame, asked: ChartChoice) -> ChartChoice | None:
    """What was asked for as far as the result has it, the rest by what the columns hold.

    Returns:
        None where there is nothing to draw: no rows, or no column of numbers.
    """
    usual = _usual(frame)
    if usual is None:
        return None
    x = asked.x if asked.x in frame else usual.x
    kind = asked.kind if asked.kind in KINDS else (_kind(frame, x) if asked.x in frame else usual.kind)
    if kind == "histogram":
        return ChartChoice(kind, x, "", asked.colour if asked.colour in frame else "")
    y = asked.y if asked.y in numbers(frame) else usual.y
    if not y or y == x:
        y = next((name for name in numbers(frame) if name != x), "")
    if not y:
        return ChartChoice("histogram", x, "", "")
    colour = asked.colour if asked.colour in frame else ""
    return replace(usual, kind=kind, x=x, y=y, colour=colour)


def numbers(frame: pd.DataFrame) -> list[str]:
    """Columns of numbers, those that merely count things last."""
    found = [
        str(name)
        for name in frame
        if types.is_numeric_dtype(frame[name])
        and not types.is_bool_dtype(frame[name])
        and frame[name].notna().any()
    ]
    return sorted(found, key=lambda name: name in _NUMBERS_ONLY)


def _usual(frame: pd.DataFrame) -> ChartChoice | None:
    """The first sensible picture of a result."""
    measured = numbers(frame)
    if frame.empty or not measured:
        return None
    for name in map(str, frame):
        if types.is_datetime64_any_dtype(frame[name]) or name == "step":
            others = [other for other in measured if other != name]
            return ChartChoice("line", name, others[0]) if others else None
    words = [str(name) for name in frame if _tells_apart(frame[name])]
    if len(measured) == 1 or measured[1] in _NUMBERS_ONLY:
        if words:
            return ChartChoice("bar", words[0], measured[0])
        counts = [name for name in measured[1:] if len(frame) <= FEW]
        return ChartChoice("bar", counts[0], measured[0]) if counts else ChartChoice("histogram", measured[0])
    if words and frame[words[0]].is_unique:
        return ChartChoice("bar", words[0], measured[0])
    # Cost is told after quality in most queries, and is on the horizontal axis in all charts.
    return ChartChoice("scatter", measured[1], measured[0])


def _tells_apart(column: pd.Series) -> bool:
    """Whether a column has few words or truth values."""
    return (types.is_string_dtype(column) or types.is_bool_dtype(column)) and column.nunique() <= FEW


def _kind(frame: pd.DataFrame, x: str) -> str:
    if types.is_datetime64_any_dtype(frame[x]) or x == "step":
        return "line"
    return "scatter" if x in numbers(frame) else "bar"

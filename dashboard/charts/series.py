"""How up to eight trials or experiments side by side are drawn: colour, dash and marker by their place."""

from __future__ import annotations

from typing import NamedTuple

from dashboard.palette import Palette

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "8px,3px,2px,3px,2px,3px", "3px,6px")
SYMBOLS = (
    *("circle", "square", "diamond", "triangle-up"),
    *("cross", "x", "star", "triangle-down"),
)
GLYPHS = (
    *("\u25cf", "\u25a0", "\u25c6", "\u25b2"),
    *("\u271a", "\u2716", "\u2605", "\u25bc"),
)
"""The markers as letters, for headings of tables."""


class Series(NamedTuple):
    """How one of them is drawn."""

    colour: str
    dash: str
    symbol: str


def series(place: int, colours: Palette) -> Series:
    """The style of the one at a place, from 0; from the ninth on they repeat."""
    turn = place % len(SYMBOLS)
    return Series(colours.series[turn], DASHES[turn], SYMBOLS[turn])


def headings(names: list[str]) -> list[str]:
    """Names with the letters of their markers before them."""
    return [f"{GLYPHS[place % len(GLYPHS)]} {name}" for place, name in enumerate(names)]

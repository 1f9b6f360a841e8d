"""A text with passages marked in it, as HTML in which whatever the text holds is only text."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from html import escape
from itertools import pairwise
from typing import NamedTuple

from dashboard.charts.layout import faint
from dashboard.palette import Palette

MOST = 12_000
"""Characters of a text that are shown, around the first mark."""
ELLIPSIS = "\u2026"


class Mark(StrEnum):
    """What a passage is."""

    RIGHT = "right"
    """An accepted answer: underlined."""
    GIVEN = "given"
    """What a model answered: in a frame."""
    HELD_BACK = "held back"
    """What a model would have answered had it not preferred no answer: in a dotted frame."""


class Passage(NamedTuple):
    """A passage from its first character to before ``end``."""

    start: int
    end: int
    mark: Mark


class Segment(NamedTuple):
    """A piece of a text whose characters all have the same marks."""

    text: str
    marks: frozenset[Mark]


def segments(text: str, passages: Sequence[Passage]) -> list[Segment]:
    """The text in pieces, in order and without gaps; passages may overlap, and what lies outside the text is cut."""
    inside = [
        Passage(max(0, item.start), min(len(text), item.end), item.mark)
        for item in passages
        if max(0, item.start) < min(len(text), item.end)
    ]
    edges = sorted({0, len(text), *(item.start for item in inside), *(item.end for item in inside)})
    return [
        Segment(
            text[start:end],
            frozenset(item.mark for item in inside if item.start <= start and end <= item.end),
        )
        for start, end in pairwise(edges)
    ]


def excerpt(text: str, passages: Sequence[Passage], most: int = MOST) -> tuple[str, list[Passage]]:
    """At most so many characters of a text, around the first passage, and the passages within them."""
    if len(text) <= most:
        return text, list(passages)
    first = min((item.start for item in passages), default=0)
    start = max(0, min(first - most // 2, len(text) - most))
    cut = text[start : start + most]
    before, after = ELLIPSIS if start else "", ELLIPSIS if start + most < len(text) else ""
    shift = len(before) - start
    moved = [Passage(item.start + shift, item.end + shift, item.mark) for item in passages]
    return f"{before}{cut}{after}", moved


def marked_html(text: str, passages: Sequence[Passage], colours: Palette) -> str:
    """The text with its marks, in the colours of the theme."""
    shown, kept = excerpt(text, passages)
    pieces = [
        f'<mark style="{_style(item.marks, colours)}" title="{escape(_title(item.marks))}">{escape(item.text)}</mark>'
        if item.marks
        else escape(item.text)
        for item in segments(shown, kept)
    ]
    return (
        '<div style="white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.75; '
        f'color: {colours.text}">{"".join(pieces)}</div>'
    )


def key_html(marks: Sequence[Mark], colours: Palette) -> str:
    """What each mark means, in a line."""
    words = {
        Mark.RIGHT: "accepted answer",
        Mark.GIVEN: "this trial\u2019s answer",
        Mark.HELD_BACK: "its best answer, held back",
    }
    told = [f'<mark style="{_style({mark}, colours)}">{words[mark]}</mark>' for mark in marks]
    return f'<div style="font-size: 0.85rem; color: {colours.text}">{"&emsp;".join(told)}</div>'


def _style(marks: set[Mark] | frozenset[Mark], colours: Palette) -> str:
    """Colours alone tell nothing that shapes do not tell too."""
    parts = ["color: inherit", "padding: 0.1em 0.12em", "margin: 0 0.08em", "border-radius: 0.2em"]
    framed = next((mark for mark in (Mark.GIVEN, Mark.HELD_BACK) if mark in marks), None)
    parts.append(f"background: {faint(colours.predicted if framed else colours.right, 0.18)}")
    if framed is not None:
        line = "solid" if framed is Mark.GIVEN else "dotted"
        parts.append(f"outline: 2px {line} {colours.predicted}")
    if Mark.RIGHT in marks:
        parts.append(f"box-shadow: inset 0 -0.28em 0 {colours.right}")
    return "; ".join(parts)


def _title(marks: frozenset[Mark]) -> str:
    words = {Mark.RIGHT: "accepted answer", Mark.GIVEN: "answered", Mark.HELD_BACK: "held back"}
    return " and ".join(words[mark] for mark in Mark if mark in marks)

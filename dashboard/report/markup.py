"""HTML and SVG as text, every value escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


class Markup(str):
    """Text that is markup already and is not escaped again."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: object) -> Markup:
    """An element.

    Args:
        tag: its name.
        children: markup, or text that is escaped.
        attributes: by name; an underscore stands for a hyphen and one at the end is dropped, None leaves out.
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    inside = "".join(map(text, children))
    return Markup(f"<{tag}{given}>{inside}</{tag}>")


def text(value: str) -> Markup:
    """Text as markup; markup as it is."""
    return value if isinstance(value, Markup) else Markup(escape(value))


def joined(parts: Iterable[str]) -> Markup:
    """Several pieces one after the other."""
    return Markup("".join(map(text, parts)))


def table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numeric: frozenset[int] = frozenset(),
    notes: Sequence[str] = (),
) -> Markup:
    """A table.

    Args:
        headings: of the columns.
        rows: cells as text or markup.
        numeric: places of columns that are aligned to the right.
        notes: one a row, which stands below it over the whole width where it is not empty.
    """

    def cell(tag: str, place: int, value: str) -> Markup:
        return element(tag, value, class_="number" if place in numeric else None)

    head = element("tr", *(cell("th", place, name) for place, name in enumerate(headings)))
    body: list[str] = []
    for number, row in enumerate(rows):
        note = notes[number] if notes else ""
        cells = (cell("td", place, value) for place, value in enumerate(row))
        body.append(element("tr", *cells, class_="noted" if note else None))
        if note:
            body.append(element("tr", element("td", note, colspan=len(headings)), class_="note"))
    return element("table", element("thead", head), element("tbody", *body))


def _value(value: object) -> str:
    """Coordinates in as many digits as a screen can show."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)

"""Printed figures as inline SVG: a frame with axes, marks by meaning as on screen, and a legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard.palette import Palette
from dashboard.report.axes import Axis
from dashboard.report.markup import Markup, element, joined

WIDTH, HEIGHT = 720.0, 380.0
LEFT, RIGHT, TOP, BOTTOM = 60.0, 12.0, 10.0, 48.0
FONT = 12

Shape = Literal["disc", "ring", "diamond", "cross", "triangle"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind of mark is drawn.

    Attributes:
        shape: of the mark.
        colour: of the mark.
        size: half its width.
        words: what it is called in the legend; nothing leaves it out.
    """

    shape: Shape
    colour: str
    size: float
    words: str = ""


def mark(look: Look, x: float, y: float, title: str | None = None) -> Markup:
    """A mark at a place, with words that a pointer over it shows."""
    size, colour = look.size, look.colour
    told = () if title is None else (element("title", title),)
    match look.shape:
        case "disc":
            return element("circle", *told, cx=x, cy=y, r=size, fill=colour)
        case "ring":
            return element("circle", *told, cx=x, cy=y, r=size, fill="none", stroke=colour, stroke_width=1.5)
        case "cross":
            d = f"M{x - size:.6g} {y - size:.6g}l{2 * size:g} {2 * size:g}m0 {-2 * size:g}l{-2 * size:g} {2 * size:g}"
            return element("path", *told, d=d, stroke=colour, stroke_width=1.8, fill="none")
        case "diamond":
            points = [(x, y - size), (x + size, y), (x, y + size), (x - size, y)]
        case "triangle":
            points = [(x, y - size), (x + size, y + size), (x - size, y + size)]
    return element("polygon", *told, points=" ".join(f"{a:.6g},{b:.6g}" for a, b in points), fill=colour)


def line(
    points: Sequence[tuple[float, float]], colour: str, *, dash: str | None = None, width: float = 2.0
) -> Markup:
    """A line through some points."""
    told = " ".join(f"{x:.6g},{y:.6g}" for x, y in points)
    return element(
        "polyline", points=told, fill="none", stroke=colour, stroke_width=width, stroke_dasharray=dash
    )


def words(
    value: str, x: float, y: float, colour: str, *, anchor: str = "start", turned: bool = False
) -> Markup:
    """Text at a place, its base line there."""
    turn = f"rotate(-90 {x:g} {y:g})" if turned else None
    return element("text", value, x=x, y=y, fill=colour, font_size=FONT, text_anchor=anchor, transform=turn)


def figure(
    title: str, x: Axis, y: Axis, marks: Sequence[str], legend: Sequence[Look], colours: Palette
) -> Markup:
    """A figure with its title, frame, ticks and legend.

    Args:
        title: what it shows.
        x: horizontal axis.
        y: vertical axis.
        marks: what is drawn between them, from the back to the front.
        legend: kinds of marks to name.
        colours: of a light page.
    """
    parts = [*_grid(x, y, colours), *marks]
    height = HEIGHT
    if legend:
        parts.append(_legend(legend, colours))
        height += 22.0
    drawn = element(
        "svg",
        *parts,
        viewBox=f"0 0 {WIDTH:g} {height:g}",
        role="img",
        aria_label=title,
        xmlns="http://www.w3.org/2000/svg",
        font_family="inherit",
    )
    return element("figure", element("figcaption", title), drawn)


def _grid(x: Axis, y: Axis, colours: Palette) -> list[Markup]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    found = []
    for value, told in x.ticks():
        at = x.at(value)
        found.append(line([(at, TOP), (at, bottom)], colours.grid, width=1))
        found.append(words(told, at, bottom + 16, colours.text, anchor="middle"))
    for value, told in y.ticks():
        at = y.at(value)
        found.append(line([(LEFT, at), (right, at)], colours.grid, width=1))
        found.append(words(told, LEFT - 6, at + 4, colours.text, anchor="end"))
    middle = (LEFT + right) / 2
    found.append(words(x.label, middle, bottom + 36, colours.text, anchor="middle"))
    found.append(words(y.label, 14, (TOP + bottom) / 2, colours.text, anchor="middle", turned=True))
    return found


def _legend(looks: Sequence[Look], colours: Palette) -> Markup:
    at, parts = LEFT, []
    for look in looks:
        small = Look(look.shape, look.colour, min(look.size, 5.0))
        parts += [mark(small, at + 6, HEIGHT + 6), words(look.words, at + 18, HEIGHT + 10, colours.text)]
        at += 34 + 6.6 * len(look.words)
    return joined(parts)

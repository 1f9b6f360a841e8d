"""Shares of a few labels as bars of HTML, the right one and the given one marked by words as well as by colour."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from html import escape

from dashboard.charts.layout import faint
from dashboard.palette import Palette

MOST = 12
"""Labels that are shown, the most likely first; right and given ones always."""


def share_bars(shares: Mapping[str, float], right: Collection[str], given: str, colours: Palette) -> str:
    """A table with a bar for each label.

    Args:
        shares: probability of each label, 0 to 1.
        right: the right labels.
        given: the label that was answered.
        colours: the palette in force.
    """
    order = sorted(shares, key=lambda name: -shares[name])
    shown = [name for place, name in enumerate(order) if place < MOST or name in right or name == given]
    rows = "".join(_row(name, shares[name], name in right, name == given, colours) for name in shown)
    return (
        f'<table style="border-collapse: collapse; width: 100%; color: {colours.text}; font-size: 0.9rem">'
        f"<tbody>{rows}</tbody></table>"
    )


def _row(name: str, share: float, is_right: bool, is_given: bool, colours: Palette) -> str:
    colour = colours.right if is_right else colours.predicted if is_given else colours.dominated
    told = " \u00b7 ".join(word for word, there in (("right", is_right), ("answered", is_given)) if there)
    width = max(0.5, 100 * share)
    cell = "padding: 0.25rem 0.5rem 0.25rem 0; border: 0; vertical-align: middle"
    weight = "600" if is_right or is_given else "400"
    bar = f"width: {width:.1f}%; height: 0.8rem; background: {colour}; border-radius: 0.2rem"
    rest = f"background: {faint(colours.dominated, 0.15)}; border-radius: 0.2rem"
    return (
        f'<tr><td style="{cell}; font-weight: {weight}; width: 34%; overflow-wrap: anywhere">{escape(name)}</td>'
        f'<td style="{cell}; width: 36%"><div style="{rest}"><div style="{bar}"></div></div></td>'
        f'<td style="{cell}; text-align: right; width: 12%">{100 * share:.1f} %</td>'
        f'<td style="{cell}; color: {colour}; width: 18%">{told}</td></tr>'
    )

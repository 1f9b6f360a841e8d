"""One colour for each meaning, in a light and a dark variant, the same on every page.

Shapes differ as well, so that no meaning hangs on colour alone; the colours themselves stay apart for
people with red-green or blue-yellow blindness.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as ``#rrggbb``.

    Attributes:
        frontier: trials on the frontier, filled.
        dominated: completed trials that another one dominates.
        baseline: the reference configuration.
        below_threshold: trials beyond a threshold, drawn hollow.
        failed: failed trials, drawn as crosses.
        running: queued and running trials, drawn as rings.
        predicted: what a model expects.
        reference: the teacher and published points.
        text: of annotations.
        grid: lines behind the data.
        background: the page.
        right: accepted answers, underlined.
        series: one for each of up to eight trials or experiments side by side; their dashes and markers differ too.
    """

    frontier: str
    dominated: str
    baseline: str
    below_threshold: str
    failed: str
    running: str
    predicted: str
    reference: str
    text: str
    grid: str
    background: str
    right: str
    series: tuple[str, ...]


LIGHT = Palette(
    frontier="#1d5fb8",
    dominated="#8fa6c0",
    baseline="#cc3a86",
    below_threshold="#a9b0b8",
    failed="#c0322b",
    running="#b87400",
    predicted="#6b57c9",
    reference="#5f6873",
    text="#1c2430",
    grid="#e3e7eb",
    background="#fcfcfb",
    right="#1a7f4b",
    series=(
        *("#1d5fb8", "#d65312", "#1aa294", "#852d0a"),
        *("#9588c7", "#4c3968", "#bf7654", "#763f48"),
    ),
)
DARK = Palette(
    frontier="#62a4ff",
    dominated="#5d748f",
    baseline="#ff85c2",
    below_threshold="#6a7480",
    failed="#ff6a5e",
    running="#f2ae3d",
    predicted="#a99bff",
    reference="#a3adb9",
    text="#e3e7ec",
    grid="#2a323c",
    background="#14181e",
    right="#5fd39a",
    series=(
        *("#62a4ff", "#d67207", "#22f6fa", "#f13b52"),
        *("#b0f097", "#9479a8", "#e7e93c", "#e697a2"),
    ),
)


def palette(theme: str | None) -> Palette:
    """The palette of a theme; light where the browser has not said which it shows."""
    return DARK if theme == "dark" else LIGHT

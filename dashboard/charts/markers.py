"""How each kind of trial is drawn: colour and shape by meaning."""

from __future__ import annotations

from typing import Any

from dashboard.palette import Palette
from dashboard.tables import Status

LEGEND = {
    Status.FRONTIER: "frontier",
    Status.DOMINATED: "dominated",
    Status.BASELINE: "baseline",
    Status.BELOW_THRESHOLD: "beyond a threshold",
    Status.FAILED: "failed",
    Status.RUNNING: "waiting or running",
    Status.REFERENCE: "teacher",
}
"""Names of the kinds in legends."""


def marker(status: Status, colours: Palette, *, on_frontier: bool = False) -> dict[str, Any]:
    """Colour, size and shape of a trial's point; the baseline gets a blue edge while it is on the frontier."""
    match status:
        case Status.FRONTIER:
            return {"color": colours.frontier, "size": 11, "line": {"color": colours.frontier, "width": 1}}
        case Status.DOMINATED:
            return {"color": colours.dominated, "size": 8, "line": {"color": colours.background, "width": 1}}
        case Status.BASELINE:
            edge = colours.frontier if on_frontier else colours.baseline
            return {
                "color": colours.baseline,
                "size": 14,
                "symbol": "diamond",
                "line": {"color": edge, "width": 2},
            }
        case Status.BELOW_THRESHOLD:
            return {
                "color": colours.below_threshold,
                "size": 8,
                "symbol": "circle-open",
                "line": {"color": colours.below_threshold, "width": 1.5},
            }
        case Status.FAILED:
            return {"color": colours.failed, "size": 9, "symbol": "x-thin", "line": _line(colours.failed)}
        case Status.RUNNING:
            return {
                "color": colours.running,
                "size": 11,
                "symbol": "circle-open",
                "line": _line(colours.running),
            }
    return {
        "color": colours.reference,
        "size": 9,
        "symbol": "triangle-up",
        "line": _line(colours.reference, 1),
    }


def _line(colour: str, width: float = 2) -> dict[str, Any]:
    return {"color": colour, "width": width}

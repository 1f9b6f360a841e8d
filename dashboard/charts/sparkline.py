"""A frontier as small as a word, for lists: an SVG picture without axes."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.palette import Palette
from dashboard.tables import Status

WIDTH, HEIGHT, EDGE = 120, 36, 5


def sparkline(points: Sequence[tuple[float, float, str]], colours: Palette) -> str:
    """The trials' places as dots.

    Args:
        points: cost, quality and status of each measured trial, as in ``tables.Status``.
        colours: the palette in force.

    Returns:
        An SVG picture; only a base line while there are no points.
    """
    body = [
        f'<line x1="0" y1="{HEIGHT - 0.5}" x2="{WIDTH}" y2="{HEIGHT - 0.5}" stroke="{colours.grid}" stroke-width="1"/>'
    ]
    if points:
        xs, ys = [point[0] for point in points], [point[1] for point in points]
        fills = {
            Status.FRONTIER: colours.frontier,
            Status.BASELINE: colours.baseline,
            Status.BELOW_THRESHOLD: colours.below_threshold,
        }
        ranked = sorted(points, key=lambda point: point[2] in (Status.FRONTIER, Status.BASELINE))
        for x, y, status in ranked:
            left = EDGE + _share(x, xs) * (WIDTH - 2 * EDGE)
            top = HEIGHT - EDGE - _share(y, ys) * (HEIGHT - 2 * EDGE)
            important = status in (Status.FRONTIER, Status.BASELINE)
            fill = fills.get(Status(status), colours.dominated)
            body.append(
                f'<circle cx="{left:.1f}" cy="{top:.1f}" r="{2.6 if important else 1.7}" fill="{fill}"/>'
            )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(body)}</svg>'
    )


def _share(value: float, values: Sequence[float]) -> float:
    low, high = min(values), max(values)
    return 0.5 if high == low else (value - low) / (high - low)

"""Learning curves made for tests: straight gains, sizes that are known."""

from __future__ import annotations

from engine.early_stopping.curves import Curve
from engine.metrics import Metric

METRICS = (
    Metric(name="exact", direction="maximize", threshold=30.0),
    Metric(name="num_parameters", direction="minimize"),
)
THIRDS = (1 / 3, 2 / 3, 1.0)
"""Shares of a training after which it is evaluated."""


def curve(
    number: int, exact: list[float], size: float = 2e7, final: float | None = None, **settings: float
) -> Curve:
    """A trial with these scores on its way; it is complete if ``final`` is given."""
    known = {"num_parameters": size}
    values = None if final is None else {"exact": final, **known}
    return Curve(number, tuple({"exact": score} for score in exact), settings, known, values)


def completed() -> list[Curve]:
    """Six trials of three evaluations that gained about 20 points after the first and 10 after the second."""
    gains = (19.0, 20.5, 21.0, 19.5, 20.0, 20.0)
    starts = (30.0, 33.0, 35.0, 37.0, 39.0, 40.0)
    return [
        curve(number, [start, start + gain - 10, start + gain], 1e7 * number, start + gain)
        for number, (start, gain) in enumerate(zip(starts, gains, strict=True), start=1)
    ]

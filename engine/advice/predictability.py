"""Advice on metrics that the search's model cannot predict."""

from __future__ import annotations

from collections.abc import Mapping

from engine.advice.interface import Advice

UNPREDICTABLE = 0.2
"""Share of a metric's variance, in trials the model was not shown, below which it is said not to predict it."""


def unpredictable(r_squared: Mapping[str, float]) -> list[Advice]:
    """Metrics that the search has not learned.

    Args:
        r_squared: by metric, the share of the variance that the model explains in trials left out of it; below 0
            where the mean would have predicted better.
    """
    return [
        Advice(
            "warning",
            f"{name} is hardly predictable from the parameters (share of its variance predicted {value:.2f}): the "
            "search goes on by chance. More evaluation examples or longer trainings make it less noisy; a narrower "
            "space makes it simpler.",
            "task.eval_samples",
        )
        for name, value in r_squared.items()
        if value < UNPREDICTABLE
    ]

"""What the frontier of an experiment is drawn over before anybody chooses axes, on its page and in its report."""

from __future__ import annotations

from engine.extraction.requirements import EXTRACT
from engine.metrics import objectives, quality_and_cost
from engine.overview import Overview


def first_axes(view: Overview) -> tuple[str, str]:
    """Cost and quality, or the first two objectives, or the only one against the training time or the size.

    Returns:
        The metrics along the horizontal and the vertical axis.
    """
    if names := quality_and_cost(view.spec.metrics):
        return names[1].name, names[0].name
    found = [metric.name for metric in objectives(view.spec.metrics)]
    cost = "lemma_parameters" if view.spec.strategy.name == EXTRACT else "train_seconds"
    return (found[1], found[0]) if len(found) > 1 else (cost, found[0])

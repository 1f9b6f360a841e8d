"""What was measured, beside what is predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.frontier import frontier
from engine.measured import Measured
from engine.metrics import Metric, meets_thresholds
from engine.whatif.answer import Answer


def measured_front(
    metrics: Sequence[Metric], answer: Answer, measured: Mapping[int, Measured]
) -> frozenset[int]:
    """Measured trials that meet every threshold and that no other such trial beats in the answer's quality and cost.

    Args:
        metrics: of the experiment.
        answer: whose two axes are meant.
        measured: completed trials by number; the teacher, number 0, is left out.
    """
    if answer.cost is None:
        return frozenset()
    directions = {metric.name: metric.direction for metric in metrics}
    pair = [
        Metric(name=answer.quality, direction=directions.get(answer.quality) or "maximize"),
        Metric(name=answer.cost, direction=directions.get(answer.cost) or "minimize"),
    ]
    values = {
        number: found.metrics
        for number, found in measured.items()
        if number and meets_thresholds(metrics, found.metrics)
    }
    return frozenset(frontier(pair, values))

"""The chance that a trial reaches the frontier, and what stands in its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.early_stopping.curves import Values
from engine.early_stopping.forecast import Forecasts
from engine.frontier import frontier
from engine.metrics import Metric, objectives

HALVINGS = 30
"""Halvings of the interval that holds a probability; more change no digit that anybody reads."""


@dataclass(frozen=True, slots=True)
class Barrier:
    """Why values are not on the frontier: a threshold they do not meet, or a trial that dominates them.

    Attributes:
        metric: the metric whose threshold is not met; None where a trial dominates.
        trial: the trial that dominates; None where a threshold is not met.
    """

    metric: str | None = None
    trial: int | None = None


@dataclass(frozen=True, slots=True)
class Frontier:
    """What a trial is held against.

    Attributes:
        metrics: every metric of the experiment with its role.
        points: metrics of the trials on the frontier, by number.
    """

    metrics: tuple[Metric, ...]
    points: Mapping[int, Values]

    @classmethod
    def of(cls, metrics: Sequence[Metric], completed: Mapping[int, Values]) -> Frontier:
        """The frontier of completed trials."""
        numbers = frontier(metrics, completed)
        return cls(tuple(metrics), {number: completed[number] for number in sorted(numbers)})

    def barrier(self, values: Values) -> Barrier | None:
        """What keeps a trial with these values off the frontier; None when nothing does."""
        for metric in self.metrics:
            if metric.role != "store" and not metric.meets_threshold(values[metric.name]):
                return Barrier(metric=metric.name)
        axes = objectives(self.metrics)
        for number, point in self.points.items():
            gains = [metric.sign * (point[metric.name] - values[metric.name]) for metric in axes]
            if min(gains) >= 0 and max(gains) > 0:
                return Barrier(trial=number)
        return None


def best_case(metrics: Sequence[Metric], found: Forecasts, doubt: float) -> dict[str, float]:
    """Values that a trial surpasses in any metric with a probability of at most ``doubt``, between 0 and 1.

    The doubt is shared out evenly among the metrics that are not known (Bonferroni), whatever ties them together.
    """
    unknown = sum(prediction.scale > 0 for prediction in found.values())
    values = {}
    for metric in metrics:
        if metric.name in found:
            tail = doubt / max(1, unknown)
            level = 1 - tail if metric.sign > 0 else tail
            values[metric.name] = found[metric.name].quantile(level)
    return values


def chance(front: Frontier, found: Forecasts) -> float:
    """Probability that a trial ends on the frontier, at most; exact where one metric alone is not known.

    It is the smallest doubt at which even the best case is kept off the frontier.
    """
    if all(prediction.scale == 0 for prediction in found.values()):
        return float(front.barrier({name: prediction.mean for name, prediction in found.items()}) is None)
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if front.barrier(best_case(front.metrics, found, middle)) is None:
            low = middle
        else:
            high = middle
    return high

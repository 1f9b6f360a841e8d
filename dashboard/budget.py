"""The model to ship within a budget: the best measured trial for each cost."""

from __future__ import annotations

from engine.measured import Measured
from engine.metrics import Metric, meets_thresholds, quality_and_cost
from engine.overview import Overview


def ladder(view: Overview) -> list[Measured]:
    """Students that meet every threshold, the cheapest first, each better than every cheaper one.

    Empty when the experiment has no quality to maximise or no cost to minimise.
    """
    names = quality_and_cost(view.spec.metrics)
    if names is None:
        return []
    quality, cost = names
    students = {trial.number for trial in view.students}
    fitting = [
        found
        for number, found in view.measured.items()
        if number in students and meets_thresholds(view.spec.metrics, found.metrics)
    ]
    steps: list[Measured] = []
    for found in sorted(fitting, key=lambda item: (item.metrics[cost.name], -item.metrics[quality.name])):
        if not steps or found.metrics[quality.name] > steps[-1].metrics[quality.name]:
            steps.append(found)
    return steps


def within(steps: list[Measured], cost: Metric, budget: float) -> Measured | None:
    """The best step of the ladder that costs at most the budget."""
    fitting = [step for step in steps if step.metrics[cost.name] <= budget]
    return fitting[-1] if fitting else None


def nearest(costs: list[float], asked: str | None) -> float:
    """The largest of some costs, in rising order, that an asked budget allows; the largest of all without one."""
    try:
        budget = float(asked or "")
    except ValueError:
        return costs[-1]
    # A budget that was written down is rounded.
    return next((cost for cost in reversed(costs) if cost <= budget * (1 + 1e-9)), costs[0])

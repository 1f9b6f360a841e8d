"""Which budgets there are sliders for, and where these stop."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from dashboard.whatif.steps import budget_steps
from engine.metric_catalogue import METRICS
from engine.metrics import Metric
from engine.whatif.question import Question

ANY = "any"
"""The stop of a slider that sets no budget."""


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A slider.

    Attributes:
        metric: its name.
        kind: whether values are to be at most or at least the limit.
        limit: of the question; None where there is none.
        threshold: of the experiment, which holds whatever is asked.
    """

    metric: str
    kind: Literal["max", "min"]
    limit: float | None
    threshold: float | None


def budget_rows(
    metrics: Sequence[Metric],
    values: Mapping[str, Sequence[float]],
    question: Question,
    more: Collection[str] = (),
) -> tuple[list[BudgetRow], list[str]]:
    """The sliders, and the metrics that a further one may be added for.

    There is one for each metric of the experiment, with the limit on the side that is worse, one for each other budget
    of the question, and one for each metric that was added.

    Args:
        metrics: of the experiment.
        values: measured values of every metric.
        question: what is asked.
        more: metrics that were added.
    """
    thresholds = {metric.name: metric.threshold for metric in metrics}
    shown: dict[tuple[str, Literal["max", "min"]], float | None] = {}
    for metric in metrics:
        side = _side(metric.name, metric.direction)
        if side is not None:
            shown[metric.name, side] = None
    for name in more:
        shown.setdefault((name, _side(name) or "max"), None)
    shown |= {(budget.metric, budget.kind): budget.limit for budget in question.budgets}
    rows = [BudgetRow(name, kind, limit, thresholds.get(name)) for (name, kind), limit in shown.items()]
    named = {row.metric for row in rows}
    others = [name for name in METRICS if name in values and name not in named and METRICS[name].better]
    return rows, others


def options_of(row: BudgetRow, values: Collection[float]) -> list[float | str]:
    """Where a slider stops, ``ANY`` at the end that allows everything."""
    steps: list[float | str] = [*budget_steps(values, () if row.limit is None else (row.limit,))]
    return [*steps, ANY] if row.kind == "max" else [ANY, *steps]


def measured_values(trials: pd.DataFrame, names: Sequence[str]) -> dict[str, Sequence[float]]:
    """Values of the students' metrics, by name; the teacher's are left out.

    Args:
        trials: as ``tables.trials_frame`` gives it.
        names: metrics that are wanted.
    """
    students = trials[trials["trial"] != 0]
    return {name: students[name].dropna().tolist() if name in students else [] for name in names}


def _side(name: str, direction: str | None = None) -> Literal["max", "min"] | None:
    """The side on which a metric is worse."""
    better = direction or (METRICS[name].better if name in METRICS else None)
    return None if better is None else "max" if better == "minimize" else "min"

"""What is expected of single configurations, and whether they keep budgets, out of tables of predictions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from engine.metrics import Metric
from engine.whatif.answer import Estimate, Expected, FrontierPoint, Spread
from engine.whatif.exploring import Table
from engine.whatif.learning import Models
from engine.whatif.question import Budget

FRONTIER_POINTS = 24
"""Most points of the predicted frontier that are given."""

SPREAD = (0.05, 0.5, 0.95)
"""Quantiles of the predictions over what is left free."""

Array = npt.NDArray[np.float64]


def judged(models: Models, table: Table, rows: Sequence[int]) -> Table:
    """Some rows of a table that were chosen for their predictions, as unsure as the judges are at odds about them.

    Where many configurations were compared, the chosen one is likely where the model errs in its favour. Models that
    lack a group of trials each share only part of that error: their standard deviation there is added.
    """
    configurations = [table.configurations[row] for row in rows]
    return Table(
        table.names,
        configurations,
        table.means[rows],
        np.hypot(table.deviations[rows], models.disagreement(table.names, configurations)),
        table.success[rows],
        table.prudent[rows],
        table.shortfall[rows],
    )


def expected(models: Models, table: Table, index: int, limits: Sequence[Budget]) -> Expected:
    """What is expected of a configuration of a table.

    Args:
        models: what the table comes from.
        table: predictions.
        index: row of the table.
        limits: budgets and thresholds on predicted metrics.
    """
    estimates = {name: estimate(models, table, index, name) for name in table.names}
    fails = any(learned.surrogate.success is not None for learned in models.learned.values())
    return Expected(
        parameters=table.configurations[index],
        estimates=estimates,
        runs_through=float(table.success[index]) if fails else None,
        keeps=bool(table.shortfall[index] == 0),
        within=_within(models, table, index, limits) if limits else None,
    )


def estimate(models: Models, table: Table, index: int, name: str) -> Estimate:
    """The interval of a metric of a configuration of a table."""
    column = table.names.index(name)
    return models.estimate(name, float(table.means[index, column]), float(table.deviations[index, column]))


def spread(models: Models, table: Table, even: int) -> dict[str, Spread]:
    """Of each metric, the median and the middle of its predictions over the evenly spread configurations.

    Args:
        models: what the table comes from.
        table: predictions.
        even: how many of its first rows are the evenly spread configurations.
    """
    found = {}
    for name in table.names:
        low, median, high = (
            models.estimate(name, float(value), 0.0).mean
            for value in np.quantile(table.column(name)[:even], SPREAD)
        )
        found[name] = Spread(median, low, high)
    return found


def predicted_frontier(models: Models, table: Table, quality: Metric, cost: Metric) -> list[FrontierPoint]:
    """The best predicted quality at each cost, the cheapest first; the ends and an even choice between them."""
    rows = table.frontier(quality, cost)
    if len(rows) > FRONTIER_POINTS:
        rows = [rows[round(i)] for i in np.linspace(0, len(rows) - 1, FRONTIER_POINTS)]
    chosen = judged(models, table, rows)
    return [
        FrontierPoint(
            chosen.configurations[i],
            estimate(models, chosen, i, quality.name),
            estimate(models, chosen, i, cost.name),
        )
        for i in range(len(rows))
    ]


def _within(models: Models, table: Table, index: int, limits: Sequence[Budget]) -> float:
    """Probability that a new measurement keeps all budgets, metrics taken as independent."""
    probability = 1.0
    for limit in limits:
        column = table.names.index(limit.metric)
        room = models.room(limit, table.means[index : index + 1, column])
        if limit.metric in models.known:
            probability *= float(room[0] >= 0)
        else:
            spreads = models.learned[limit.metric].spread(table.deviations[index : index + 1, column])
            probability *= float(ndtr(room / spreads)[0])
    return probability

"""Search through the legal configurations that a question leaves, by what the models predict of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.metrics import Metric
from engine.parameters import Configuration, configuration_key
from engine.strategies.candidates import neighbours
from engine.whatif.learning import Models
from engine.whatif.pool import distinct, is_legal, legal_pool, matches
from engine.whatif.question import Budget, Pin, fixed_configuration, pinned_space

POOL = 2048
"""Legal configurations, evenly spread, that are looked at first."""

ROUNDS = 8
ROUND_POINTS = 192
"""Rounds of small steps from the best so far, and configurations looked at in each."""

CENTRES = 16
"""Configurations that a round starts from."""

CHEAPER = 0.01
"""Share of its cost by which a point of the frontier is at least cheaper than the next dearer one."""

LIKELY = 0.5
"""Probability of running through below which a configuration is passed over while there are others."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """Predictions of some configurations.

    Attributes:
        names: predicted metrics.
        configurations: legal ones, each once.
        means: predicted true values, shape (configurations, names), in the metrics' own units.
        deviations: their standard deviations, in the models' units.
        success: probability that each runs through, 1 where nothing is known of failures; shape (configurations,).
        prudent: what the quality of each can be counted on to reach, larger being better; shape (configurations,).
        shortfall: how far each is predicted to break the budgets, 0 where it keeps all; shape (configurations,).
    """

    names: tuple[str, ...]
    configurations: list[Configuration]
    means: Array
    deviations: Array
    success: Array
    prudent: Array
    shortfall: Array

    def column(self, name: str) -> Array:
        """Predicted true values of one metric."""
        return self.means[:, self.names.index(name)]

    def order(self) -> list[int]:
        """Indices, the best quality that can be counted on first, and what breaks budgets after all that keep them."""
        return [int(i) for i in np.lexsort((-self.prudent, self.shortfall))]

    def frontier(self, quality: Metric, cost: Metric) -> list[int]:
        """Indices of those that keep the budgets and that no other beats in quality and cost, the cheapest first."""
        costs, gains = cost.sign * self.column(cost.name), quality.sign * self.column(quality.name)
        kept = np.flatnonzero(self.shortfall == 0)
        # From the cheapest on, what no cheaper one reaches.
        order = kept[np.lexsort((-self.prudent[kept], -costs[kept]))]
        best = np.maximum.accumulate(self.prudent[order])
        ahead = order[np.append(True, best[1:] > best[:-1])[: len(order)]]
        found: list[int] = []
        for i in ahead[::-1].tolist():
            # What is dearer has to be better as predicted too (a surer prediction may be a lower one), and what is
            # cheaper by next to nothing is a rounding of the cost's model.
            if not found or (
                gains[i] < gains[found[-1]] and costs[i] - costs[found[-1]] >= CHEAPER * abs(costs[found[-1]])
            ):
                found.append(i)
        return found[::-1]


@dataclass(frozen=True, slots=True)
class Aim:
    """What is looked for.

    Attributes:
        pinned: settings that are held.
        limits: budgets and thresholds that predicted values are to keep.
        quality: what is made as good as possible.
        cost: what it is set against, so that the cheaper part of the frontier is refined too.
        names: predictable metrics to predict; those of quality, cost and limits among them.
    """

    pinned: Mapping[str, Pin]
    limits: Sequence[Budget]
    quality: Metric
    cost: Metric | None
    names: tuple[str, ...]


def explore(models: Models, aim: Aim) -> tuple[Table, int]:
    """Look through the legal configurations under the pins: an even pool, then small steps from the best of it.

    The best is not the highest predicted mean: among thousands of configurations that is where the model errs most in
    their favour, in far corners of the space. It is the highest lower end of the true value's interval, the quality
    that can be counted on. Measured on simulated experiments this finds configurations that are truly better, and
    intervals that hold (``tests/benchmarks/whatif_coverage.py``).

    Returns:
        The table, and how many of its first rows are the even pool.

    Raises:
        SettingError: when no legal configuration is found under the pins.
    """
    problem = models.problem
    key = (repr(sorted(aim.pinned.items())), aim.names, aim.quality.name)
    start = models.starts.get(key, lambda: _start(models, aim))
    table, even = limited(start.table, aim), start.even
    if fixed_configuration(problem.space, aim.pinned) is not None:
        return table, even
    seen = {configuration_key(configuration) for configuration in table.configurations}
    space, random = pinned_space(problem.space, aim.pinned), np.random.default_rng(problem.seed)
    for _ in range(ROUNDS):
        centres = [table.configurations[i] for i in _centres(table, aim)]
        steps = neighbours(space, centres, ROUND_POINTS, seen, random, lambda one: is_legal(problem, one))
        fresh = distinct(problem, steps, seen)
        if fresh:
            table = _joined(table, predicted(models, aim, fresh))
    return table, even


@dataclass(frozen=True, slots=True)
class Start:
    """Where a search begins, whatever the budgets.

    Attributes:
        table: predictions of the even pool and of the measured configurations, as if there were no budgets.
        even: how many of its first rows are the even pool.
    """

    table: Table
    even: int


def _start(models: Models, aim: Aim) -> Start:
    problem = models.problem
    pool = legal_pool(problem, aim.pinned, POOL)
    seen = {configuration_key(configuration) for configuration in pool}
    measured = [
        dict(trial.parameters)
        for trial in models.shown(aim.quality.name)
        if matches(problem, trial.parameters, aim.pinned) and is_legal(problem, dict(trial.parameters))
    ]
    fresh = distinct(problem, measured, seen)
    return Start(predicted(models, replace(aim, limits=()), [*pool, *fresh]), len(pool))


def predicted(models: Models, aim: Aim, configurations: list[Configuration]) -> Table:
    """Predictions of legal configurations."""
    means, deviations = models.predict(aim.names, configurations)
    success = models.success(aim.quality.name, configurations)
    prudent = np.zeros(len(configurations))
    if aim.quality.name in aim.names:
        column = aim.names.index(aim.quality.name)
        prudent = models.prudent(aim.quality, means[:, column], deviations[:, column])
    table = Table(aim.names, configurations, means, deviations, success, prudent, np.zeros(len(success)))
    return limited(table, aim)


def limited(table: Table, aim: Aim) -> Table:
    """The predictions with how far each breaks the budgets."""
    shortfall = np.where(table.success < LIKELY, LIKELY - table.success, 0.0)
    for limit in aim.limits:
        excess = np.maximum(limit.sign * (table.column(limit.metric) - limit.limit), 0.0)
        shortfall = shortfall + excess / (abs(limit.limit) or 1.0)
    return replace(table, shortfall=shortfall)


def _centres(table: Table, aim: Aim) -> list[int]:
    """Where small steps start: along the frontier, or from what breaks the budgets least."""
    kept = table.frontier(aim.quality, aim.cost) if aim.cost else []
    if len(kept) > CENTRES:
        kept = [kept[round(i)] for i in np.linspace(0, len(kept) - 1, CENTRES)]
    return list(dict.fromkeys([*table.order()[: CENTRES // 2], *kept]))


def _joined(table: Table, more: Table) -> Table:
    return Table(
        table.names,
        [*table.configurations, *more.configurations],
        np.concatenate([table.means, more.means]),
        np.concatenate([table.deviations, more.deviations]),
        np.concatenate([table.success, more.success]),
        np.concatenate([table.prudent, more.prudent]),
        np.concatenate([table.shortfall, more.shortfall]),
    )

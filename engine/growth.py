"""How the frontier grew, trial by trial: the hypervolume after each, and which trials moved it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.frontier import REFERENCE_MARGIN, volume
from engine.metrics import Metric, objectives

BLOCK = 1000
"""Trials that are set against the frontier at once; most fall out there and cost nothing more."""

Array = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Columns = Mapping[str, Array]
"""Values by name of the metric, all of the same length; NaN where a trial has none."""


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """The history of a frontier; trials are meant by their place in the order in which they ended.

    Attributes:
        volumes: hypervolume after each trial, shape (trials,); never decreases, all 0 while no trial counts.
        entered: the trials that moved the frontier when they ended, in order.
        replaced: for each of these the trials that it drove from the frontier.
    """

    volumes: Array
    entered: tuple[int, ...]
    replaced: tuple[tuple[int, ...], ...]

    def frontier_after(self, count: int) -> list[int]:
        """Places of the trials that were on the frontier when ``count`` trials had ended, in order.

        Trials with values equal to an earlier one's are left out.
        """
        standing: set[int] = set()
        for place, gone in zip(self.entered, self.replaced, strict=True):
            if place >= count:
                break
            standing = (standing - set(gone)) | {place}
        return sorted(standing)


def growth(metrics: Sequence[Metric], columns: Columns) -> Growth:
    """The history of an experiment's frontier, measured from one reference point throughout.

    The point is that of ``frontier.reference_point`` over all trials, so that the history may be rescaled when the
    list grows.

    Args:
        metrics: every metric of the experiment with its role.
        columns: values of the optimised and constrained metrics in the order in which the trials ended.
    """
    count = len(next(iter(columns.values()), ()))
    counts = eligible(metrics, columns)
    if not counts.any() or not objectives(metrics):
        return Growth(np.zeros(count), (), ())
    costs = np.stack([-metric.sign * columns[metric.name] for metric in objectives(metrics)], axis=1)
    return _climb(costs, counts, _reference(metrics, columns))


def hypervolume_history(metrics: Sequence[Metric], values: Sequence[Mapping[str, float]]) -> list[float]:
    """Hypervolume after each trial; see ``growth``.

    Args:
        metrics: every metric of the experiment with its role.
        values: metrics by name, one entry a trial, in the order in which they ended.

    Returns:
        One figure a trial.
    """
    names = [metric.name for metric in metrics if metric.role != "store"]
    columns = {name: np.array([row.get(name, np.nan) for row in values], dtype=np.float64) for name in names}
    return growth(metrics, columns).volumes.tolist() if names else [0.0] * len(values)


def eligible(metrics: Sequence[Metric], columns: Columns) -> BoolArray:
    """Which trials have every optimised and constrained metric and meet every threshold, shape (trials,)."""
    found = np.ones(len(next(iter(columns.values()), ())), dtype=bool)
    for metric in metrics:
        if metric.role == "store":
            continue
        values = columns[metric.name]
        found &= np.isfinite(values)
        if metric.threshold is not None:
            found &= metric.sign * values >= metric.sign * metric.threshold
    return found


def _climb(costs: Array, counts: BoolArray, reference: Array) -> Growth:
    front, places = np.empty((0, costs.shape[1])), np.empty(0, dtype=np.int64)
    entered: list[int] = []
    replaced: list[tuple[int, ...]] = []
    volumes, reached = np.zeros(len(costs)), 0.0
    for start in range(0, len(costs), BLOCK):
        volumes[start : start + BLOCK] = reached
        for place in start + _undominated(costs[start : start + BLOCK], counts[start : start + BLOCK], front):
            point = costs[place]
            if bool(np.any(np.all(front <= point, axis=1))):
                continue
            beaten = np.all(front >= point, axis=1)
            entered.append(int(place))
            replaced.append(tuple(places[beaten].tolist()))
            front, places = np.vstack([front[~beaten], point]), np.append(places[~beaten], place)
            # Rounding could make the sum over more boxes smaller by the last digit.
            reached = max(reached, volume(front, reference))
            volumes[place : start + BLOCK] = reached
    return Growth(volumes, tuple(entered), tuple(replaced))


def _undominated(costs: Array, counts: BoolArray, front: Array) -> npt.NDArray[np.int64]:
    """Places of the trials that nothing on the frontier is at least as good as."""
    places = np.flatnonzero(counts)
    for point in front:
        places = places[~np.all(costs[places] >= point, axis=1)]
    return places


def _reference(metrics: Sequence[Metric], columns: Columns) -> Array:
    """The reference point of ``frontier.reference_point``, all objectives to be minimised."""
    point = []
    for metric in objectives(metrics):
        if metric.threshold is not None:
            point.append(-metric.sign * metric.threshold)
            continue
        costs = -metric.sign * columns[metric.name][np.isfinite(columns[metric.name])]
        worst = float(costs.max())
        point.append(worst + REFERENCE_MARGIN * (float(np.ptp(costs)) or abs(worst) or 1.0))
    return np.array(point)

"""The Pareto frontier of an experiment's trials and the hypervolume it covers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import moocore
import numpy as np
import numpy.typing as npt

from engine.metrics import Metric, meets_thresholds, objectives

REFERENCE_MARGIN = 0.1
"""How far the reference point lies beyond the worst value, as a share of the range of values."""

Values = Mapping[str, float]
Array = npt.NDArray[np.float64]


def frontier(metrics: Sequence[Metric], values: Mapping[int, Values]) -> set[int]:
    """Trials that meet every threshold and that no other such trial dominates.

    A trial dominates another when it is at least as good in every objective and better in one. Trials
    with equal values all stay. A trial that lacks an optimised or constrained metric, or has one that is
    not finite, is never on the frontier.

    Args:
        metrics: every metric of the experiment with its role.
        values: metrics by name for each trial number.

    Returns:
        Trial numbers; empty when no metric is optimised.
    """
    eligible = [number for number, row in values.items() if _is_eligible(metrics, row)]
    if not eligible or not objectives(metrics):
        return set()
    points = np.stack([_costs(metrics, values[number]) for number in eligible])
    kept = np.asarray(moocore.is_nondominated(points, keep_weakly=True), dtype=bool)
    return {number for number, keep in zip(eligible, kept, strict=True) if keep}


def reference_point(metrics: Sequence[Metric], values: Mapping[int, Values]) -> dict[str, float]:
    """Point from which hypervolume is measured: the worst corner that still counts.

    For an objective with a threshold it is the threshold. For any other it is the worst finite value of
    all given trials (on the frontier or not), moved further by ``REFERENCE_MARGIN`` of the range of
    values, so that the worst trial still counts a little. If all values are equal the range is taken as
    the size of the value, or 1 for zero. More trials can only move the point outwards or change the margin;
    compare hypervolumes only when they were measured from the same point.

    Raises:
        ValueError: when an objective without a threshold has no finite value.
    """
    point = {}
    for metric in objectives(metrics):
        if metric.threshold is not None:
            point[metric.name] = metric.threshold
            continue
        seen = [row[metric.name] for row in values.values() if math.isfinite(row.get(metric.name, math.nan))]
        if not seen:
            raise ValueError(f"no trial has a finite value of {metric.name}; there is no reference point yet")
        worst = min(seen, key=lambda value: metric.sign * value)
        spread = (max(seen) - min(seen)) or abs(worst) or 1.0
        point[metric.name] = worst - metric.sign * REFERENCE_MARGIN * spread
    return point


def hypervolume(metrics: Sequence[Metric], values: Mapping[int, Values], reference: Values) -> float:
    """Volume between the reference point and the trials, in the product of the objectives' units.

    Only trials that meet every threshold count; parts beyond the reference point do not.
    """
    points = [_costs(metrics, row) for row in values.values() if _is_eligible(metrics, row)]
    return volume(np.array(points), _costs(metrics, reference)) if points else 0.0


def _is_eligible(metrics: Sequence[Metric], row: Values) -> bool:
    return meets_thresholds(metrics, row) and all(
        math.isfinite(row[metric.name]) for metric in metrics if metric.role != "store"
    )


def _costs(metrics: Sequence[Metric], row: Values) -> Array:
    """Objectives as numbers to be minimised."""
    return np.array([-metric.sign * row[metric.name] for metric in objectives(metrics)], dtype=np.float64)


def volume(points: Array, reference: Array) -> float:
    """Volume between points and a reference, all objectives to be minimised.

    Args:
        points: shape (points, objectives), at least one.
        reference: shape (objectives,).
    """
    if points.shape[1] == 1:
        return max(0.0, float(reference[0] - points.min()))
    return float(moocore.hypervolume(points, ref=reference))

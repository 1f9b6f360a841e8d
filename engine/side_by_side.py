"""Experiments side by side: their frontiers, and how each grew, measured from one point for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.experiment import ExperimentSpec
from engine.frontier import reference_point
from engine.growth import Columns, eligible, growth
from engine.launch import stored_spec
from engine.metrics import Metric, objectives, quality_and_cost
from engine.outcomes import Outcomes, outcomes
from storage.experiments import ExperimentRow
from storage.store import Store


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """An experiment among others.

    Attributes:
        experiment: its row.
        spec: its specification.
        outcomes: its completed students.
    """

    experiment: ExperimentRow
    spec: ExperimentSpec
    outcomes: Outcomes

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.experiment.name


def beside(store: Store, experiments: Sequence[ExperimentRow]) -> list[Beside]:
    """Experiments with what their students came to."""
    found = []
    for row in experiments:
        spec = stored_spec(row)
        found.append(Beside(row, spec, outcomes(store, row.experiment_id, spec.metrics)))
    return found


def common_objectives(items: Sequence[Beside]) -> list[Metric]:
    """Objectives that all of them have, in the same direction, with the thresholds of the first."""
    shared = []
    for metric in objectives(items[0].spec.metrics):
        others = [
            next((own for own in objectives(item.spec.metrics) if own.name == metric.name), None)
            for item in items[1:]
        ]
        if all(own is not None and own.direction == metric.direction for own in others):
            shared.append(metric)
    return shared


def axes(items: Sequence[Beside]) -> tuple[Metric, Metric] | None:
    """What quality and cost all of them optimise; None where they have no such pair in common."""
    return quality_and_cost(common_objectives(items))


def fronts(items: Sequence[Beside], quality: Metric, cost: Metric) -> pd.DataFrame:
    """Trials on the frontiers.

    Returns:
        Columns experiment, number, x (cost), y (quality) and joined (whether quality and cost are all that the
        experiment optimises, so that its frontier is an edge in their plane).
    """
    parts = []
    for item in items:
        frame = item.outcomes.frame
        part = frame.loc[frame["on_frontier"].astype(bool), ["number", cost.name, quality.name]]
        part = part.rename(columns={cost.name: "x", quality.name: "y"}).dropna()
        wanted = {metric.name for metric in objectives(item.spec.metrics)}
        parts.append(part.assign(experiment=item.name, joined=wanted == {quality.name, cost.name}))
    return pd.concat(parts, ignore_index=True)


def hypervolumes_beside(items: Sequence[Beside]) -> pd.DataFrame:
    """Hypervolume of each experiment after each trial that enlarged it, in percent of the largest of all.

    Measured in the common objectives from one point: the first experiment's thresholds, or just beyond the worst of
    all trials. Trials beyond these thresholds count for nothing, whichever experiment they are of.

    Returns:
        Columns experiment, trials (how many had completed) and value; empty without common objectives.
    """
    shared = common_objectives(items)
    columns = [_columns(item, shared) for item in items]
    rows: list[tuple[str, int, float]] = []
    counted = [_only_eligible(shared, own) for own in columns]
    if shared and any(np.isfinite(own[shared[0].name]).any() for own in counted):
        together = {m.name: np.concatenate([own[m.name] for own in counted]) for m in shared}
        ends = [
            {name: float(end(values)) for name, values in together.items()} for end in (np.nanmin, np.nanmax)
        ]
        point = reference_point(shared, dict(enumerate(ends)))
        bounded = [metric.model_copy(update={"threshold": point[metric.name]}) for metric in shared]
        for item, own in zip(items, counted, strict=True):
            grown = growth(bounded, own)
            count = len(grown.volumes)
            places = [*grown.entered, *([count - 1] if count and count - 1 not in grown.entered else [])]
            rows += [(item.name, place + 1, float(grown.volumes[place])) for place in places]
    frame = pd.DataFrame(rows, columns=["experiment", "trials", "value"])
    largest = frame["value"].max() if len(frame) else 0.0
    return frame.assign(value=100 * frame["value"] / largest) if largest > 0 else frame[:0]


def best_beside(items: Sequence[Beside], metric: Metric) -> pd.DataFrame:
    """The best value so far of a metric, among trials within their own experiment's thresholds.

    Returns:
        Columns experiment, trials and value, where the value changes and at the end.
    """
    rows: list[tuple[str, int, float]] = []
    for item in items:
        own = item.outcomes.columns
        values = np.where(eligible(item.spec.metrics, own), metric.sign * own[metric.name], -np.inf)
        best = np.maximum.accumulate(values) if len(values) else values
        places = np.flatnonzero(np.diff(best, prepend=-np.inf) > 0).tolist()
        if places and places[-1] != len(best) - 1:
            places.append(len(best) - 1)
        rows += [(item.name, place + 1, float(metric.sign * best[place])) for place in places]
    return pd.DataFrame(rows, columns=["experiment", "trials", "value"])


def _columns(item: Beside, metrics: Sequence[Metric]) -> Columns:
    own = item.outcomes.columns
    return {metric.name: own[metric.name] for metric in metrics}


def _only_eligible(metrics: Sequence[Metric], columns: Columns) -> Columns:
    """Values of the trials that meet every threshold; NaN for the others."""
    counts = eligible(metrics, columns) if columns else np.zeros(0, dtype=bool)
    return {name: np.where(counts, values, np.nan) for name, values in columns.items()}

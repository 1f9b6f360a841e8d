"""What all completed students of an experiment came to, as columns: cheap however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from engine.claims.contenders import contenders
from engine.growth import BoolArray, Columns, Growth, growth
from engine.kept import Kept
from engine.metrics import Metric
from storage.store import Store
from storage.totals import ERROR_PREFIX, outcomes_frame, settled_key

COST = "train_seconds"
"""What a trial's training took; the hypervolume is set against its sum."""
COLLAPSED = "collapsed"
"""Whether a student gives everything the same answer."""
KEPT = 32
"""Experiments whose outcomes are remembered until another trial ends."""


class Outcomes:
    """Completed students in the order they ended.

    Attributes:
        metrics: those of the specification.
        frame: as ``storage.totals.outcomes_frame`` gives it, with the metrics of the specification, ``train_seconds``
            and ``collapsed``.
    """

    def __init__(self, metrics: Sequence[Metric], frame: pd.DataFrame) -> None:
        self.metrics = tuple(metrics)
        self.frame = frame

    @property
    def columns(self) -> Columns:
        """Optimised and constrained metrics."""
        return {
            metric.name: self.frame[metric.name].to_numpy(dtype=np.float64)
            for metric in self.metrics
            if metric.role != "store"
        }

    @property
    def collapsed(self) -> BoolArray:
        """Which students give everything the same answer, shape (students,)."""
        return self.frame[COLLAPSED].to_numpy(dtype=np.float64) > 0

    @property
    def baseline(self) -> int | None:
        """Place of the baseline; None while it is not measured."""
        places = np.flatnonzero(self.frame["role"] == "baseline")
        return int(places[0]) if len(places) else None

    @cached_property
    def growth(self) -> Growth:
        """How the frontier grew, by place in the frame."""
        return growth(self.metrics, self.columns)

    @cached_property
    def contenders(self) -> list[int]:
        """Numbers of the students that claims are worked out from, in order.

        All, or of very many those close to the frontier, and the baseline.
        """
        front = self.growth.frontier_after(len(self.frame))
        places = contenders(self.metrics, self.columns, front, self._errors())
        near = {*places} if self.baseline is None else {*places, self.baseline}
        return sorted(self.frame["number"].iloc[sorted(near)].tolist())

    def _errors(self) -> dict[str, float]:
        """The usual standard error of each metric that has one."""
        found = {name: self.frame[ERROR_PREFIX + name].astype(float).median() for name in self.columns}
        return {name: float(error) for name, error in found.items() if error > 0}


_remembered: Kept[Outcomes] = Kept(KEPT)


def outcomes(store: Store, experiment_id: int, metrics: Sequence[Metric]) -> Outcomes:
    """Outcomes of an experiment, remembered until another trial ends.

    Args:
        store: the open database.
        experiment_id: the experiment.
        metrics: those of the specification.
    """
    names = [*(metric.name for metric in metrics), COST, COLLAPSED]
    key = (store.path, experiment_id, settled_key(store, experiment_id), tuple(metrics))
    return _remembered.get(key, lambda: Outcomes(metrics, outcomes_frame(store, experiment_id, names)))

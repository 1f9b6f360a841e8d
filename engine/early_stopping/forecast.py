"""What a trial will end with, as far as its curve and the completed trials' curves tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.early_stopping.curves import Curve, finite
from engine.early_stopping.regression import Line, Prediction, fit
from engine.metrics import Metric

Forecasts = Mapping[str, Prediction]

Place = tuple[str, int, tuple[int, ...], frozenset[str]]
"""What a line is for: a metric, evaluations so far, the latest of them that gave a number, and known metrics."""


@dataclass(slots=True)
class Forecaster:
    """Learns from completed trials how curves go on; a line is fitted once for all trials that are equally far.

    Attributes:
        metrics: every metric of the experiment with its role.
        completed: completed trials.
        min_curves: completed curves that a prediction needs.
    """

    metrics: Sequence[Metric]
    completed: Sequence[Curve]
    min_curves: int
    _lines: dict[Place, Line | None] = field(default_factory=dict)

    def forecasts(self, curve: Curve) -> Forecasts | None:
        """Final value of every optimised or constrained metric of a trial, by name.

        Known metrics are exact. Any other is predicted from the completed trials that had as many evaluations: from
        its value at the last evaluation, with that of the evaluation before, settings and known metrics as far as
        they help; one that is not measured on the way, such as latency, from settings and known metrics alone.

        Args:
            curve: the trial, after at least one evaluation.

        Returns:
            None while too little is known of some metric.
        """
        found: dict[str, Prediction] = {}
        for metric in self.metrics:
            if metric.role == "store":
                continue
            if metric.name in curve.known:
                found[metric.name] = Prediction(curve.known[metric.name])
                continue
            prediction = self._predicted(metric.name, curve)
            if prediction is None:
                return None
            found[metric.name] = prediction
        return found

    def _predicted(self, name: str, curve: Curve) -> Prediction | None:
        last = len(curve.points) - 1
        # An evaluation may have given no number, as when the loss was not finite: the one before tells nothing alone.
        measured = [
            place for place in (last, last - 1) if place >= 0 and curve.point(place, name) is not None
        ]
        places = tuple(measured) if last in measured else ()
        key = (name, len(curve.points), places, frozenset(curve.known))
        if key not in self._lines:
            self._lines[key] = self._fitted(*key)
        line = self._lines[key]
        return None if line is None else line.predict(_figures(curve, name, places))

    def _fitted(
        self, name: str, evaluations: int, places: tuple[int, ...], known: frozenset[str]
    ) -> Line | None:
        """The line of a metric through the trials that had as many evaluations, if they are enough."""
        examples = [
            curve
            for curve in self.completed
            if len(curve.points) >= evaluations
            and curve.final is not None
            and finite(curve.final, name) is not None
            and curve.known.keys() == known
            and all(curve.point(place, name) is not None for place in places)
        ]
        if len(examples) < self.min_curves:
            return None
        outcomes = _array(curve.final[name] for curve in examples if curve.final is not None)
        figures = np.array([_figures(curve, name, places) for curve in examples])
        return fit(outcomes, list(figures.T), min(1, len(places)))


def _figures(curve: Curve, name: str, places: Sequence[int]) -> list[float]:
    """A metric's values at these evaluations, then settings and known metrics, in one order for all trials."""
    return [
        *(curve.points[place][name] for place in places),
        *curve.settings.values(),
        *(curve.known[known] for known in sorted(curve.known)),
    ]


def _array(values: Iterable[float]) -> NDArray[np.float64]:
    return np.fromiter(values, dtype=np.float64)

"""What a trial will end with, as far as its curve and the completed trials' curves tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.early_stopping.curves import Curve, finite
from engine.early_stopping.regression import Column, Prediction, predict
from engine.metrics import Metric

Forecasts = Mapping[str, Prediction]


def forecasts(
    metrics: Sequence[Metric], completed: Sequence[Curve], curve: Curve, min_curves: int
) -> Forecasts | None:
    """Final value of every optimised or constrained metric of a trial, by name.

    Known metrics are exact. Any other is predicted from the completed trials that had as many evaluations: from
    its value at the last evaluation, with that of the evaluation before, settings and known metrics as far as they
    help; one that is not measured on the way, such as latency, from settings and known metrics alone.

    Args:
        metrics: every metric of the experiment with its role.
        completed: completed trials.
        curve: the trial, after at least one evaluation.
        min_curves: completed curves that a prediction needs.

    Returns:
        None while too little is known of some metric.
    """
    found: dict[str, Prediction] = {}
    for metric in metrics:
        if metric.role == "store":
            continue
        if metric.name in curve.known:
            found[metric.name] = Prediction(curve.known[metric.name])
            continue
        prediction = _predicted(metric.name, completed, curve, min_curves)
        if prediction is None:
            return None
        found[metric.name] = prediction
    return found


def _predicted(name: str, completed: Sequence[Curve], curve: Curve, min_curves: int) -> Prediction | None:
    """A metric's final value from the trials that had as many evaluations, if they are enough."""
    last = len(curve.points) - 1
    # An earlier evaluation may have given no number, as when the loss was not finite; later ones count alone.
    places = [place for place in (last, last - 1) if place >= 0 and curve.point(place, name) is not None]
    if last not in places:
        places = []
    examples = [
        other
        for other in completed
        if other.final is not None
        and len(other.points) > last
        and finite(other.final, name) is not None
        and all(other.point(place, name) is not None for place in places)
    ]
    if len(examples) < min_curves:
        return None
    outcomes = _array(other.final[name] for other in examples if other.final is not None)
    values = [
        Column(_array(other.points[place][name] for other in examples), curve.points[place][name])
        for place in places
    ]
    return predict(outcomes, values[:1], [*values[1:], *_circumstances(examples, curve)])


def _circumstances(examples: Sequence[Curve], curve: Curve) -> list[Column]:
    """Settings and known metrics, as far as they differ between the examples."""
    columns = [
        Column(_array(other.settings[name] for other in examples), value)
        for name, value in curve.settings.items()
    ]
    columns += [
        Column(_array(other.known[name] for other in examples), value)
        for name, value in curve.known.items()
        if all(name in other.known for other in examples)
    ]
    return [column for column in columns if np.ptp(column.values) > 0]


def _array(values: Iterable[float]) -> NDArray[np.float64]:
    return np.fromiter(values, dtype=np.float64)

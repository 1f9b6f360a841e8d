"""In words, why a trial is or is not on the frontier."""

from __future__ import annotations

import math

from dashboard import formats
from dashboard.tables import Status, status
from engine.measured import Measured
from engine.metrics import Metric, objectives
from engine.overview import Overview
from storage.trials import TrialRow


def claims(view: Overview) -> tuple[str, ...]:
    """What is claimed against the baseline; where that is all there is to be trained, how good it became."""
    if view.spec.strategy.name != "single":
        return view.claims
    found = view.baseline
    if found is None:
        return ()
    told = [
        f"{formats.label(metric.name)} "
        f"{formats.interval(metric.name, found.metrics[metric.name], found.standard_errors.get(metric.name))}"
        for metric in objectives(view.spec.metrics)
        if metric.name in found.metrics
    ]
    return (f"Trained: {', '.join(told)}.",) if told else ()


def verdict(view: Overview, trial: TrialRow) -> str:
    """One sentence about the trial's place."""
    found = view.measured.get(trial.number)
    if status(view, trial) is Status.REFERENCE:
        if not view.spec.teacher.trained:
            return "The students start from this model; it has no head for the task, so only its size is measured."
        return "The teacher is no candidate; it is measured for comparison."
    if found is None:
        return "Only completed trials can be on the frontier."
    if trial.on_frontier:
        told = "On the frontier: no other trial is at least as good in every objective and better in one."
        return told + _sure(view, trial)
    for metric in view.spec.metrics:
        if metric.role == "store":
            continue
        value = found.metrics.get(metric.name, math.nan)
        if not math.isfinite(value):
            return f"Not on the frontier: it reported no {formats.label(metric.name)}."
        if not metric.meets_threshold(value):
            return f"Not on the frontier: {_beyond(metric, value)}."
    better = [item for item in view.frontier if _dominates(view, item, found)]
    if not better:
        return "Not on the frontier yet; the frontier is being worked out."
    nearest = view.measured[better[0].number]
    told = ", ".join(
        f"{formats.label(metric.name)} {formats.metric(metric.name, nearest.metrics[metric.name])}"
        for metric in objectives(view.spec.metrics)
    )
    others = f" and {len(better) - 1} more" if len(better) > 1 else ""
    return f"Dominated by trial {better[0].number} ({told}){others}.{_sure(view, trial)}"


def _sure(view: Overview, trial: TrialRow) -> str:
    """How often the trial would be on the frontier with other evaluation examples; nothing where that is certain."""
    probability = view.findings.membership.get(trial.number)
    if probability is None or probability in (0.0, 1.0):
        return ""
    return f" With other evaluation examples it would be on it {formats.share(probability)} of the time."


def _beyond(metric: Metric, value: float) -> str:
    threshold = metric.threshold if metric.threshold is not None else math.nan
    word = "below" if metric.direction == "maximize" else "above"
    return (
        f"{formats.label(metric.name)} {formats.metric(metric.name, value)} is {word} "
        f"the threshold of {formats.metric(metric.name, threshold)}"
    )


def _dominates(view: Overview, other: TrialRow, found: Measured) -> bool:
    values = view.measured[other.number].metrics
    pairs = [
        (metric.sign * values[metric.name], metric.sign * found.metrics[metric.name])
        for metric in objectives(view.spec.metrics)
    ]
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)

"""Importance of an experiment's parameters, remembered until another trial completes."""

from __future__ import annotations

from engine.importance import Importance, importance
from engine.kept import Kept
from engine.overview import Overview

_remembered: Kept[Importance] = Kept(64)


def what_matters(view: Overview) -> Importance:
    """Importance for the optimised and constrained metrics, over all completed students that have them."""
    names = [metric.name for metric in view.spec.metrics if metric.role != "store"]
    done = [
        trial
        for trial in view.students
        if trial.number in view.measured and set(names) <= view.measured[trial.number].metrics.keys()
    ]
    values = {name: [view.measured[trial.number].metrics[name] for trial in done] for name in names}
    configurations = [trial.parameters for trial in done]
    key = repr((view.spec.parameters, configurations, values))
    return _remembered.get(key, lambda: importance(view.spec.space(), configurations, values))

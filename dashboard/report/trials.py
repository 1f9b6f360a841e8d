"""The report's tables of trials and settings: from an overview to rows of text."""

from __future__ import annotations

import math

from dashboard import formats
from dashboard.report.markup import Markup, element, table
from dashboard.whatif.words import differences
from engine.importance import Importance
from engine.measured import Measured
from engine.metric_catalogue import METRICS
from engine.metrics import Metric
from engine.overview import Overview
from engine.parameters import CategoricalParameter, Parameter
from storage.trials import TrialRow

ALL_ROWS = 12
"""Students up to which all are listed, whether on the frontier or not."""
MOST_ROWS = 60
"""Trials on the frontier that are listed; of more, how many there are is said."""
BESIDE = ("num_parameters", "latency_ms", "model_mb", "train_seconds")
"""Metrics that are listed beside those of the specification, where they were measured."""


def trials_table(view: Overview) -> Markup:
    """Teacher, baseline and the trials on the frontier, cheapest first, with intervals and what sets them apart."""
    names = _metrics(view)
    # Of a small experiment every trial counts.
    counts = view.students if len(view.students) <= ALL_ROWS else view.frontier
    front = sorted(counts, key=lambda trial: _cost(view, trial))
    listed = [view.teacher, *(trial for trial in view.students if trial.role == "baseline")]
    listed += [trial for trial in front if trial.role != "baseline"][:MOST_ROWS]
    shown = [trial for trial in listed if _has_values(view, trial, names)]
    rows = [[_name(trial), *_values(view, trial, names), _membership(view, trial)] for trial in shown]
    found = table(
        ["trial", *(formats.label(name) for name in names), "on the frontier"],
        rows,
        numeric=frozenset(range(1, 1 + len(names))),
        notes=[_settings(view, trial) for trial in shown],
    )
    left_out = len(front) - MOST_ROWS
    if left_out > 0:
        return Markup(found + element("p", f"{left_out:,} more are on the frontier.", class_="small"))
    return found


def _has_values(view: Overview, trial: TrialRow, names: list[str]) -> bool:
    found = view.measured.get(trial.number)
    return found is not None and not found.metrics.keys().isdisjoint(names)


def _metrics(view: Overview) -> list[str]:
    named = [metric.name for metric in view.spec.metrics]
    there = {name for found in view.measured.values() for name in found.metrics}
    return list(dict.fromkeys([*named, *(name for name in BESIDE if name in there)]))


def _cost(view: Overview, trial: TrialRow) -> tuple[float, int]:
    minimised = [metric.name for metric in view.spec.metrics if metric.direction == "minimize"]
    found = view.measured.get(trial.number)
    value = math.inf if found is None or not minimised else found.metrics.get(minimised[0], math.inf)
    return value, trial.number


def _name(trial: TrialRow) -> str:
    return (
        "teacher"
        if trial.role == "teacher"
        else (f"{trial.number}, baseline" if trial.role == "baseline" else str(trial.number))
    )


def _values(view: Overview, trial: TrialRow, names: list[str]) -> list[str]:
    found: Measured = view.measured[trial.number]
    return [
        formats.interval(name, found.metrics[name], found.standard_errors.get(name))
        if name in found.metrics
        else "\u2013"
        for name in names
    ]


def _membership(view: Overview, trial: TrialRow) -> str:
    if trial.role == "teacher":
        return ""
    probability = view.findings.membership.get(trial.number)
    told = "yes" if trial.on_frontier else "no"
    return told if probability is None else f"{told}, {formats.share(probability)}"


def _settings(view: Overview, trial: TrialRow) -> str:
    if trial.role in ("teacher", "baseline"):
        return ""
    return f"differs from the baseline in {differences(trial.parameters, view.spec.baseline_configuration())}"


def space_table(view: Overview, found: Importance | None) -> Markup:
    """What was searched, where the baseline lies, and how much each setting matters."""
    baseline = view.spec.baseline_configuration()
    matters = list(found.by_metric) if found else []
    rows = []
    for name, parameter in view.spec.parameters.items():
        row = [name, searched(parameter), formats.parameter(baseline.get(name))]
        row += [formats.share(found.by_metric[metric].get(name, 0.0)) for metric in matters] if found else []
        rows.append(row)
    headings = [
        "setting",
        "searched",
        "baseline",
        *(f"matters for {formats.label(name)}" for name in matters),
    ]
    return table(headings, rows, numeric=frozenset(range(3, 3 + len(matters))))


def searched(parameter: Parameter) -> str:
    """The values of a parameter in words."""
    if isinstance(parameter, CategoricalParameter):
        return ", ".join(str(value) for value in parameter.values)
    kind = "whole numbers " if parameter.type == "int" else ""
    scale = ", logarithmic" if parameter.log else ""
    return f"{kind}{formats.parameter(parameter.low)} to {formats.parameter(parameter.high)}{scale}"


def goals_table(metrics: tuple[Metric, ...]) -> Markup:
    """What counted as good."""
    roles = {"optimize": "spans the frontier", "constrain": "bounds it", "store": "measured"}
    rows = [
        [
            formats.axis_label(metric.name),
            roles[metric.role],
            {"maximize": "larger", "minimize": "smaller"}.get(_better(metric), ""),
            "" if metric.threshold is None else formats.metric(metric.name, metric.threshold),
        ]
        for metric in metrics
    ]
    return table(["metric", "part", "better", "threshold"], rows)


def _better(metric: Metric) -> str:
    info = METRICS.get(metric.name)
    return metric.direction or (info.better if info is not None and info.better else "")

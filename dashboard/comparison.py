"""Trials and experiments side by side as tables: which settings differ, what was measured, and which pairs differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard import formats
from dashboard.charts.series import headings
from engine.claims.pairs import Pair
from engine.comparing import Chosen
from engine.experiment import ExperimentSpec
from engine.metric_catalogue import METRICS

MISSING = "\u2013"


def settings_frame(chosen: Sequence[Chosen], *, differing: bool) -> pd.DataFrame:
    """Training settings, one row each, one column a trial.

    Args:
        chosen: the trials.
        differing: whether settings that are the same in all of them are left out.
    """
    columns = [item.settings for item in chosen]
    names = list(dict.fromkeys(name for settings in columns for name in settings))
    searched = {name for item in chosen for name in item.spec.parameters}
    names.sort(key=lambda name: name not in searched)
    rows = {name: [settings.get(name) for settings in columns] for name in names}
    return _frame("setting", rows, headings([item.name for item in chosen]), differing=differing)


def circumstances_frame(chosen: Sequence[Chosen], *, differing: bool) -> pd.DataFrame:
    """What the trials are beside their settings: state, role, seed, task, data and teacher."""
    rows: dict[str, list[Any]] = {
        "state": [item.trial.state for item in chosen],
        "role": [item.trial.role for item in chosen],
        "seed": [item.trial.seed for item in chosen],
        "task": [item.spec.task.name for item in chosen],
        "dataset": [str(item.spec.task.dataset) for item in chosen],
        "teacher": [str(item.spec.teacher.model) for item in chosen],
        "training examples": [item.spec.task.train_samples or "all" for item in chosen],
        "evaluation examples": [item.spec.task.eval_samples or "all" for item in chosen],
    }
    return _frame("about it", rows, headings([item.name for item in chosen]), differing=differing)


def measured_frame(chosen: Sequence[Chosen], *, differing: bool) -> pd.DataFrame:
    """Metrics with 90 % intervals and differences to the first trial, one row each, one column a trial.

    Args:
        chosen: the trials.
        differing: whether metrics that are equal in all of them are left out.
    """
    found = [{} if item.measured is None else dict(item.measured.metrics) for item in chosen]
    names = {name for metrics in found for name in metrics}
    listed = list(dict.fromkeys(metric.name for item in chosen for metric in item.spec.metrics))
    order = [name for name in listed if name in names]
    order += [name for name in METRICS if name in names and name not in order]
    order += sorted(names - set(order))
    if differing:
        order = [name for name in order if len({metrics.get(name) for metrics in found}) > 1]
    columns = headings([item.name for item in chosen])
    rows = []
    for name in order:
        cells = [
            _cell(name, item, found[0].get(name) if place else None) for place, item in enumerate(chosen)
        ]
        rows.append({"metric": formats.label(name), **dict(zip(columns, cells, strict=True))})
    return pd.DataFrame(rows, columns=["metric", *columns])


def pairs_frame(pairs: Sequence[Pair], metric: str) -> pd.DataFrame:
    """One row a pair: who, what they differ by, and how surely."""
    return pd.DataFrame(
        [
            {
                "first": pair.first,
                "second": pair.second,
                "difference": _difference(metric, pair),
                "90 % interval": _interval(metric, pair),
                "p": MISSING if pair.p_value is None else _probability(pair.p_value),
                "p of all pairs": MISSING if pair.adjusted is None else _probability(pair.adjusted),
                "what is shown": verdict(pair, metric),
                "only the first right": pair.only_first if pair.reason is None else None,
                "only the second right": pair.only_second if pair.reason is None else None,
                "common examples": pair.examples if pair.reason is None else None,
            }
            for pair in pairs
        ]
    )


def verdict(pair: Pair, metric: str) -> str:
    """What a pair shows, in words."""
    if pair.reason is not None:
        return f"cannot be compared: {pair.reason}"
    if not pair.shown or not pair.difference:
        return "no difference is shown"
    better = METRICS[metric].better
    first_wins = (pair.difference < 0) == (better != "minimize")
    return f"{pair.first if first_wins else pair.second} is better"


def space_frame(specs: Mapping[str, ExperimentSpec], *, differing: bool) -> pd.DataFrame:
    """What each experiment does with every setting that any of them searches or fixes."""
    names = list(dict.fromkeys(name for spec in specs.values() for name in spec.parameters))
    names += [name for spec in specs.values() for name in spec.fixed if name not in names]
    rows = {name: [_treatment(spec, name) for spec in specs.values()] for name in dict.fromkeys(names)}
    return _frame("setting", rows, headings(list(specs)), differing=differing)


def specification_frame(specs: Mapping[str, ExperimentSpec], *, differing: bool) -> pd.DataFrame:
    """Everything else the specifications say, by its place in the TOML."""
    left_out = ("name", "description", "parameters", "fixed")
    flat = [
        _flat({key: value for key, value in spec.model_dump(mode="json").items() if key not in left_out})
        for spec in specs.values()
    ]
    names = list(dict.fromkeys(name for fields in flat for name in fields))
    rows = {name: [fields.get(name) for fields in flat] for name in names}
    return _frame("field", rows, headings(list(specs)), differing=differing)


def _frame(
    first: str, rows: Mapping[str, Sequence[Any]], columns: Sequence[str], *, differing: bool
) -> pd.DataFrame:
    """A table of texts; equal rows are told by the values, not by how they are written."""
    kept = [
        (name, values)
        for name, values in rows.items()
        if not differing or any(value != values[0] for value in values[1:])
    ]
    return pd.DataFrame(
        [{first: name, **dict(zip(columns, map(_told, values), strict=True))} for name, values in kept],
        columns=[first, *columns],
    )


def _told(value: Any) -> str:  # noqa: ANN401 - any value of a specification
    if value is None or isinstance(value, float | int | str):
        return formats.parameter(value)
    return str(value)


def _cell(name: str, item: Chosen, reference: float | None) -> str:
    if item.measured is None or name not in item.measured.metrics:
        return MISSING
    value = item.measured.metrics[name]
    told = formats.interval(name, value, item.measured.standard_errors.get(name))
    if reference is None or (name in METRICS and METRICS[name].better is None):
        return told
    return f"{told}, {formats.difference(name, value, reference)}"


def _difference(metric: str, pair: Pair) -> str:
    if pair.difference is None:
        return MISSING
    if METRICS[metric].unit == "%":
        return formats.difference(metric, pair.difference, 0.0)
    return formats.signed(pair.difference)


def _interval(metric: str, pair: Pair) -> str:
    if pair.interval is None:
        return MISSING
    digits = 1 if METRICS[metric].unit == "%" else 3
    low, high = (formats.signed(end, digits) for end in pair.interval)
    return f"{low} to {high}"


def _probability(value: float) -> str:
    return "below 0.0001" if value < 0.0001 else f"{value:.2g}" if value < 0.1 else f"{value:.2f}"


def _treatment(spec: ExperimentSpec, name: str) -> str:
    if name in spec.fixed:
        return f"fixed at {formats.parameter(spec.fixed[name])}"
    space = spec.parameters.get(name)
    if space is None:
        return "default"
    if hasattr(space, "values"):
        return f"one of {', '.join(formats.parameter(value) for value in space.values)}"
    kind = "whole, " if space.type == "int" else ""
    scale = ", logarithmic" if space.log else ""
    return f"{kind}{formats.parameter(space.low)} to {formats.parameter(space.high)}{scale}"


def _flat(fields: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in fields.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{before}{key}.")
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            for item in value:
                found |= _flat(
                    {name: part for name, part in item.items() if name != "name"},
                    f"{before}{key}.{item.get('name')}.",
                )
        else:
            found[f"{before}{key}"] = tuple(value) if isinstance(value, list) else value
    return found

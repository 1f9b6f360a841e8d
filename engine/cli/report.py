"""An experiment as text: the frontier as a table, the teacher and the baseline beside it, and failures by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.cli.report_details import details
from engine.metric_catalogue import METRICS, metric_info
from engine.metric_words import format_value
from engine.summary import Summary

SIZES = ("num_parameters", "latency_ms")
"""Shown behind the metrics of the specification, whether it lists them or not."""
REASON_CHARACTERS = 160
ON_FRONTIER = "on frontier"
"""Column with the probability of each trial to be on the frontier."""


def report(summary: Summary) -> str:
    """Everything a person wants to know of an ended experiment, in a terminal."""
    trials = {trial["number"]: trial for trial in summary["trials"]}
    baseline = next((trial for trial in summary["trials"] if trial["role"] == "baseline"), None)
    cost = next((name for name in summary["objectives"] if _is_cost(name)), None)
    shown = [summary["teacher"], *([baseline] if baseline else [])]
    frontier = sorted(
        (trials[number] for number in summary["frontier"]),
        key=lambda trial: trial["metrics"].get(cost, trial["number"]) if cost else trial["number"],
    )
    shown += [trial for trial in frontier if trial is not baseline]
    measured = [trial for trial in shown if trial["metrics"]]
    names = [
        name
        for name in dict.fromkeys([*summary["metrics"], *SIZES])
        if any(name in trial["metrics"] for trial in measured)
    ]
    rows = [_row(trial, names, baseline, cost) for trial in measured]
    if not any(row[ON_FRONTIER] for row in rows):
        rows = [{name: cell for name, cell in row.items() if name != ON_FRONTIER} for row in rows]
    # A single configuration is the baseline itself: nothing can be claimed against it.
    claims = summary["claims"] if summary["strategy"] != "single" else []
    parts = [
        f"{summary['name']}: {summary['state']}, {summary['done']} of {summary['budget']} trials, "
        f"{len(frontier)} on the frontier",
        table(rows) if rows else "no trial has been measured",
        *claims,
        *([summary["early_stopping"]["sentence"]] if summary["early_stopping"] else []),
        *(details(summary) if "advice" in summary else []),
        *_failures(summary),
    ]
    return "\n".join(part for part in parts if part)


def table(rows: Sequence[dict[str, str]]) -> str:
    """Rows with the same keys as aligned text; all columns but the first to the right."""
    names = list(rows[0])
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in names}

    def line(cells: dict[str, str]) -> str:
        return "  ".join(
            cells[name].ljust(widths[name]) if name == names[0] else cells[name].rjust(widths[name])
            for name in names
        ).rstrip()

    return "\n".join([line({name: name for name in names}), *map(line, rows)])


def _is_cost(name: str) -> bool:
    return name in METRICS and METRICS[name].better == "minimize"


def _row(
    trial: dict[str, Any], names: Sequence[str], baseline: dict[str, Any] | None, cost: str | None
) -> dict[str, str]:
    metrics, errors = trial["metrics"], trial["standard_errors"]
    row = {"trial": _title(trial)}
    sure = trial.get("frontier_probability")
    row[ON_FRONTIER] = "" if sure is None else f"{100 * sure:.0f} %"
    for name in names:
        text = format_value(name, metrics[name]) if name in metrics else ""
        if name in metrics and metric_info(name).unit == "%":
            text = f"{metrics[name]:.1f}"
            if name in errors:
                text += f" ±{errors[name]:.1f}"
        row[name] = text
    if cost and baseline and baseline["metrics"].get(cost):
        reference = baseline["metrics"][cost]
        row[f"{cost} vs baseline"] = (
            f"{100 * (metrics[cost] / reference - 1):+.0f} %" if cost in metrics else ""
        )
    row["settings"] = settings_text(trial["parameters"])
    return row


def _title(trial: dict[str, Any]) -> str:
    name = trial["role"] if trial["role"] != "student" else f"student {trial['number']}"
    name += " *" if trial["on_frontier"] else ""
    if trial["metrics"].get("collapsed"):
        name += f" ({METRICS['collapsed'].label})"
    return name


def settings_text(parameters: Mapping[str, Any]) -> str:
    """A configuration on one line."""
    return " ".join(
        f"{name}={value:.3g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in parameters.items()
    )


def _failures(summary: Summary) -> list[str]:
    lines = []
    for trial in [summary["teacher"], *summary["trials"]]:
        if trial["state"] in ("failed", "stopped", "lost"):
            reason = (trial["reason"] or "no reason recorded")[:REASON_CHARACTERS]
            lines.append(f"{_title(trial)} {trial['state']}: {reason}")
    return lines

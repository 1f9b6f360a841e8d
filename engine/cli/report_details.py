"""What an experiment's report says below its table: how sure the frontier is, what matters, and advice."""

from __future__ import annotations

from engine.summary import Summary

MOST_PARAMETERS = 5
"""Most parameters named in a line on importance."""


def details(summary: Summary) -> list[str]:
    """Lines of a detailed summary."""
    return [*_again(summary), *_importance(summary), *_advice(summary)]


def _again(summary: Summary) -> list[str]:
    probability = {trial["number"]: trial["frontier_probability"] for trial in summary["trials"]}
    named = [f"{number} ({100 * probability[number]:.0f} %)" for number in summary["train_again"]]
    if not named:
        return []
    return [f"Open whether on the frontier, worth training again with other seeds: trial {', '.join(named)}."]


def _importance(summary: Summary) -> list[str]:
    if summary["strategy"] == "single":
        return []
    if summary["importance_needs"]:
        return [f"Importance of the parameters needs {summary['importance_needs']} more completed trials."]
    lines = []
    for metric, shares in summary["importance"].items():
        named = [f"{name} {100 * share:.0f} %" for name, share in list(shares.items())[:MOST_PARAMETERS]]
        lines.append(f"What matters for {metric}: {', '.join(named)}.")
    return lines


def _advice(summary: Summary) -> list[str]:
    return [f"{advice['severity']}: {advice['sentence']}" for advice in summary["advice"]]

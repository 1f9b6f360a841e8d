"""The estimate of an experiment's time in words."""

from __future__ import annotations

from dashboard import formats
from engine.estimate import TimeEstimate

NAMED = 2
"""Experiments that are named; of more, how many."""


def time_words(found: TimeEstimate | None) -> str:
    """How long it will take and what that rests on, or that nobody knows."""
    if found is None:
        return (
            "No trial of this task with this teacher has run here yet, so nothing can be said of the time; once the "
            "first has completed, the experiment's page tells how long is to go."
        )
    each = f"About {formats.duration(found.each)} a trial"
    if formats.duration(found.low) != formats.duration(found.high):
        each += f" ({formats.duration(found.low)} to {formats.duration(found.high)})"
    at_once = f" with {found.slots} at once" if found.slots > 1 else ""
    named = ", ".join(found.experiments[:NAMED])
    if len(found.experiments) > NAMED:
        named += f" and {len(found.experiments) - NAMED} more"
    scaled = ", in proportion to data and epochs" if found.is_scaled else ""
    return (
        f"{each}, {formats.duration(found.total)} in all{at_once}: as {found.trials:,} trials of {named} took on this "
        f"machine{scaled}."
    )

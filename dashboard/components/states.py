"""States of experiments and trials in words and colours."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from dashboard import formats
from engine.lifecycle import ACTIVE_EXPERIMENT_STATES, ExperimentState, TrialState
from engine.overview import Overview

Colour = Literal["orange", "gray", "green", "red"]
_COLOURS: dict[str, Colour] = {
    "pending": "orange",
    "queued": "orange",
    "running": "orange",
    "lost": "orange",
    "paused": "gray",
    "stopped": "gray",
    "completed": "green",
    "failed": "red",
}


def state_badge(state: str) -> None:
    """The state as a small coloured label."""
    st.badge(state, color=_COLOURS.get(state, "gray"))


def progress_line(view: Overview) -> str:
    """Where an experiment stands: trials done, running, time spent and time to go."""
    parts = [f"{view.done:,} of {view.budget:,} trials"]
    if failed := view.counts.get(TrialState.FAILED, 0):
        parts.append(f"{failed:,} failed")
    if running := view.counts.get(TrialState.RUNNING, 0):
        parts.append(f"{running} running")
    if view.seconds_spent:
        parts.append(f"{formats.duration(view.seconds_spent)} spent")
    if view.experiment.state in ACTIVE_EXPERIMENT_STATES and view.seconds_left is not None:
        parts.append(f"about {formats.duration(view.seconds_left)} to go")
    return " \u00b7 ".join(parts)


def preparation(view: Overview) -> str | None:
    """What is being done to the teacher, while students cannot start yet; else None."""
    teacher = view.teacher
    if view.experiment.state != ExperimentState.PENDING:
        return None
    if teacher.state == TrialState.RUNNING:
        doing = teacher.progress_message or "reading data"
        return f"The teacher is being prepared: {formats.literal(doing)}, {100 * teacher.progress:.0f} %"
    if teacher.state == TrialState.QUEUED:
        return "Waiting for a free slot to prepare the teacher"
    return None

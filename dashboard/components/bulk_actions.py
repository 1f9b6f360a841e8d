"""What can be done with several trials at once: compare, pause, resume, stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.components.navigate import go
from dashboard.formats import literal
from dashboard.services import Services
from engine.controls import pause_trial, resume_trial, stop_trial
from engine.errors import BertFrontierError
from storage.store import Store

MOST_COMPARED = 8
"""Trials that can be compared at once."""

Action = Callable[[Store, str, int], None]


def bulk_actions(present: Services, experiment: str, numbers: Sequence[int]) -> None:
    """Draw the buttons for the chosen trials; words that say how to choose while there are none."""
    if not numbers:
        st.caption("Tick trials to compare, pause, resume or stop them; click a cell to open its trial.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{len(numbers)} chosen**", width="content")
        st.button(
            "Compare",
            disabled=not 2 <= len(numbers) <= MOST_COMPARED,
            help=f"Two to {MOST_COMPARED} trials side by side.",
            key="compare chosen",
            on_click=go,
            args=("compare",),
            kwargs={"ids": ",".join(f"{experiment}/{number}" for number in numbers)},
        )
        for words, done, action in (("Pause", "paused", pause_trial), ("Resume", "queued", resume_trial)):
            st.button(
                words,
                key=f"{words} chosen",
                on_click=for_each,
                args=(action, done, present.store, experiment, numbers),
            )
        with st.popover("Stop"):
            st.markdown("Running trials write a checkpoint and end; waiting ones end at once.")
            st.button(
                f"Stop {len(numbers)} trial{'s' if len(numbers) > 1 else ''}",
                type="primary",
                key="stop chosen",
                on_click=for_each,
                args=(stop_trial, "stopped", present.store, experiment, numbers),
            )


def for_each(action: Action, done: str, store: Store, experiment: str, numbers: Sequence[int]) -> None:
    """Do something with each of some trials, and tell how many refused and why the first did; for callbacks.

    Args:
        action: what to do; may refuse.
        done: what a trial then is, or is about to be.
        store: the open database.
        experiment: its name.
        numbers: of the trials.
    """
    refusals = []
    for number in numbers:
        try:
            action(store, experiment, number)
        except BertFrontierError as error:
            refusals.append(str(error))
    count = len(numbers) - len(refusals)
    told = [f"{count} trial{'s' if count != 1 else ''} {done}."] if count else []
    if refusals:
        told.append(f"{len(refusals)} refused: {literal(refusals[0])}.")
    st.toast(" ".join(told))

"""The what-if page without an experiment: which one to ask."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.components.experiment_choice import same_page
from dashboard.components.navigate import go
from dashboard.components.states import state_badge
from dashboard.services import Services
from dashboard.task_words import task_words
from dashboard.whatif.choices import Choice, choices
from engine.whatif.answer import MIN_TRIALS

PAGE_SIZE = 30
"""Experiments on one page of the list."""


def picker(present: Services) -> None:
    """List the experiments that can be asked, or say what to do first."""
    st.title("What if")
    st.markdown(
        "Hold some settings, set budgets such as at most 45 M parameters, and read off what to expect, how sure that "
        "is, and which model to ship. The models behind it learn from the trials of one experiment."
    )
    found = choices(present.store)
    if not found:
        st.info(
            f"No experiment searches anything yet. Once one has {MIN_TRIALS} completed trials, it can be asked here."
        )
        st.button(
            "Set up an experiment", type="primary", on_click=go, args=("new",), kwargs={"preset": "demo"}
        )
        return
    pages = -(-len(found) // PAGE_SIZE)
    number = st.pagination(pages, key="page") if pages > 1 else 1
    for choice in found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]:
        _row(choice)


def _row(choice: Choice) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        same_page(choice.name, experiment=choice.name)
        state_badge(choice.state)
        st.markdown(formats.literal(task_words(choice.task)), width="stretch")
        missing = MIN_TRIALS - choice.completed
        told = f"{choice.completed:,} completed trials"
        st.caption(told if missing <= 0 else f"{told}, {missing} more needed to predict", width="content")

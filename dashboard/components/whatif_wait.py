"""Draws the what-if page again as soon as the answer it waits for is there; nothing runs when it waits for none."""

from __future__ import annotations

import time

import streamlit as st

from dashboard.services import Services
from engine.whatif.cuts import Cut
from engine.whatif.desk import Stage
from engine.whatif.question import Question
from engine.whatif.stored import Study

LOOK_SECONDS = 0.4
"""Time between two looks for the answer."""


def wait(present: Services, study: Study, question: Question | Cut, reader: str, told: str) -> None:
    """Say what is being done, and look for the answer until it is there."""
    began = st.session_state.setdefault("what-if asked at", time.monotonic())
    _look(present, study, question, reader, told, began)


@st.fragment(run_every=LOOK_SECONDS)
def _look(
    present: Services, study: Study, question: Question | Cut, reader: str, told: str, began: float
) -> None:
    if present.whatif.ask(study, question, reader).is_ready:
        st.rerun()
    seconds = time.monotonic() - began
    st.markdown(f":orange[\u25cb {told}{f' {seconds:.0f} s so far.' if seconds >= 1 else ''}]")


def doing(stage: Stage | None, trials: int) -> str:
    """What is being done, in a sentence."""
    if stage == "fitting":
        return f"Fitting the models of {trials:,} trials\u2026"
    return "Working out the answer\u2026"

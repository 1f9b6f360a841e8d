"""Asks for cuts through an experiment's models without blocking the page."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from dashboard.components.whatif_wait import doing, wait
from dashboard.formats import literal
from dashboard.services import Services
from engine.overview import Overview
from engine.whatif.cuts import Cut, Cuts
from engine.whatif.stored import study_of

_READER = "reader of cuts"
_ASKED = "what-if asked at"
PATIENCE = 0.3
"""Seconds a page waits for an answer before it says that it is being worked out."""


def cuts_or_wait(present: Services, view: Overview, asked: Cut) -> Cuts | None:
    """The cuts, or None while they are worked out or after an error, which is said."""
    study = study_of(present.store, present.home, view.experiment.name)
    reader: str = st.session_state.setdefault(_READER, uuid4().hex)
    outcome = present.whatif.ask(study, asked, reader, PATIENCE)
    if not outcome.is_ready:
        wait(present, study, asked, reader, doing(outcome.stage, len(view.outcomes.frame)))
        return None
    st.session_state.pop(_ASKED, None)
    if outcome.error is not None:
        st.warning(literal(f"{outcome.error[:1].upper()}{outcome.error[1:]}"))
        st.button("Try again", on_click=present.whatif.forget, args=(study,), key="cuts again")
    return outcome.cuts


def quality_of_models(present: Services, view: Overview) -> dict[str, float]:
    """How well each learned metric is predicted in trials left out; empty while no models are fitted."""
    return dict(present.whatif.quality(study_of(present.store, present.home, view.experiment.name)))

"""How long the experiment being set up will take, as far as earlier trials tell."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.formats import literal
from dashboard.launching.time_words import time_words
from dashboard.services import Services
from engine.estimate import estimate_time
from engine.experiment import ExperimentSpec
from storage.pace import PaceRow, pace_rows
from storage.store import Store
from storage.totals import ended_trials


def time_needed(present: Services, spec: ExperimentSpec) -> None:
    """Draw the estimate, or say that there is none."""
    store = present.store
    earlier = _paces(store, str(store.path), ended_trials(store))
    slots = present.runner.executor.likely_slots()
    st.markdown(literal(time_words(estimate_time(spec, earlier, slots))))


@st.cache_resource(max_entries=2, show_spinner=False)
def _paces(_store: Store, path: str, ended: int) -> Sequence[PaceRow]:  # noqa: ARG001
    """Arguments with an underscore are no part of the cache's key; the others are."""
    return pace_rows(_store)

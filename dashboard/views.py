"""What pages ask for again and again: an experiment's overview and table, read once for each change."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.palette import Palette, palette
from dashboard.tables import trials_frame
from engine.overview import Overview, overview
from storage.changes import fingerprints
from storage.experiments import get_experiment
from storage.store import Store

KEPT = 64
"""Experiments whose overview is kept."""


def look(store: Store, name: str) -> tuple[Overview, pd.DataFrame]:
    """The overview of an experiment and its trials as a table.

    Raises:
        UnknownNameError: when there is no such experiment.
    """
    get_experiment(store, name)
    return _look(store, str(store.path), name, fingerprints(store)[name])


def colours() -> Palette:
    """The palette of the theme the browser shows."""
    return palette(st.context.theme.type)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _look(_store: Store, path: str, name: str, fingerprint: int) -> tuple[Overview, pd.DataFrame]:  # noqa: ARG001
    """Arguments with an underscore are no part of the cache's key; the others are."""
    view = overview(_store, get_experiment(_store, name))
    return view, trials_frame(view)

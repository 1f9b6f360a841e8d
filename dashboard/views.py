"""What pages ask for again and again: an experiment's overview and table, read once for each change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard.palette import Palette, palette
from dashboard.tables import trials_frame
from engine.observations import measured_trials
from engine.overview import Overview, overview
from storage.changes import fingerprints
from storage.experiments import get_experiment
from storage.store import Store
from storage.trials import list_trials

KEPT = 64
"""Experiments whose overview is kept."""
MOST_TRIALS = 2000
"""With more trials than this, pages look at those that matter to the frontier and at a sample of the others."""


def look(store: Store, name: str, *, including: tuple[int, ...] = ()) -> tuple[Overview, pd.DataFrame]:
    """The overview of an experiment and its trials as a table; of a very large one those that matter and a sample.

    Args:
        store: the open database.
        name: of the experiment.
        including: numbers of trials that are to be there even so.

    Raises:
        UnknownNameError: when there is no such experiment.
    """
    get_experiment(store, name)
    fingerprint = fingerprints(store)[name]
    found = _look(store, str(store.path), name, fingerprint, ())
    if not including or found[0].is_whole or set(including) <= set(found[1]["trial"]):
        return found
    return _look(store, str(store.path), name, fingerprint, including)


def rows_of(store: Store, view: Overview, numbers: Sequence[int]) -> pd.DataFrame:
    """Some trials of an experiment as a table like that of ``look``, in the order given.

    Args:
        store: the open database.
        view: the experiment.
        numbers: of the trials; few.
    """
    key = view.experiment.experiment_id
    trials = list_trials(store, key, numbers=numbers)
    measured = {item.number: item for item in measured_trials(store, key, trials, numbers=numbers)}
    frame = trials_frame(replace(view, trials=trials, measured=measured))
    return frame.set_index("trial", drop=False).reindex(list(numbers)).reset_index(drop=True)


def colours() -> Palette:
    """The palette of the theme the browser shows."""
    return palette(st.context.theme.type)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _look(
    _store: Store,
    path: str,  # noqa: ARG001
    name: str,
    fingerprint: int,  # noqa: ARG001
    including: tuple[int, ...],
) -> tuple[Overview, pd.DataFrame]:
    """Arguments with an underscore are no part of the cache's key; the others are."""
    view = overview(_store, get_experiment(_store, name), most=MOST_TRIALS, including=including)
    return view, trials_frame(view)

"""One trial: how good it is, why it is or is not on the frontier, how it came about, and its model."""

from __future__ import annotations

import streamlit as st

from dashboard.components import trial_details as details
from dashboard.components.notices import not_found
from dashboard.components.trial_head import trial_head
from dashboard.live import follow
from dashboard.services import Services, services
from dashboard.views import look
from engine.errors import BertFrontierError
from engine.exporting import parse_trial_name
from engine.overview import Overview
from storage.changes import fingerprints, last_event
from storage.trials import TrialRow, get_trial

TABS = ("Curves", "Parameters", "Metrics", "Log", "Files")


def page() -> None:
    """Draw the trial the address names."""
    present = services()
    try:
        name, number = parse_trial_name(st.query_params.get("id", ""))
        trial = get_trial(present.store, name, number)
    except BertFrontierError as error:
        not_found(str(error))
        return
    store = present.store
    follow(
        store,
        lambda: (fingerprints(store).get(name), last_event(store, trial.trial_id), present.runner.last_error),
    )
    view, _ = look(store, name)
    trial = next(item for item in view.trials if item.number == number)
    st.page_link("app_pages/experiment.py", label=f":blue[\u2190 {name}]", query_params={"id": name})
    # In a container of its own, so that the charts below keep their place, and with it their zoom.
    with st.container():
        trial_head(present, view, trial)
    _tabs(present, view, trial)


def _tabs(present: Services, view: Overview, trial: TrialRow) -> None:
    curves, parameters, metrics, log, files = st.tabs(
        TABS, key="part", bind="query-params", on_change="rerun"
    )
    if curves.open:
        with curves:
            details.curves(present, view, trial)
    if parameters.open:
        with parameters:
            details.parameters(present, view, trial)
    if metrics.open:
        with metrics:
            details.metrics(view, trial)
    if log.open:
        with log:
            details.log(present, trial)
    if files.open:
        with files:
            details.files(present, view, trial)


page()

"""One trial: how good it is, why it is or is not on the frontier, how it came about, what it answers, and its model."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.components import trial_details as details
from dashboard.components.answers_panel import answers_panel
from dashboard.components.errors_panel import errors_panel
from dashboard.components.navigate import link
from dashboard.components.notices import not_found
from dashboard.components.trial_curves import trial_curves
from dashboard.components.trial_files import trial_files
from dashboard.components.trial_head import trial_head
from dashboard.components.trial_log import trial_log
from dashboard.components.trial_resources import trial_resources
from dashboard.live import follow
from dashboard.services import Services, services
from dashboard.views import look
from engine.errors import BertFrontierError
from engine.exporting import parse_trial_name
from engine.overview import Overview
from storage.changes import fingerprints, last_event
from storage.trials import TrialRow, get_trial

PARTS: dict[str, Callable[[Services, Overview, TrialRow], None]] = {
    "Curves": trial_curves,
    "Parameters": details.parameters,
    "Metrics": lambda present, view, trial: details.metrics(view, trial),  # noqa: ARG005
    "Answers": answers_panel,
    "Errors": errors_panel,
    "Resources": lambda present, view, trial: trial_resources(present, trial),  # noqa: ARG005
    "Log": lambda present, view, trial: trial_log(present, trial),  # noqa: ARG005
    "Files": trial_files,
}
"""What each tab draws."""


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
    view, _ = look(store, name, including=(number,))
    trial = next(item for item in view.trials if item.number == number)
    link("experiment", f":blue[\u2190 {name}]", id=name)
    # In a container of its own, so that the charts below keep their place, and with it their zoom.
    with st.container():
        trial_head(present, view, trial)
    tabs = st.tabs(list(PARTS), key="part", bind="query-params", on_change="rerun")
    for tab, draw in zip(tabs, PARTS.values(), strict=True):
        if tab.open:
            with tab:
                draw(present, view, trial)


page()

"""Two to eight trials or experiments side by side: what differs, what that led to, and how surely."""

from __future__ import annotations

import streamlit as st

from dashboard.components.compare_experiments import compare_experiments
from dashboard.components.compare_picker import picker
from dashboard.components.compare_trials import compare_trials
from dashboard.components.notices import not_found
from dashboard.components.share import share_button
from dashboard.live import follow
from dashboard.services import services
from engine.comparing import chosen_experiments, chosen_trials, names_in
from engine.errors import BertFrontierError
from storage.changes import fingerprints


def page() -> None:
    """Draw the comparison that the address names, or a way to choose one."""
    present = services()
    trials = names_in(st.query_params.get("ids", ""))
    experiments = names_in(st.query_params.get("experiments", ""))
    store = present.store
    try:
        chosen = chosen_trials(store, trials)
        rows = chosen_experiments(store, experiments)
    except BertFrontierError as error:
        not_found(str(error))
        return
    names = {*(item.experiment.name for item in chosen), *experiments}
    follow(store, lambda: tuple(sorted((n, f) for n, f in fingerprints(store).items() if n in names)))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("Compare", width="stretch")
        if len(chosen) > 1 or len(rows) > 1:
            share_button(present, "compare", f"Comparison of {' and '.join([*trials, *experiments])}")
    if not present.shared:
        picker(store, chosen, rows)
    if len(chosen) > 1:
        compare_trials(present, chosen)
    if len(rows) > 1:
        compare_experiments(present, rows)
    if len(chosen) < 2 and len(rows) < 2:
        st.info(
            "Choose two to eight trials, of one experiment or of several, or two to eight experiments. "
            "What is chosen stands in the address, so it can be copied and sent."
        )


page()

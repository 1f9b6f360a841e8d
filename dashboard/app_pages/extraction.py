"""An extraction: every architecture of its space by cost, W of those that were trained, and the one to adopt."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.extraction import order_chart, space_chart
from dashboard.components.chart import chart
from dashboard.components.experiment_choice import choose
from dashboard.components.extraction_panel import adopt_links, said
from dashboard.components.navigate import open_selected, opener, where_it_leads
from dashboard.components.notices import not_found
from dashboard.components.view_head import view_head
from dashboard.extraction.candidates import candidates_frame, drawn, ranking_frame
from dashboard.live import follow
from dashboard.services import Services, services
from dashboard.views import colours, look
from engine.errors import UnknownNameError
from engine.extracting import find
from engine.extraction.finding import Finding
from engine.extraction.requirements import EXTRACT
from engine.overview import Overview
from storage.changes import fingerprints
from storage.experiments import get_experiment
from storage.extraction import found_candidates

EXPLAINED = (
    "An extraction sorts the architectures of a space by what they cost, trains every so many of them for a few "
    "steps, and takes the one with the largest W: what it saves in parameters and operations against the largest "
    "model, divided by how far its answers are from that model's."
)
ROW_HEIGHT = 32
MAX_HEIGHT = 480


def page() -> None:
    """Draw the extraction the address names."""
    present = services()
    name = st.query_params.get("id", "")
    if not name:
        choose(present, "Extraction", EXPLAINED, "bort", lambda row: row.strategy == EXTRACT)
        return
    try:
        row = get_experiment(present.store, name)
    except UnknownNameError as error:
        not_found(str(error))
        return
    if row.strategy != EXTRACT:
        not_found(f"{name} is no extraction, its strategy is {row.strategy}")
        return
    follow(present.store, lambda: fingerprints(present.store).get(name))
    view, _ = look(present.store, name)
    view_head(present, view, "Extraction", "extraction")
    _body(present, view)


def _body(present: Services, view: Overview) -> None:
    found = find(present.store, view)
    if found is None:
        st.markdown("The first architecture is still being trained.")
    else:
        said(found)
        if not present.shared:
            with st.container(horizontal=True):
                adopt_links(view.experiment.name)
    candidates = candidates_frame(
        found_candidates(present.store, view.experiment.name), None if found is None else found.maximum
    )
    for draw, key, alt in (
        (space_chart, "space", "Parameters against operations of every architecture"),
        (order_chart, "order", "W of the trained architectures in the order of the space"),
    ):
        chart(draw(drawn(candidates), colours()), key=key, alt=alt, on_click=opener(view.experiment.name))
    extract = view.spec.extract
    st.caption(
        f"{len(candidates):,} architectures, {int(candidates['chosen'].sum()):,} chosen to be trained (every "
        f"{extract.interval} of the order by {extract.order})."
        f"{where_it_leads('Click a trained one to open its trial.')}"
    )
    if found is not None:
        _ranking(view, found)


def _ranking(view: Overview, found: Finding) -> None:
    st.subheader("By W")
    frame = ranking_frame(found)
    trials = [f"{view.experiment.name}/{number}" for number in frame["trial"]]
    st.dataframe(
        frame,
        hide_index=True,
        height=min(MAX_HEIGHT, ROW_HEIGHT * (len(frame) + 1) + 4),
        row_height=ROW_HEIGHT,
        key="ranking",
        selection_mode="single-row",
        on_select=lambda: open_selected("ranking", trials),
        alt="All trained architectures by their W, with error, size and operations",
    )
    st.caption(
        "W is what is saved, parameters times operations, divided by the surrogate error; what is saved stands beside "
        f"it.{where_it_leads('Select a row to open its trial.')}"
    )


page()

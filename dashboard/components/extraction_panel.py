"""An extraction on the page of its experiment: what it has found in sentences, and where that can go from here."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.components.navigate import link
from dashboard.extraction.candidates import ranking_frame
from dashboard.services import Services
from engine.extracting import find
from engine.extraction.finding import Finding, sentences
from engine.overview import Overview

TOP = 10
"""Architectures in the table."""


def extraction_panel(present: Services, view: Overview) -> None:
    """Draw the panel; before anything is measured it says so."""
    st.subheader("Extraction")
    found = find(present.store, view)
    if found is None:
        st.caption("The first architecture is still being trained.")
        return
    said(found)
    with st.container(horizontal=True):
        adopt_links(view.experiment.name)
        link("extraction", ":blue[All architectures on a map]", id=view.experiment.name)
    st.dataframe(
        ranking_frame(found, TOP),
        hide_index=True,
        alt="Architectures with the largest W, with error, size and operations",
    )
    st.caption(
        f"{min(TOP, len(found.ranking))} of {len(found.ranking)} measured architectures; all {len(found.space)} of "
        "the sorted space are in the view `extraction`."
    )


def said(found: Finding) -> None:
    """What was found, in sentences."""
    for sentence in sentences(found):
        st.markdown(formats.literal(sentence))


def adopt_links(name: str) -> None:
    """The experiments that take the extracted architecture further, each in the form for a new experiment."""
    for label, purpose in (("Pre-train it", "pretrain"), ("Search around it", "search")):
        query = {"from": name, "adopt": purpose}
        link("new", f":blue[{label}]", **query)

"""What an extraction has found: sentences, architectures by their W, and where the best one can go from here."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import formats
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
    for sentence in sentences(found):
        st.markdown(formats.literal(sentence))
    with st.container(horizontal=True):
        for label, purpose in (("Pre-train it", "pretrain"), ("Search around it", "search")):
            query = {"from": view.experiment.name, "adopt": purpose}
            st.page_link("app_pages/new.py", label=f":blue[{label}]", query_params=query)
    st.dataframe(
        ranking_frame(found),
        hide_index=True,
        alt="Architectures with the largest W, with error, size and operations",
    )
    st.caption(
        f"{min(TOP, len(found.ranking))} of {len(found.ranking)} measured architectures; all {len(found.space)} of "
        "the sorted space are in the view `extraction`."
    )


def ranking_frame(found: Finding) -> pd.DataFrame:
    """The architectures with the largest W, one row each."""
    return pd.DataFrame(
        [
            {
                **place.architecture,
                "W": f"{place.w:.4g}",
                formats.label("surrogate_error"): formats.metric("surrogate_error", place.error),
                formats.label("lemma_parameters"): formats.metric("lemma_parameters", place.costs.size),
                formats.label("lemma_operations"): formats.metric("lemma_operations", place.costs.speed),
                "place": place.number + 1,
                "trial": place.trial,
            }
            for place in found.ranking[:TOP]
        ]
    )

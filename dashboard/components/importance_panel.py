"""Which parameters matter for which metric."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.importance import importance_chart
from dashboard.components.chart import chart
from dashboard.views import colours
from engine.importance import TRIALS_EACH
from engine.overview import Overview
from engine.what_matters import what_matters


def importance_panel(view: Overview) -> None:
    """Draw the bars, or say how many trials are missing for them."""
    if not view.spec.parameters:
        st.info("Nothing is searched in this experiment, so no parameter can matter more than another.")
        return
    with st.spinner("Reading off which parameters matter", show_time=True):
        found = what_matters(view)
    if found.missing:
        st.info(
            f"Importance needs {found.missing} more completed trials: {TRIALS_EACH} for each of the "
            f"{len(view.spec.parameters)} parameters."
        )
        return
    chart(importance_chart(found.by_metric, colours()), key="importance", alt="Importance of each parameter")
    sample = (
        ""
        if view.is_whole
        else f" From {len(view.measured):,} of {len(view.outcomes.frame):,} completed trials."
    )
    st.caption(
        "What a forest of extremely randomised trees reads off each parameter when it predicts the metric; the shares "
        f"of a metric add up to 100 %.{sample} A parameter whose effect the search has not varied shows none."
    )

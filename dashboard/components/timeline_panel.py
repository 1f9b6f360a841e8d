"""When an experiment's trials ran, and what became of each attempt."""

from __future__ import annotations

import streamlit as st

from dashboard import moments
from dashboard.charts.timeline import timeline_chart
from dashboard.components.chart import chart
from dashboard.components.navigate import opener, where_it_leads
from dashboard.services import Services
from dashboard.views import colours
from engine.overview import Overview
from engine.timeline import LOST, timeline
from storage.attempts import MAX_TRIALS, attempts_frame


def timeline_panel(present: Services, view: Overview) -> None:
    """Draw the chart; a click on a bar opens its trial."""
    attempts = attempts_frame(present.store, view.experiment.experiment_id)
    found = timeline(attempts, present.store.now())
    place = moments.zone(st.context.timezone)
    chart(
        timeline_chart(found, colours(), place.key),
        key="timeline",
        alt="When each attempt of each trial ran",
        on_click=opener(view.experiment.name),
    )
    again, lost = int(found["again"].sum()), int((found["outcome"] == LOST).sum())
    parts = [f"The {MAX_TRIALS} trials that started last." if view.total > MAX_TRIALS else ""]
    parts.append(
        f"{len(found):,} attempts; {again} were begun again, {lost} of all were lost with their process."
        f"{where_it_leads('Click a bar to open its trial.')}"
    )
    st.caption(" ".join(part for part in parts if part))

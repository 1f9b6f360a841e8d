"""Experiments side by side: frontiers over one another, how they grew, and what their specifications differ in."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.charts.series import headings
from dashboard.charts.side_by_side import frontiers_chart, growth_chart
from dashboard.comparison import space_frame, specification_frame
from dashboard.components.chart import chart
from dashboard.components.compare_trials import side_table
from dashboard.components.navigate import go, link
from dashboard.components.states import progress_line
from dashboard.services import Services
from dashboard.verdict import claims
from dashboard.views import colours, look
from engine.metrics import Metric
from engine.side_by_side import (
    Beside,
    axes,
    beside,
    best_beside,
    common_objectives,
    fronts,
    hypervolumes_beside,
)
from storage.experiments import ExperimentRow


def compare_experiments(present: Services, rows: Sequence[ExperimentRow]) -> None:
    """Draw everything about some experiments."""
    items = beside(present.store, rows)
    names = [item.name for item in items]
    _claims(present, names)
    st.subheader("Frontiers")
    found = axes(items)
    if found is None:
        st.info("They optimise no quality and cost in common, so their frontiers cannot share a chart.")
    else:
        quality, cost = found
        table = fronts(items, quality, cost)
        figure = frontiers_chart(table, names, cost, quality, colours())
        chart(
            figure,
            key="frontiers",
            alt="Frontiers of the experiments",
            on_click=None if present.shared else lambda place: _open(table, place),
        )
    _growth(items, names, None if found is None else found[0])
    st.subheader("What differs")
    everything = st.toggle("Show what is equal too", key="every", bind="query-params")
    specs = {item.name: item.spec for item in items}
    for words, frame in (
        ("Search space", space_frame(specs, differing=not everything)),
        ("Everything else", specification_frame(specs, differing=not everything)),
    ):
        st.markdown(f"**{words}**")
        if len(frame):
            side_table(frame, words)
        else:
            st.caption("The same in all of them.")


def _claims(present: Services, names: Sequence[str]) -> None:
    """Each experiment with how far it is and what it claims."""
    for name, heading in zip(names, headings(list(names)), strict=True):
        view, _ = look(present.store, name)
        with st.container(border=True, gap="xxsmall"):
            with st.container(horizontal=True, vertical_alignment="center"):
                link("experiment", f":blue[**{formats.literal(heading)}**]", id=name)
                st.caption(f"{view.experiment.state} \u00b7 {progress_line(view)}")
            for claim in claims(view)[:2]:
                st.markdown(claim)


def _growth(items: Sequence[Beside], names: Sequence[str], quality: Metric | None) -> None:
    left, right = st.columns(2)
    with left:
        shared = " and ".join(formats.label(metric.name) for metric in common_objectives(items))
        figure = growth_chart(
            hypervolumes_beside(items),
            names,
            "Hypervolume after each trial, as a share of the largest",
            "hypervolume (%)",
            colours(),
        )
        chart(figure, key="volumes", alt="Hypervolume of each experiment")
        if shared:
            st.caption(f"In {shared}, from one reference point for all, with the thresholds of {names[0]}.")
    if quality is None:
        return
    with right:
        label = formats.label(quality.name)
        figure = growth_chart(
            best_beside(items, quality),
            names,
            f"Best {label} so far",
            formats.axis_label(quality.name),
            colours(),
        )
        chart(figure, key="best", alt=f"Best {label} so far")
        st.caption("Among trials within their own experiment\u2019s thresholds, whatever they cost.")


def _open(table: pd.DataFrame, place: int) -> None:
    names, numbers = table["experiment"].tolist(), table["number"].tolist()
    go("trial", id=f"{names[place]}/{numbers[place]}")

"""Trials side by side: settings that differ, metrics with intervals, curves over one another, and pairs."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.charts.overlay import OVER, overlay_chart
from dashboard.charts.series import headings
from dashboard.comparison import circumstances_frame, measured_frame, settings_frame
from dashboard.components.address import choice
from dashboard.components.chart import chart
from dashboard.components.compare_pairs import compare_pairs
from dashboard.components.navigate import link
from dashboard.scores import main_score
from dashboard.services import Services
from dashboard.views import colours
from engine.comparing import Chosen
from engine.metric_catalogue import METRICS
from storage.overlaid import LOSSES, evaluated_metrics, evaluation_curves, step_curves

LABEL_WIDTH = 210
CELL_WIDTH = 215


def compare_trials(present: Services, chosen: Sequence[Chosen]) -> None:
    """Draw everything about some trials; the toggle stands in the address as ``all``."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="center", key="compared"):
        for item, heading in zip(chosen, headings([item.name for item in chosen]), strict=True):
            link("trial", f":blue[{formats.literal(heading)}]", id=item.name)
    everything = st.toggle("Show what is equal too", key="all", bind="query-params")
    st.subheader("What differs")
    for frame in (
        circumstances_frame(chosen, differing=not everything),
        settings_frame(chosen, differing=not everything),
    ):
        if len(frame):
            side_table(frame, "Settings side by side")
    if not everything and not len(settings_frame(chosen, differing=True)):
        st.caption("All training settings are the same.")
    st.subheader("What came out")
    measured = measured_frame(chosen, differing=not everything)
    if len(measured):
        side_table(measured, "Metrics side by side")
        st.caption(f"In brackets 90 % intervals; behind them the difference to {chosen[0].name}.")
    else:
        st.caption("None of these trials has final metrics yet.")
    st.subheader("Curves")
    _curves(present, chosen)
    st.subheader("Pair by pair")
    compare_pairs(present, chosen)


def side_table(frame: pd.DataFrame, alt: str) -> None:
    """A table of texts whose first column stays in sight; columns as ``dashboard.comparison`` makes them."""
    first, *others = frame.columns
    st.dataframe(
        frame,
        hide_index=True,
        height="content",
        row_height=30,
        column_config={
            first: st.column_config.TextColumn(first, pinned=True, width=LABEL_WIDTH),
            **{name: st.column_config.TextColumn(name, width=CELL_WIDTH) for name in others},
        },
        alt=alt,
    )


def _curves(present: Services, chosen: Sequence[Chosen]) -> None:
    ids = {item.trial.trial_id: item.name for item in chosen}
    evaluated = evaluated_metrics(present.store, list(ids))
    known = [name for name in METRICS if name in evaluated]
    score = main_score(chosen[0].spec)
    with st.container(horizontal=True, gap="small"):
        what = choice(
            "Curve",
            "curve",
            [*LOSSES, *known],
            score if score in known else "loss",
            words=formats.axis_label,
            width=330,
        )
        over = choice("Over", "over", list(OVER), "step", words=lambda name: OVER[name], width=250)
    draw = step_curves if what in LOSSES else evaluation_curves
    curves = draw(present.store, list(ids), what)
    named = curves.assign(name=curves["trial_id"].map(ids))
    figure = overlay_chart(named, list(ids.values()), what, colours(), over=over)
    chart(figure, key="overlay", alt=f"{formats.label(what)} of the trials over one another")

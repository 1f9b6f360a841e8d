"""Parallel coordinates whose brushes are the filter of the table."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.brushing import Axis, axes, conditions_of
from dashboard.charts.parallel import AXIS_WIDTH, MAX_LINES, lines, parallel_chart
from dashboard.components.address import several
from dashboard.components.chart import Brushes, chart
from dashboard.components.filter_box import filter_box, note_filter
from dashboard.services import Services
from dashboard.tables import metric_names
from dashboard.trial_filter import filter_text, with_brushes
from dashboard.views import colours
from engine.launch import column_types
from engine.overview import Overview
from storage.trial_pages import Condition, trials_page


def parallel_panel(present: Services, view: Overview, trials: pd.DataFrame) -> None:
    """Draw the chart; brushes and chosen axes stand in the address."""
    metrics = metric_names(view)
    names = [*view.spec.parameters, *metrics]
    listed = [metric.name for metric in view.spec.metrics]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        conditions = filter_box(view, names) or []
        with st.popover("Axes"):
            wanted = several("Axes to draw", "axes", names, [*view.spec.parameters, *listed], width=420)
    drawn = [axis for axis in axes(view, metrics) if axis.name in wanted and axis.name in trials]
    chart(
        parallel_chart(
            trials,
            drawn,
            {axis.name: axis.ranges(conditions) for axis in drawn},
            colours(),
            revision=filter_text(conditions),
        ),
        key="parallel",
        alt="Parameters and metrics of completed trials, one line a trial",
        on_brush=lambda brushes: _note(conditions, drawn, brushes),
        min_width=AXIS_WIDTH * len(drawn),
    )
    st.caption(_caption(present, view, conditions, len(lines(trials, drawn))))


def _note(conditions: list[Condition], drawn: list[Axis], brushes: Brushes) -> None:
    found = conditions_of(drawn, brushes)
    note_filter(filter_text(with_brushes(conditions, [axis.name for axis in drawn], found)))


def _caption(present: Services, view: Overview, conditions: list[Condition], count: int) -> str:
    words = "Blue lines are the frontier, the pink one is the baseline, pale ones are beyond a threshold."
    if count >= MAX_LINES or not view.is_whole:
        words += f" Drawn are the frontier and an even choice of the others, {count:,} trials in all."
    if not conditions:
        return f"{words} Drag along an axis to filter the table of trials; click the brush to remove it."
    met = trials_page(
        present.store,
        view.experiment.experiment_id,
        parameters=column_types(view.spec.space()),
        conditions=conditions,
        limit=0,
    ).total
    return f"{words} {met:,} of {view.total:,} trials meet the filter; the tab Trials lists them."

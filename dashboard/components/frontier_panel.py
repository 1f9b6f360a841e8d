"""The frontier chart with its two axes to choose; a click on a point opens the trial."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.charts.frontier import frontier_chart
from dashboard.components.chart import chart
from dashboard.components.navigate import go
from dashboard.tables import metric_names
from dashboard.views import colours
from engine.extraction.requirements import EXTRACT
from engine.metrics import objectives, quality_and_cost
from engine.overview import Overview


def frontier_panel(view: Overview, trials: pd.DataFrame) -> None:
    """Draw the chart; its axes stand in the address as ``x`` and ``y``."""
    listed = [metric.name for metric in view.spec.metrics]
    options = list(dict.fromkeys([*listed, *view.spec.parameters, *metric_names(view)]))
    start_x, start_y = _first_axes(view)
    left, right, _ = st.columns([1, 1, 1], vertical_alignment="bottom")
    with left:
        y = _axis("Vertical axis", "y", options, start_y)
    with right:
        x = _axis("Horizontal axis", "x", options, start_x)
    figure = frontier_chart(
        trials,
        view.spec.metrics,
        x,
        y,
        colours(),
        parameters=list(view.spec.parameters),
        log=frozenset(name for name, space in view.spec.parameters.items() if getattr(space, "log", False)),
    )
    chart(
        figure,
        key="frontier",
        alt=f"{formats.label(y)} against {formats.label(x)} of every trial",
        on_click=lambda number: go("trial", id=f"{view.experiment.name}/{number}"),
    )
    st.caption(
        "Bars are 90 % intervals. Click a point to open its trial; drag to zoom, double-click to zoom out."
    )


def _first_axes(view: Overview) -> tuple[str, str]:
    """Cost and quality, or the first two objectives, or the only one against the training time or the size."""
    if names := quality_and_cost(view.spec.metrics):
        return names[1].name, names[0].name
    found = [metric.name for metric in objectives(view.spec.metrics)]
    cost = "lemma_parameters" if view.spec.strategy.name == EXTRACT else "train_seconds"
    return (found[1], found[0]) if len(found) > 1 else (cost, found[0])


def _axis(title: str, key: str, options: list[str], start: str) -> str:
    """A choice that stands in the address under its plain name; an unknown one there counts as none."""
    asked = st.query_params.get(key, start)
    widget = f"axis {key}"
    st.session_state[widget] = asked if asked in options else start
    return st.selectbox(
        title,
        options if start in options else [start, *options],
        format_func=formats.axis_label,
        key=widget,
        on_change=lambda: st.query_params.update({key: st.session_state[widget]}),
    )

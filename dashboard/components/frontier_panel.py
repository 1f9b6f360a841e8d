"""The frontier chart with its axes to choose, in a plane or in space; a click on a point opens the trial."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.charts.frontier import frontier_chart
from dashboard.charts.frontier3d import frontier_chart_3d
from dashboard.charts.references import fit
from dashboard.components.address import choice, switch
from dashboard.components.chart import chart
from dashboard.components.navigate import opener, where_it_leads
from dashboard.components.since_control import since_control, since_line
from dashboard.first_axes import first_axes
from dashboard.services import Services
from dashboard.tables import metric_names
from dashboard.views import colours
from engine.metrics import objectives
from engine.overview import Overview
from engine.published import Published, published
from engine.spec_sections import EMBEDDED
from storage.trials import STUDENT_ROLES


def frontier_panel(present: Services, view: Overview, trials: pd.DataFrame) -> None:
    """Draw the chart; axes and all other choices stand in the address."""
    options = _axes(view)
    start_x, start_y = first_axes(view)
    # A place of its own, so that the chart keeps its own, and with it its zoom, whatever stands above.
    controls = st.container(horizontal=True, vertical_alignment="bottom", key="frontier_controls")
    with controls:
        y = choice("Vertical axis", "y", options, start_y, words=formats.axis_label, width=220)
        x = choice("Horizontal axis", "x", options, start_x, words=formats.axis_label, width=220)
        z = _third_axis(view, options, (x, y))
        found = [] if z else _published(view, x, y)
        shown = bool(found) and switch("Published", "published", start=fit(found, trials, x, y), help=_HELP)
        moment = since_control(present, view)
    with st.container():
        if moment is not None:
            since_line(present, view, moment)
    figure = _figure(view, trials, (x, y, z), moment, found if shown else [])
    axes = f"{formats.label(y)} against {formats.label(x)}"
    chart(
        figure,
        key="frontier",
        alt=f"{axes}{f' and {formats.label(z)}' if z else ''} of every trial",
        on_click=opener(view.experiment.name),
    )
    if view.measured:
        st.caption(_caption(view, trials, (x, y, z)))


_HELP = "Models of others, measured elsewhere; see the text of each point for its source."


def _figure(
    view: Overview,
    trials: pd.DataFrame,
    axes: tuple[str, str, str | None],
    moment: datetime | None,
    found: list[Published],
) -> Any:  # noqa: ANN401 - plotly is untyped
    x, y, z = axes
    ended = pd.to_datetime(trials["finished"], utc=True)
    new = (
        []
        if moment is None
        else trials["trial"][(ended > moment) & trials["role"].isin(STUDENT_ROLES)].tolist()
    )
    log = frozenset(name for name, space in view.spec.parameters.items() if getattr(space, "log", False))
    parameters = list(view.spec.parameters)
    if z is not None:
        space = (x, z, y)
        return frontier_chart_3d(
            trials, view.spec.metrics, space, colours(), parameters=parameters, log=log, new=new
        )
    return frontier_chart(
        trials, view.spec.metrics, x, y, colours(), parameters=parameters, log=log, new=new, published=found
    )


def _axes(view: Overview) -> list[str]:
    """What can be on an axis: metrics of the specification, parameters, then all other metrics."""
    listed = [metric.name for metric in view.spec.metrics]
    return list(dict.fromkeys([*listed, *view.spec.parameters, *metric_names(view), *first_axes(view)]))


def _third_axis(view: Overview, options: list[str], taken: tuple[str, str]) -> str | None:
    """The depth of the picture in space; None for a picture in a plane."""
    targets = [metric.name for metric in objectives(view.spec.metrics)]
    if len(targets) < 3 and "z" not in st.query_params:
        return None
    flat = "no third axis"
    start = next((name for name in targets if name not in taken), options[0])
    words = {flat: "none (plane)"}
    chosen = choice(
        "Third axis",
        "z",
        [flat, start, *(name for name in options if name != start)],
        flat,
        words=lambda name: words.get(name) or formats.axis_label(name),
        width=220,
    )
    return None if chosen == flat else chosen


def _published(view: Overview, x: str, y: str) -> list[Published]:
    """Published models with both figures; none where the data are made up."""
    task = view.spec.task
    return [] if task.dataset == EMBEDDED else published(task.name, x, y)


def _caption(view: Overview, trials: pd.DataFrame, axes: tuple[str, str, str | None]) -> str:
    parts = []
    if not view.is_whole:
        total = view.total - 1
        front = int((trials["on_frontier"]).sum())
        parts.append(
            f"Drawn are all {front} trials of the frontier, those close to it and an even sample of the others, "
            f"{len(trials) - 1:,} of {total:,}."
        )
    if axes[2] is None:
        parts.append("Bars are 90 % intervals.")
    if view.findings.membership:
        parts.append(
            "The paler a point of the frontier, the less often it is there with other evaluation examples; undecided "
            "ones might be there then."
        )
    turn = "Drag to zoom, double-click to zoom out" if axes[2] is None else "Drag to turn, scroll to zoom"
    parts.append(f"{turn}.{where_it_leads('Click a point to open its trial.')}")
    return " ".join(parts)

"""Slices and maps of the model behind the search: what it expects about a configuration, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.charts.slices import slice_chart, surface_chart
from dashboard.components.address import choice
from dashboard.components.chart import chart
from dashboard.components.cut_waiting import cuts_or_wait
from dashboard.components.navigate import opener
from dashboard.services import Services
from dashboard.tables import metric_names
from dashboard.views import colours
from engine.extraction.requirements import EXTRACT
from engine.overview import Overview
from engine.parameters import Value
from engine.whatif.cuts import Cut, Cuts

BASELINE = "baseline"
EACH = "each by itself"
LEAST_WIDTH = 270
"""Of a slice, in pixels; as many stand side by side as there is room for."""


def slices_panel(present: Services, view: Overview, trials: pd.DataFrame) -> None:
    """Draw slices along every parameter, or a map over two; all choices stand in the address."""
    if view.spec.strategy.name == EXTRACT or not view.spec.parameters:
        st.info("There is no model to cut through: this experiment does not search with one.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        metric, centre, over = _controls(view)
    found = cuts_or_wait(present, view, Cut(metric, dict(centre), over))
    if found is None:
        return
    if found.refused or found.missing:
        st.info(
            f"The model of {formats.label(metric)} could not be fitted: {found.refused}."
            if found.refused
            else f"The model of {formats.label(metric)} needs {found.missing} more completed trials with different "
            "settings."
        )
        return
    _draw(view, trials, found, centre)
    st.caption(_caption(found))


def _controls(view: Overview) -> tuple[str, Mapping[str, Value], tuple[str, ...]]:
    metrics = [*dict.fromkeys([*(metric.name for metric in view.spec.metrics), *metric_names(view)])]
    metric = choice("Metric", "metric", metrics, metrics[0], words=formats.axis_label, width=220)
    centres = _centres(view)
    start = next(iter(centres))
    about = choice("About", "about", list(centres), start, width=180)
    parameters = list(view.spec.parameters)
    first = choice("Parameters", "over", [EACH, *parameters], EACH, words=formats.label, width=200)
    if first == EACH or len(parameters) < 2:
        return metric, centres[about], ()
    others = [name for name in parameters if name != first]
    second = choice("and", "and", others, others[0], words=formats.label, width=200)
    return metric, centres[about], (second, first)


def _centres(view: Overview) -> dict[str, Mapping[str, Value]]:
    """Configurations that can be cut about, by name: the baseline, then the trials of the frontier."""
    found: dict[str, Mapping[str, Value]] = {}
    if baseline := view.spec.baseline_configuration():
        found[BASELINE] = baseline
    found |= {
        f"trial {trial.number}": trial.parameters for trial in view.frontier if trial.role != "baseline"
    }
    if not found and view.students:
        found[f"trial {view.students[0].number}"] = view.students[0].parameters
    return found


def _draw(view: Overview, trials: pd.DataFrame, found: Cuts, centre: Mapping[str, Value]) -> None:
    log = frozenset(name for name, space in view.spec.parameters.items() if getattr(space, "log", False))
    click = opener(view.experiment.name)
    if found.surface is not None:
        figure = surface_chart(found.surface, trials, found.metric, centre, colours(), log=log)
        alt = f"{formats.label(found.metric)} over two parameters, as predicted"
        chart(figure, key="surface", alt=alt, on_click=click)
        return
    grid = st.grid(columns="auto", min_column_width=LEAST_WIDTH)
    for part in found.slices:
        name = part.parameter
        with grid.cell():
            chart(
                slice_chart(part, trials, found.metric, centre, colours(), log=name in log),
                key=f"slice {name}",
                alt=f"{formats.label(found.metric)} by {formats.label(name)}",
                on_click=click,
            )


def _caption(found: Cuts) -> str:
    if found.is_exact:
        return "This metric follows from the settings by formula; dots are measured trials."
    if found.surface is not None:
        return (
            f"The map is what the model of {found.trials} completed trials expects with all other settings as in the "
            "configuration chosen; point at it for the 90 % interval. Dots are measured trials, whose other settings "
            "differ."
        )
    return (
        f"Dashed is what the model of {found.trials} completed trials expects with all other settings as in the "
        "configuration chosen, the band a 90 % interval of a new measurement, as wide as trials left out ask for. Dots "
        "are measured trials, whose other settings differ."
    )

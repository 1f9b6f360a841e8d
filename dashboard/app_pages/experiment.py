"""One experiment: what it claims, its frontier, the model to ship within a budget, and all its trials."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard.components.budget_panel import budget_panel
from dashboard.components.experiment_head import experiment_head
from dashboard.components.extraction_panel import extraction_panel
from dashboard.components.frontier_panel import frontier_panel
from dashboard.components.growth_panel import growth_panel
from dashboard.components.health_panel import health_panel
from dashboard.components.importance_panel import importance_panel
from dashboard.components.navigate import link
from dashboard.components.notices import not_found
from dashboard.components.parallel_panel import parallel_panel
from dashboard.components.pretraining_panel import pretraining_panel
from dashboard.components.slices_panel import slices_panel
from dashboard.components.timeline_panel import timeline_panel
from dashboard.components.trials_table import trials_table
from dashboard.live import follow
from dashboard.services import Services, services
from dashboard.views import look
from engine.errors import UnknownNameError
from engine.extraction.requirements import EXTRACT
from engine.overview import Overview
from storage.changes import fingerprints
from storage.experiments import get_experiment


def page() -> None:
    """Draw the experiment the address names."""
    present = services()
    # The address of a trial names its experiment too.
    name = st.query_params.get("id", "").partition("/")[0]
    try:
        get_experiment(present.store, name)
    except UnknownNameError as error:
        not_found(str(error) if name else "The address names no experiment; write /experiment?id=NAME.")
        return
    follow(present.store, lambda: (fingerprints(present.store).get(name), present.runner.last_error))
    view, trials = look(present.store, name)
    # In a container of its own, so that the charts below keep their place, and with it their zoom.
    with st.container():
        experiment_head(present, view)
    left, right = st.columns([3.2, 1])
    with left:
        frontier_panel(present, view, trials)
    with right:
        budget_panel(present, view)
    if view.spec.strategy.name == EXTRACT:
        extraction_panel(present, view)
    elif view.spec.task.info.head == "masked_lm":
        pretraining_panel(present, view)
    _details(present, view, trials)


def _details(present: Services, view: Overview, trials: pd.DataFrame) -> None:
    """The tabs; only the open one is drawn."""
    panels: dict[str, Callable[[], None]] = {
        "Trials": lambda: trials_table(present, view),
        "Hypervolume": lambda: growth_panel(view),
        "Parallel coordinates": lambda: parallel_panel(present, view, trials),
        "Importance": lambda: importance_panel(view),
        "Slices": lambda: slices_panel(present, view, trials),
        "Timeline": lambda: timeline_panel(present, view),
        "Health": lambda: health_panel(present, view),
        "Specification": lambda: _specification(present, view),
    }
    tabs = st.tabs(list(panels), key="tab", bind="query-params", on_change="rerun")
    for tab, panel in zip(tabs, panels.values(), strict=True):
        if tab.open:
            with tab:
                panel()


def _specification(present: Services, view: Overview) -> None:
    name = view.experiment.name
    if not present.shared:
        st.caption(f"Kept as experiment.toml in {present.home.path / 'experiments' / name}.")
    st.code(view.experiment.spec_toml, language="toml", line_numbers=True)
    if not present.shared:
        link("new", ":blue[Set up another one like this]", **{"from": name})


page()

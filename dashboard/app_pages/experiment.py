"""One experiment: what it claims, its frontier, the model to ship within a budget, and all its trials."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.charts.hypervolume import hypervolume_chart
from dashboard.components.advice_panel import advice_panel
from dashboard.components.budget_panel import budget_panel
from dashboard.components.chart import chart
from dashboard.components.experiment_head import experiment_head
from dashboard.components.extraction_panel import extraction_panel
from dashboard.components.frontier_panel import frontier_panel
from dashboard.components.notices import not_found
from dashboard.components.pretraining_panel import pretraining_panel
from dashboard.components.trials_table import trials_table
from dashboard.live import follow
from dashboard.services import Services, services
from dashboard.views import colours, look
from engine.errors import UnknownNameError
from engine.extraction.requirements import EXTRACT
from engine.overview import Overview, hypervolumes
from storage.changes import fingerprints
from storage.experiments import get_experiment


def page() -> None:
    """Draw the experiment the address names."""
    present = services()
    # Going back from a trial, the browser may come here with the trial's id.
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
        frontier_panel(view, trials)
    with right:
        budget_panel(present, view)
    if view.spec.strategy.name == EXTRACT:
        extraction_panel(present, view)
    elif view.spec.task.info.head == "masked_lm":
        pretraining_panel(present, view)
    _details(present, view, trials)


def _details(present: Services, view: Overview, trials: pd.DataFrame) -> None:
    trials_tab, growth_tab, advice_tab, spec_tab = st.tabs(
        ["Trials", "Hypervolume", "Advice", "Specification"],
        key="tab",
        bind="query-params",
        on_change="rerun",
    )
    if trials_tab.open:
        with trials_tab:
            trials_table(view, trials)
    if growth_tab.open:
        with growth_tab:
            _hypervolume(view)
    if advice_tab.open:
        with advice_tab:
            advice_panel(view)
    if spec_tab.open:
        with spec_tab:
            _specification(present, view)


def _hypervolume(view: Overview) -> None:
    history = pd.DataFrame(
        [(trial.number, volume) for trial, volume in hypervolumes(view)], columns=["trial", "hypervolume"]
    )
    chart(hypervolume_chart(history, colours()), key="hypervolume", alt="Hypervolume after each trial")


def _specification(present: Services, view: Overview) -> None:
    name = view.experiment.name
    st.caption(f"Kept as experiment.toml in {present.home.path / 'experiments' / name}.")
    st.code(view.experiment.spec_toml, language="toml", line_numbers=True)
    st.page_link("app_pages/new.py", label=":blue[Set up another one like this]", query_params={"from": name})


page()

"""Pre-training: accuracy on masked tokens over steps and over what was spent, methods side by side."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.charts.pretraining import lines, pretraining_chart
from dashboard.components import address
from dashboard.components.chart import chart
from dashboard.components.experiment_choice import choose
from dashboard.components.navigate import go, open_selected, where_it_leads
from dashboard.components.notices import not_found
from dashboard.components.share import share_button
from dashboard.live import follow
from dashboard.pretraining.comparison import common_cost, comparison_frame, comparison_sentence
from dashboard.pretraining.curves import curves_frame, is_pretraining
from dashboard.pretraining.metrics import COSTS, METRICS, SCORE
from dashboard.pretraining.words import comparison_table
from dashboard.services import Services, services
from dashboard.views import colours
from engine.errors import UnknownNameError
from storage.changes import fingerprints
from storage.experiments import ExperimentRow, get_experiment, list_experiments

EXPLAINED = (
    "Students learn to guess hidden words of plain text, from the text alone or from a teacher as well. Here their "
    "curves stand side by side, over steps and over what was spent, so that methods are compared at the same cost."
)
STEP = "step"


def page() -> None:
    """Draw the pre-trainings the address names."""
    present = services()
    names = [name for name in st.query_params.get("id", "").split(",") if name]
    if not names:
        choose(present, "Pre-training", EXPLAINED, "pretrain", is_pretraining)
        return
    try:
        rows = [get_experiment(present.store, name) for name in names]
    except UnknownNameError as error:
        not_found(str(error))
        return
    if other := next((row.name for row in rows if not is_pretraining(row)), None):
        not_found(f"{other} is no pre-training")
        return
    follow(present.store, lambda: tuple(map(fingerprints(present.store).get, names)))
    _head(present, rows)
    _body(curves_frame(present.store, rows))


def _head(present: Services, rows: list[ExperimentRow]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("Pre-training", width="stretch")
        share_button(present, "pretraining", f"Pre-training: {', '.join(row.name for row in rows)}")
    if not present.shared:
        names = [row.name for row in list_experiments(present.store)[::-1] if is_pretraining(row)]
        address.several("Experiments side by side", "id", names, placeholder="Choose some")


def _body(curves: pd.DataFrame) -> None:
    over, metric = _axes(curves)
    compared = comparison_frame(curves, over, metric)
    common = common_cost(curves, over, metric)
    if common is not None and (told := comparison_sentence(compared, common, over, metric)):
        st.markdown(f"**{formats.literal(told)}**")
    chart(
        pretraining_chart(curves, colours(), over=over, metric=metric, height=440),
        key="pretraining",
        alt=f"{formats.label(metric)} of every trial as its training goes on",
        on_click=lambda number: _open(curves, number, metric, over),
    )
    if not compared.empty:
        st.dataframe(
            comparison_table(compared, metric),
            hide_index=True,
            height="content",
            key="compared",
            selection_mode="single-row",
            on_select=lambda: open_selected(
                "compared",
                [
                    f"{name}/{number}"
                    for name, number in zip(compared["experiment"], compared["trial"], strict=True)
                ],
            ),
            alt="Trials side by side: where each has come to, and where it was at the common cost",
        )
        st.caption(
            "At the same cost: where the trial that has spent least ended, with straight lines between evaluations. "
            "Operations count the teacher's too."
            f"{where_it_leads('Select a row, or click a point, to open its trial.')}"
        )


def _axes(curves: pd.DataFrame) -> tuple[str, str]:
    """What is compared, and over what; both in the address."""
    costs = [name for name in COSTS if name in curves and curves[name].notna().any()]
    metrics = [name for name in METRICS if name in curves and curves[name].notna().any()] or [SCORE]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        metric = address.choice("What", "metric", metrics, metrics[0], words=formats.axis_label, width=300)
        over = address.choice(
            "Over",
            "over",
            [STEP, *costs],
            STEP,
            words=lambda name: "optimiser steps" if name == STEP else formats.axis_label(name),
            width=300,
        )
    return over, metric


def _open(curves: pd.DataFrame, number: int, metric: str, over: str) -> None:
    part = next(part for place, part in lines(curves, metric, over) if place == number)
    go("trial", id=f"{part['experiment'].iloc[0]}/{part['trial'].iloc[0]}")


page()

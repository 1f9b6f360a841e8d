"""The health of an experiment: what spoils its results, how good the search's models are, failures and cost."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.components.cut_waiting import cuts_or_wait, quality_of_models
from dashboard.components.navigate import go
from dashboard.model_words import PREDICTS, quality_words
from dashboard.services import Services
from engine.advice.advise import SEARCHES, advise
from engine.advice.interface import Advice
from engine.overview import Overview
from engine.whatif.cuts import Cut
from storage.totals import reasons_frame

_FAILURES = "failures"
ROW_HEIGHT = 32


def health_panel(present: Services, view: Overview) -> None:
    """Draw all of it, the warnings first."""
    quality = quality_of_models(present, view)
    left, right = st.columns(2, gap="large")
    with left:
        _advice(view, advise(view, quality or None))
        _again(view)
        _cost(view)
    with right:
        _models(present, view, quality)
        _failures(present, view)


def _advice(view: Overview, found: list[Advice]) -> None:
    st.subheader("What to know")
    warnings = [advice for advice in found if advice.severity == "warning"]
    for advice in warnings:
        st.warning(_told(advice))
    if not warnings:
        st.success("Nothing spoils the results, as far as can be told from the trials so far.")
    for advice in found:
        if advice.severity != "warning" and not advice.sentence.startswith("Trials took"):
            st.markdown(f"- {_told(advice)}")
    if not view.is_whole:
        st.caption("What trials have in common is worked out from the frontier and a sample of the others.")


def _told(advice: Advice) -> str:
    return formats.literal(advice.sentence)


def _again(view: Overview) -> None:
    again = view.findings.again
    if not again:
        return
    st.subheader("Worth training again")
    named = ", ".join(f"{number} ({formats.share(view.findings.membership[number])})" for number in again)
    st.markdown(
        f"Whether they are on the frontier is open, other seeds would settle it: trial {named}. In brackets how often "
        "each is on it with other evaluation examples."
    )


def _cost(view: Overview) -> None:
    st.subheader("Cost")
    cost = view.cost
    figures = [
        ("Spent so far", formats.duration(cost.spent)),
        ("Trials, added up", formats.duration(cost.busy)),
    ]
    if cost.each is not None:
        figures.append(("A trial", formats.duration(cost.each)))
    if cost.left is not None and cost.trials_left:
        figures.append((f"{cost.trials_left:,} trials to go", f"about {formats.duration(cost.left)}"))
    with st.container(horizontal=True):
        for label, value in figures:
            st.metric(label, value, width="content")
    if view.savings is not None:
        st.caption(view.savings.sentence)


def _models(present: Services, view: Overview, quality: dict[str, float]) -> None:
    st.subheader("Models of the search")
    if view.spec.strategy.name not in SEARCHES or not view.spec.parameters:
        st.caption("This strategy goes by a list; no model chooses its trials.")
        return
    baseline = view.spec.baseline_configuration()
    if not quality:
        found = cuts_or_wait(present, view, Cut(view.spec.metrics[0].name, baseline))
        quality = quality_of_models(present, view)
        if found is not None and not quality:
            st.caption("Too few trials to fit a model of anything that is not known by formula.")
        if not quality:
            return
    table = pd.DataFrame(
        {
            "metric": [formats.label(name) for name in quality],
            "explained": list(quality.values()),
            "in words": [quality_words(value) for value in quality.values()],
        }
    )
    st.dataframe(
        table,
        column_config={
            "explained": st.column_config.NumberColumn(
                "R\u00b2",
                format="%.2f",
                help="Share of the variance predicted in trials left out of the model.",
            )
        },
        hide_index=True,
        alt="How well each metric is predicted",
    )
    st.caption(f"{PREDICTS} Sizes that follow from the settings need no model.")


def _failures(present: Services, view: Overview) -> None:
    st.subheader("Failures")
    found = reasons_frame(present.store, view.experiment.experiment_id, "failed")
    collapsed = int(view.outcomes.collapsed.sum())
    if collapsed:
        st.markdown(f"{collapsed:,} completed trials give everything the same answer.")
    if found.empty:
        st.caption("No trial has failed.")
        return
    numbers = [int(number) for number in found["first"]]
    st.dataframe(
        found[["trials", "reason", "first"]],
        column_config={
            "trials": st.column_config.NumberColumn("trials", width=60),
            "reason": st.column_config.TextColumn("reason", width="large"),
            "first": st.column_config.NumberColumn("first", format="%d", width=60),
        },
        hide_index=True,
        row_height=ROW_HEIGHT,
        key=_FAILURES,
        on_select=lambda: _open(view.experiment.name, numbers),
        selection_mode=["single-cell"],
        alt="Why trials failed",
    )


def _open(experiment: str, numbers: list[int]) -> None:
    cells = st.session_state[_FAILURES].selection.cells
    if cells:
        go("trial", id=f"{experiment}/{numbers[cells[0][0]]}")

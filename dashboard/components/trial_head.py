"""Top of a trial's page: state, verdict, controls and the figures that count, set against the baseline."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from dashboard import formats
from dashboard.components.navigate import link
from dashboard.components.notices import attempt
from dashboard.components.share import share_button
from dashboard.components.states import state_badge
from dashboard.scores import key_metrics
from dashboard.services import Services
from dashboard.verdict import verdict
from engine.controls import pause_trial, resume_trial, stop_trial
from engine.lifecycle import TrialState, trial_sources
from engine.measured import Measured
from engine.metric_catalogue import METRICS
from engine.overview import Overview
from engine.tasks.interface import Head
from storage.trials import TrialRow

COLUMNS = 6
"""Most key metrics in a row; more of them stand in two."""
_COLLAPSED: dict[Head, str] = {
    "span": "This model answers nothing: it calls every question unanswerable. Its score is the share of "
    "unanswerable questions.",
    "sequence": "This model gives everything the same answer, whatever the text says.",
    "masked_lm": "This model guesses the same word for every hidden one.",
}
"""What it means for a model of each head to have collapsed."""


def trial_head(present: Services, view: Overview, trial: TrialRow) -> None:
    """Title, state, verdict, buttons, errors and key metrics."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(_title(trial), width="content")
        state_badge(trial.state)
        st.markdown(_duration(trial), width="stretch")
        if not present.shared:
            _compare(view, trial)
            _controls(present, view, trial)
        share_button(present, "trial", f"{view.experiment.name}/{trial.number}")
    found = view.measured.get(trial.number)
    if found is not None:
        st.markdown(f"**{verdict(view, trial)}**")
        if found.metrics.get("collapsed"):
            st.warning(
                f"{_COLLAPSED[view.spec.task.info.head]} Too high a learning rate or too little training is the "
                "usual cause."
            )
        _key_metrics(view, trial, found)
    if trial.state == TrialState.RUNNING:
        st.progress(min(1.0, trial.progress), text=trial.progress_message or "starting")
    if trial.requested:
        st.info(f"Asked to {trial.requested}; it writes a checkpoint first.")
    if trial.reason:
        (st.error if trial.state == TrialState.FAILED else st.info)(formats.literal(trial.reason))
    if trial.error and not present.shared:
        with st.expander("The error in full", expanded=True):
            st.code(trial.error, language=None)


def _title(trial: TrialRow) -> str:
    return {"teacher": "The teacher", "baseline": f"Trial {trial.number}, the baseline"}.get(
        trial.role, f"Trial {trial.number}"
    )


def _duration(trial: TrialRow) -> str:
    told = []
    if trial.started_at and trial.finished_at:
        told.append(f"took {formats.duration((trial.finished_at - trial.started_at).total_seconds())}")
    if trial.started_at:
        told.append(f"started {formats.ago(trial.started_at)}")
    if trial.attempts > 1:
        told.append(f"{trial.attempts} attempts")
    return " \u00b7 ".join(told)


def _compare(view: Overview, trial: TrialRow) -> None:
    """The way to this trial beside the baseline; beside the teacher for the baseline itself."""
    name = view.experiment.name
    if not trial.is_student or trial.number not in view.measured:
        return
    baseline = next((item.number for item in view.students if item.role == "baseline"), None)
    other = view.teacher.number if trial.role == "baseline" or baseline is None else baseline
    words = "teacher" if other == view.teacher.number else "baseline"
    link("compare", f":blue[Compare with the {words}]", ids=f"{name}/{other},{name}/{trial.number}")


def _controls(present: Services, view: Overview, trial: TrialRow) -> None:
    if trial.role == "teacher":
        return
    name, store = view.experiment.name, present.store
    if trial.state in trial_sources(TrialState.PAUSED):
        st.button("Pause", on_click=attempt, args=(pause_trial, store, name, trial.number), key="pause")
    if trial.state in {TrialState.PAUSED, TrialState.STOPPED, TrialState.FAILED}:
        label = "Try again" if trial.state == TrialState.FAILED else "Resume"
        st.button(
            label,
            type="primary",
            on_click=attempt,
            args=(resume_trial, store, name, trial.number),
            key="resume",
            help="It goes on from its last checkpoint, if it has one.",
        )
    if trial.state in trial_sources(TrialState.STOPPED):
        with st.popover("Stop"):
            st.markdown("It writes a checkpoint and ends; the search goes on with other trials.")
            st.button(
                "Stop this trial",
                type="primary",
                on_click=attempt,
                args=(stop_trial, store, name, trial.number),
                key="stop_now",
            )


def _key_metrics(view: Overview, trial: TrialRow, found: Measured) -> None:
    names = key_metrics(view.spec, found)
    baseline = view.baseline
    columns = len(names) if len(names) <= COLUMNS else -(-len(names) // 2)
    with st.grid(max(1, columns), min_column_width=170, gap="small"):
        for name in names:
            with st.container(border=True, height="stretch", gap="xxsmall"):
                _one_metric(name, found, baseline if trial.role == "student" else None)


def _one_metric(name: str, found: Measured, baseline: Measured | None) -> None:
    value = found.metrics[name]
    head, _, spread = formats.interval(name, value, found.standard_errors.get(name)).partition(" (")
    better = METRICS[name].better if name in METRICS else None
    change = None
    if baseline is not None and name in baseline.metrics:
        change = formats.difference(name, value, baseline.metrics[name])
    st.metric(
        formats.label(name)[:1].upper() + formats.label(name)[1:],
        head,
        delta=change,
        delta_arrow="off",
        delta_color=_delta_colour(value, baseline, name, better),
        delta_description="vs. baseline" if change else None,
    )
    if spread:
        st.caption(f"90 % interval {spread.rstrip(')')}")


def _delta_colour(
    value: float, baseline: Measured | None, name: str, better: str | None
) -> Literal["off", "green", "red"]:
    """Green where it is better than the baseline, red where worse, grey where equal or undefined."""
    if baseline is None or better is None or value == baseline.metrics.get(name):
        return "off"
    improved = (value > baseline.metrics.get(name, value)) == (better == "maximize")
    return "green" if improved else "red"

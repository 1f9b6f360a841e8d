"""Top of an experiment's page: state, controls and claims."""

from __future__ import annotations

import streamlit as st

from dashboard.components.notices import attempt
from dashboard.components.report_button import report_button
from dashboard.components.share import share_button
from dashboard.components.states import preparation, progress_line, state_badge
from dashboard.formats import literal
from dashboard.services import Services
from dashboard.verdict import claims
from engine.controls import pause_experiment, resume_experiment, stop_experiment
from engine.lifecycle import ExperimentState, experiment_sources
from engine.overview import Overview


def experiment_head(present: Services, view: Overview) -> None:
    """Name, state line, buttons, progress while the teacher is prepared, and the claims in words."""
    row = view.experiment
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(row.name, width="content")
        state_badge(row.state)
        st.markdown(progress_line(view), width="stretch")
        if not present.shared:
            _controls(present, view)
            report_button(present, row.name)
        share_button(present, "experiment", row.name)
    if row.reason:
        (st.error if row.state == ExperimentState.FAILED else st.info)(literal(_sentence(row.reason)))
    if waiting := preparation(view):
        st.progress(min(1.0, view.teacher.progress), text=waiting)
    if view.teacher.state == "failed" and view.teacher.error and not present.shared:
        with st.expander("The teacher's error in full"):
            st.code(view.teacher.error, language=None, wrap_lines=True)
    told = claims(view)
    compared = view.spec.strategy.name != "single"
    for claim in told:
        head, colon, rest = claim.partition(": ") if compared else (claim, "", "")
        st.markdown(f"**{head}{colon.strip()}** {rest}".strip())
    if compared and view.findings.share_claim:
        st.caption(view.findings.share_claim)
    if view.savings is not None:
        st.caption(view.savings.sentence)
    if view.spec.description and not told:
        st.caption(literal(view.spec.description))


def _controls(present: Services, view: Overview) -> None:
    name, state = view.experiment.name, view.experiment.state
    store = present.store
    if state in experiment_sources(ExperimentState.PAUSED):
        st.button(
            "Pause",
            on_click=attempt,
            args=(pause_experiment, store, name),
            help="Start no more trials; running ones write a checkpoint and wait.",
        )
    if state in (ExperimentState.PAUSED, ExperimentState.STOPPED, ExperimentState.FAILED):
        st.button(
            "Resume",
            type="primary",
            on_click=attempt,
            args=(resume_experiment, store, name),
            help="Go on from the checkpoints.",
        )
    if state in experiment_sources(ExperimentState.STOPPED):
        with st.popover("Stop"):
            st.markdown(
                "Running trials write a checkpoint and end; waiting ones are dropped. You can resume later."
            )
            st.button(
                "Stop the experiment",
                type="primary",
                on_click=attempt,
                args=(stop_experiment, store, name),
                key="stop_now",
            )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"

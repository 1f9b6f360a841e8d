"""Queueing the settings a what-if answer names, as a trial like any other."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard import formats
from dashboard.components.navigate import link
from dashboard.services import Services
from dashboard.whatif.words import settings_frame
from engine.errors import BertFrontierError
from engine.lifecycle import ExperimentState
from engine.overview import Overview
from engine.parameters import Value
from engine.queueing import check_open, queue_trial
from engine.whatif.answer import Estimate
from engine.whatif.prediction import as_predicted

NOTE = "queued from the what-if page"
_QUEUED = "queued from what-if"


def queue_button(
    present: Services,
    view: Overview,
    settings: Mapping[str, Value],
    estimates: Mapping[str, Estimate],
    *,
    key: str,
    label: str = "Queue this trial",
) -> None:
    """A button that shows the settings and queues them once more is pressed; nothing in a shared view.

    Args:
        present: services of the server.
        view: the experiment.
        settings: of the trial to be.
        estimates: what is expected of it, kept beside it to be compared with what it measures.
        key: tells this button from others on the page.
        label: of the button.
    """
    if present.shared:
        return
    with st.popover(label, key=f"open {key}"):
        try:
            check_open(view.experiment)
        except BertFrontierError as error:
            st.markdown(formats.literal(f"{str(error)[:1].upper()}{str(error)[1:]}."))
            return
        baseline = None if view.baseline is None else view.spec.baseline_configuration()
        st.dataframe(
            settings_frame(settings, baseline),
            hide_index=True,
            height="content",
            alt="Settings of the trial to be queued, beside the baseline's",
        )
        st.caption(_what_happens(view))
        st.button(
            "Queue it",
            type="primary",
            key=key,
            on_click=_queue,
            args=(present, view.experiment.name, dict(settings), dict(estimates)),
        )


def queued_line(name: str) -> None:
    """What was queued in this session for an experiment, with links to the trials."""
    numbers: list[int] = st.session_state.get(_QUEUED, {}).get(name, [])
    if not numbers:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(":green[Queued:]", width="content")
        for number in numbers:
            link("trial", f":blue[trial {number}]", id=f"{name}/{number}")


def _what_happens(view: Overview) -> str:
    match view.experiment.state:
        case ExperimentState.COMPLETED:
            return "The experiment has completed; it runs again for this one trial."
        case ExperimentState.PAUSED:
            return "The experiment is paused; the trial runs when it is resumed."
    return "It runs as soon as a slot is free, one trial more than the budget."


def _queue(
    present: Services, name: str, settings: Mapping[str, Value], estimates: Mapping[str, Estimate]
) -> None:
    try:
        added = queue_trial(
            present.store, present.home, name, settings, predicted=as_predicted(estimates) or None, note=NOTE
        )
    except BertFrontierError as error:
        st.toast(formats.literal(str(error)))
        return
    queued = st.session_state.setdefault(_QUEUED, {})
    queued.setdefault(name, []).append(added.number)
    st.toast(f"Queued as trial {added.number}.")

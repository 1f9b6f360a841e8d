"""Right side of the what-if page: the answer in words, its predictions, what supports them, and the model to ship."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.charts.whatif import predicted_settings, whatif_chart
from dashboard.components.chart import chart
from dashboard.components.model_download import model_download
from dashboard.components.navigate import go, link, open_selected, where_it_leads
from dashboard.components.query_state import change
from dashboard.components.whatif_queue import queue_button, queued_line
from dashboard.services import Services
from dashboard.views import colours
from dashboard.whatif import words
from dashboard.whatif.address import pinned_to
from engine.overview import Overview
from engine.whatif.answer import LEVEL, Answer, Expected, Shipment, Support
from engine.whatif.measured import measured_front

_VERDICTS = {"good": ("green", "\u2713"), "thin": ("orange", "\u25d0"), "none": ("red", "\u26a0")}
"""Colour and sign of what stands behind a prediction; the words say the same."""


def answer_panel(present: Services, view: Overview, trials: pd.DataFrame, answer: Answer) -> None:
    """Draw an answer, most important first."""
    _headline(answer)
    for note in answer.notes:
        st.caption(formats.literal(note))
    if not present.shared:
        queued_line(view.experiment.name)
    _chart(view, trials, answer)
    if answer.best is None:
        _ship(present, view, answer)
    else:
        left, right = st.columns([1.15, 1], gap="medium")
        with left:
            _predictions(present, view, answer, answer.best)
        with right:
            _ship(present, view, answer)
    _nearest(view, answer)
    with st.expander("How good the models are, and what the pins alone say"):
        _models(answer)


def _headline(answer: Answer) -> None:
    st.markdown(f"**{formats.literal(words.headline(answer))}**")
    if answer.support is not None:
        colour, sign = _VERDICTS[answer.support.verdict]
        told = answer.support.words
        st.markdown(f":{colour}[{sign} {formats.literal(told[:1].upper() + told[1:])}.]")


def _chart(view: Overview, trials: pd.DataFrame, answer: Answer) -> None:
    front = measured_front(view.spec.metrics, answer, view.measured)
    figure = whatif_chart(trials, answer, view.spec.metrics, colours(), front=front)
    chart(
        figure,
        key="what-if",
        alt=f"Predicted frontier and measured trials: {formats.label(answer.quality)} against cost",
        on_click=_clicked(view, answer),
    )
    st.caption(
        f"Bars and band: {words.INTERVAL}s of a new measurement."
        f"{where_it_leads('Click a measured point to open its trial, a predicted one to pin its settings.')}"
    )


def _clicked(view: Overview, answer: Answer) -> Callable[[int], None]:
    def clicked(number: int) -> None:
        settings = predicted_settings(answer, number)
        if settings is not None:
            change(pinned_to(settings, view.spec.space()))
        elif number >= 0:
            go("trial", id=f"{view.experiment.name}/{number}")

    return clicked


def _predictions(present: Services, view: Overview, answer: Answer, best: Expected) -> None:
    st.markdown("**Predicted for these settings**" if answer.is_fixed else "**Predicted for the best**")
    st.dataframe(
        words.predictions_frame(answer, view.baseline),
        hide_index=True,
        height="content",
        alt="Predicted metrics with intervals, beside the baseline's",
    )
    if best.within is not None:
        chance = formats.share(best.within)
        st.caption(f"A measurement keeps all budgets and thresholds with probability {chance}.")
    baseline = view.spec.baseline_configuration()
    st.caption(
        formats.literal(f"Differs from the baseline in: {words.differences(best.parameters, baseline)}.")
    )
    with st.container(horizontal=True):
        queue_button(present, view, best.parameters, best.estimates, key="queue_best")
        if not answer.is_fixed:
            held = pinned_to(best.parameters, view.spec.space())
            st.button("Pin these settings", key="hold_best", on_click=change, args=(held,))


def _ship(present: Services, view: Overview, answer: Answer) -> None:
    with st.container(border=True):
        st.markdown("**Model to ship**")
        shipment = answer.shipment
        if shipment is None:
            st.markdown("None of the measured ones.")
            return
        first, *rest = words.shipment_lines(answer, shipment)
        st.markdown(first)
        for line in rest:
            st.caption(formats.literal(line))
        name = view.experiment.name
        with st.container(horizontal=True, vertical_alignment="center"):
            link("trial", f":blue[Open trial {shipment.trial}]", id=f"{name}/{shipment.trial}")
            if not present.shared:
                model_download(present, name, shipment.trial, key="download_shipped", label="Download")
                _next(present, view, shipment)


def _next(present: Services, view: Overview, shipment: Shipment) -> None:
    if shipment.more is not None:
        settings = shipment.more.chosen[0]
        queue_button(present, view, settings, {}, key="queue_next", label="Queue the next to try")


def _nearest(view: Overview, answer: Answer) -> None:
    support: Support | None = answer.support
    if support is None or not support.nearest:
        return
    st.markdown("**Measured trials most like it**")
    trials = [f"{view.experiment.name}/{near.trial}" for near in support.nearest]
    st.dataframe(
        words.nearest_frame(answer, support),
        hide_index=True,
        height="content",
        key="nearest",
        selection_mode="single-row",
        on_select=lambda: open_selected("nearest", trials),
        alt="Measured trials most like the predicted settings",
    )
    st.caption(
        "Alike is the model's own correlation, from 0 to 1: a setting the score does not depend on makes no "
        f"difference.{where_it_leads('Select a row to open its trial.')}"
    )


def _models(answer: Answer) -> None:
    if answer.reliability:
        st.dataframe(
            words.reliability_frame(answer.reliability),
            hide_index=True,
            height="content",
            alt="How well the model of each metric predicts trials it was not shown",
        )
        for found in answer.reliability.values():
            st.caption(formats.literal(f"{found.words[:1].upper()}{found.words[1:]}."))
    else:
        st.caption("No model is fitted yet.")
    if not answer.is_fixed and answer.spread:
        st.markdown(f"Over what is left free, in {formats.share(LEVEL)} of cases:")
        for name, spread in answer.spread.items():
            st.caption(formats.literal(words.spread_line(name, spread)))

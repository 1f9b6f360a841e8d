"""The budget slider: what may a model cost, and which one to ship then."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.budget import ladder, nearest, within
from dashboard.components.address import note
from dashboard.components.model_download import model_download
from dashboard.components.navigate import go
from dashboard.services import Services
from dashboard.whatif.address import budget_name
from engine.measured import Measured
from engine.metrics import Metric, quality_and_cost
from engine.overview import Overview

PARAMETER = "budget"
"""Of the address: the chosen budget, in the unit of the cost; without it there is no limit."""


def budget_panel(present: Services, view: Overview) -> None:
    """Draw the slider and the model it names."""
    with st.container(border=True):
        st.subheader("Which model to ship")
        names = quality_and_cost(view.spec.metrics)
        steps = ladder(view)
        if names is None:
            st.caption("This needs one metric to maximise and one to minimise.")
            return
        quality, cost = names
        if not steps:
            st.caption("The first trial that meets every threshold appears here.")
            return
        budget = _budget(view, steps, cost)
        found = within(steps, cost, budget)
        if found is None:
            cheapest = formats.metric(cost.name, steps[0].metrics[cost.name])
            st.markdown(
                f"No trial costs that little; the cheapest that meets every threshold has {cheapest}."
            )
            return
        _model(present, view, found, quality, cost)


def _budget(view: Overview, steps: list[Measured], cost: Metric) -> float:
    """The chosen budget: one of the costs at which the answer changes."""
    costs = [step.metrics[cost.name] for step in steps]
    title = (
        f"At most this many {formats.label(cost.name)}"
        if not formats.unit_of(cost.name)
        else (f"{formats.label(cost.name)[:1].upper()}{formats.label(cost.name)[1:]} at most")
    )
    if len(costs) == 1:
        st.caption(f"{title}: {formats.metric(cost.name, costs[0])}, so far the only choice.")
        return costs[0]
    # As many steps have another slider, whose place says something else.
    widget = f"budget_{view.experiment.experiment_id}_{len(costs)}"
    st.session_state[widget] = nearest(costs, st.query_params.get(PARAMETER))
    chosen = st.select_slider(
        title,
        options=costs,
        format_func=lambda value: formats.metric(cost.name, float(value)),
        key=widget,
        on_change=lambda: note(PARAMETER, f"{st.session_state[widget]:.12g}", f"{costs[-1]:.12g}"),
    )
    return float(chosen)


def _model(present: Services, view: Overview, found: Measured, quality: Metric, cost: Metric) -> None:
    name = view.experiment.name
    error = found.standard_errors.get(quality.name)
    st.markdown(
        f"**Trial {found.number}** is the best measured model within it.\n\n"
        f"- {formats.label(quality.name)}: {formats.interval(quality.name, found.metrics[quality.name], error)}\n"
        + "".join(
            f"- {formats.label(other)}: {formats.metric(other, found.metrics[other])}\n"
            for other in dict.fromkeys([cost.name, "latency_ms", "model_mb"])
            if other in found.metrics
        )
    )
    if against := _against_baseline(view, found, quality, cost):
        st.caption(against)
    if present.shared:
        return
    with st.container(horizontal=True):
        st.button(
            "Open",
            key="open_best",
            on_click=go,
            args=("trial",),
            kwargs={"id": f"{name}/{found.number}"},
        )
        model_download(present, name, found.number, key="download_best", label="Download")
        if view.spec.parameters:
            limit = st.query_params.get(PARAMETER)
            asked = {} if limit is None else {budget_name(cost.name, "max"): limit}
            st.button(
                "What if",
                key="what_if",
                on_click=go,
                args=("what_if",),
                kwargs={"experiment": name, **asked},
                help="What the models expect of other settings within this budget",
            )


def _against_baseline(view: Overview, found: Measured, quality: Metric, cost: Metric) -> str:
    baseline = view.baseline
    if baseline is None:
        return ""
    if baseline.number == found.number:
        return "This is the baseline itself."
    told = [
        f"{formats.difference(metric.name, found.metrics[metric.name], baseline.metrics[metric.name])} "
        f"{formats.label(metric.name)}"
        for metric in (quality, cost)
    ]
    return f"Against the baseline: {', '.join(told)}."

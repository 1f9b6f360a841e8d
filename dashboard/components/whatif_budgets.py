"""Budgets on the what-if page: a slider for each metric that one way is better of, bound to the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import formats
from dashboard.components.bound_slider import bound_slider
from dashboard.components.query_state import change
from dashboard.whatif.address import budget_name, number_text
from dashboard.whatif.budgets import ANY, BudgetRow, budget_rows, options_of
from engine.metrics import Metric
from engine.whatif.question import Question

_MORE = "more budgets"


def budgets_panel(
    metrics: Sequence[Metric], values: Mapping[str, Sequence[float]], question: Question
) -> None:
    """Draw a slider for each budget.

    Args:
        metrics: of the experiment.
        values: measured values of every metric.
        question: of the address.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Budgets**", width="stretch")
        if question.budgets:
            free = {budget_name(one.metric, one.kind): None for one in question.budgets}
            st.button("Lift all", key="lift_all", type="tertiary", on_click=change, args=(free,))
    rows, others = budget_rows(metrics, values, question, st.session_state.get(_MORE, ()))
    for row in rows:
        _slider(row, values.get(row.metric, ()))
    if others:
        key = "budget on another metric"
        st.session_state[key] = None
        st.selectbox(
            "Budget on another metric",
            others,
            key=key,
            format_func=formats.label,
            placeholder="Budget on another metric",
            label_visibility="collapsed",
            on_change=lambda: st.session_state.update(
                {_MORE: (*st.session_state.get(_MORE, ()), st.session_state[key])}
            ),
        )


def _slider(row: BudgetRow, values: Sequence[float]) -> None:
    name, kind = row.metric, row.kind
    options = options_of(row, values)
    if len(options) < 2:
        st.caption(f"{formats.literal(formats.label(name))}: nothing measured yet.")
        return
    word = "at most" if kind == "max" else "at least"
    bound_slider(
        f"{formats.label(name)[:1].upper()}{formats.label(name)[1:]} {word}",
        options,
        ANY if row.limit is None else row.limit,
        key=f"budget {kind} {name}",
        write=lambda chosen: change(
            {budget_name(name, kind): None if chosen == ANY else number_text(float(chosen))}
        ),
        format_func=lambda value: ANY if value == ANY else formats.metric(name, float(value)),
        help=None
        if row.threshold is None
        else f"The experiment's own threshold of {row.threshold:g} holds too.",
    )

"""The SQL page's address: the query, the values of its parameters, and how its result is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.query_charts import SETTINGS
from dashboard.query_parameters import address_key, is_parameter_key, shown
from storage.saved_queries import QueryParameter

QUERY, VIEW, SAVED = "q", "view", "saved"
TABLE, CHART, PLAN = "table", "chart", "plan"
VIEWS = (TABLE, CHART, PLAN)
_RUNS = "sql runs"


def runs() -> int:
    """How often a query was asked for in this session: the same one asked for again is run again."""
    return int(st.session_state.get(_RUNS, 0))


def ask(sql: str, parameters: Sequence[QueryParameter] = (), chart: Mapping[str, str] | None = None) -> None:
    """Have a query run and shown; for callbacks.

    Args:
        sql: the query.
        parameters: values of its parameters.
        chart: how its result is drawn; a table where it is empty, what is shown now without it.
    """
    if chart is not None:
        for name in (VIEW, *SETTINGS):
            st.query_params.pop(name, None)
        if chart:
            st.query_params.update({VIEW: CHART, **{name: value for name, value in chart.items() if value}})
    for key in [key for key in st.query_params if is_parameter_key(key)]:
        del st.query_params[key]
    set_values(parameters)
    st.query_params.pop(SAVED, None)
    st.query_params[QUERY] = sql
    st.session_state[_RUNS] = runs() + 1


def set_values(parameters: Sequence[QueryParameter]) -> None:
    """Put values of parameters into the address; those without one are taken out of it."""
    for parameter in parameters:
        for kind in ("number", "text"):
            st.query_params.pop(address_key(parameter.name, kind), None)
        if parameter.value is not None:
            st.query_params[address_key(parameter.name, parameter.kind)] = shown(parameter.value)


def say(name: str, value: str | None) -> None:
    """Put one part into the address, or take it out."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def view() -> str:
    """How the result is shown."""
    wanted = st.query_params.get(VIEW, TABLE)
    return wanted if wanted in VIEWS else TABLE

"""Ad hoc SQL over everything there is; the query, its parameters and its chart are in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import formats
from dashboard.components.query_address import CHART, PLAN, QUERY, SAVED, ask, runs, view
from dashboard.components.query_examples import examples_panel
from dashboard.components.query_fields import query_fields
from dashboard.components.query_result import query_result
from dashboard.components.query_shelf import query_shelf
from dashboard.components.share import share_button
from dashboard.components.sql_editor import schema_tree, sql_editor
from dashboard.query_charts import ChartChoice
from dashboard.query_parameters import parameters_of
from dashboard.query_runs import QueryRun
from dashboard.schema import outline
from dashboard.services import Services, services
from engine.errors import UnknownNameError
from storage.outline import TableOutline
from storage.saved_queries import QueryParameter, get_query
from storage.sql import DEFAULT_LIMITS, warm_up
from storage.sql_child import MEMORY_MEGABYTES

LIMITS = (
    f"Ctrl+Enter runs it, Tab completes names, Ctrl+Space lists them. Read-only; at most {DEFAULT_LIMITS.seconds:g} s, "
    f"{DEFAULT_LIMITS.rows:,} rows or {DEFAULT_LIMITS.megabytes:g} MB, {MEMORY_MEGABYTES / 1024:g} GB of memory. "
    "Times are UTC."
)
QUICK_SECONDS = 0.6
"""A query that takes less is waited for; a longer one can be watched and cancelled."""
LOOK_SECONDS = 0.4
"""Time between two looks at a query that takes longer."""
_DRAFT, _SEEN, _RUN = "sql draft", "sql seen", "sql run"


def page() -> None:
    """Draw schema, editor and result; in a shared view the query and its result."""
    present = services()
    _open_saved(present)
    if present.shared:
        _shared(present)
        return
    warm_up(present.store)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title("SQL", width="stretch")
        if st.query_params.get(QUERY):
            share_button(present, "sql", "Result of a query")
    tables = outline(present.store)
    tree, work = st.columns([1, 3], gap="medium")
    with tree.container(key="sql_schema"):
        schema_tree(tables)
    with work:
        _work(present, tables)


def _work(present: Services, tables: Sequence[TableOutline]) -> None:
    asked = st.query_params.get(QUERY, "")
    if st.session_state.get(_SEEN) != asked:
        st.session_state[_SEEN] = st.session_state[_DRAFT] = asked
    draft = st.session_state[_DRAFT]
    sql_editor(draft, LIMITS, on_edit=_edit, on_run=_ask)
    parameters = parameters_of(draft, _address(), _types(tables))
    missing = query_fields(parameters, lambda: _ask(st.session_state[_DRAFT]))
    shelf = st.container(horizontal=True, key="sql_shelf")
    if not asked.strip():
        examples_panel(present.store, lambda example: ask(example.sql, example.parameters, example.chart))
    elif missing and draft == asked:
        names = ", ".join(f"${parameter.name}" for parameter in missing)
        st.info(f"Fill in {formats.literal(names)} to run the query.")
    else:
        _result(present, asked, parameters_of(asked, _address(), _types(tables)))
    # Filled last, when the query that has just been run is in the history.
    with shelf:
        query_shelf(present.store, draft, parameters, _chart_settings)


def _shared(present: Services) -> None:
    asked = st.query_params.get(QUERY, "")
    parameters = parameters_of(asked, _address(), {})
    st.title("Result of a query")
    st.code(asked, language="sql")
    if parameters:
        st.caption(formats.literal(", ".join(f"${item.name} = {item.value}" for item in parameters)))
    _result(present, asked, parameters)


def _result(present: Services, sql: str, parameters: Sequence[QueryParameter]) -> None:
    planned = view() == PLAN and not sql.lstrip().lower().startswith("explain")
    query = f"EXPLAIN {sql}" if planned else sql
    key = (str(present.store.path), query, tuple(parameters), runs())
    kept, run = st.session_state.get(_RUN, (None, None))
    if kept != key:
        if run is not None:
            run.cancel()
        run = QueryRun(present.store, query, parameters, noted=not (present.shared or planned))
        st.session_state[_RUN] = (key, run)
    if run.done(QUICK_SECONDS):
        query_result(run, fixed=present.shared)
    else:
        _running(run)


@st.fragment(run_every=LOOK_SECONDS)
def _running(run: QueryRun) -> None:
    """How long it takes, until it has ended."""
    if run.done():
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(
            min(1.0, run.seconds / DEFAULT_LIMITS.seconds),
            text=f"Running for {formats.duration(run.seconds)}",
        )
        st.button("Cancel", key="cancel query", on_click=run.cancel)


def _open_saved(present: Services) -> None:
    """Follow an address that names a saved query."""
    name = st.query_params.get(SAVED)
    if name is None:
        return
    try:
        query = get_query(present.store, name)
    except UnknownNameError as error:
        st.warning(formats.literal(str(error)))
        return
    given = parameters_of(query.sql, _address(), {})
    values = {parameter.name: parameter for parameter in given if parameter.value is not None}
    ask(query.sql, [values.get(item.name, item) for item in query.parameters], query.chart)


def _edit(text: str) -> None:
    st.session_state[_DRAFT] = text


def _ask(text: str) -> None:
    _edit(text)
    ask(text, [item for item in parameters_of(text, _address(), {}) if item.value is not None])


def _address() -> Mapping[str, str]:
    return st.query_params.to_dict()


def _types(tables: Sequence[TableOutline]) -> dict[str, str]:
    return {column.name.lower(): column.type for table in tables for column in table.columns}


def _chart_settings() -> dict[str, str]:
    """How the result is drawn, for saving; empty for a table."""
    if view() != CHART:
        return {}
    return {"kind": "", **ChartChoice.of(st.query_params).settings()}


page()

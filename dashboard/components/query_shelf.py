"""Queries to come back to: those that were saved under a name, and the last ones that were run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from dashboard import formats
from dashboard.components.notices import attempt
from dashboard.components.query_address import ask
from storage.saved_queries import (
    MAX_NAME_LENGTH,
    PastQuery,
    QueryParameter,
    SavedQuery,
    drop_query,
    list_history,
    list_queries,
    save_query,
)
from storage.store import Store

SHOWN_CHARACTERS = 240
"""What of a long query is shown in a list."""


def query_shelf(
    store: Store, sql: str, parameters: Sequence[QueryParameter], chart: Callable[[], Mapping[str, str]]
) -> None:
    """Draw the three menus: saved queries, history, and saving.

    Args:
        store: the open database.
        sql: the text in the editor.
        parameters: of that text.
        chart: gives the settings of the chart on the page, empty where there is a table.
    """
    saved = list_queries(store)
    with st.popover("Saved", help="Queries that somebody gave a name"):
        if not saved:
            st.caption("Nothing is saved yet. **Save** keeps the query in the editor under a name.")
        for query in saved:
            _saved(store, query)
    with st.popover("History", help="The last queries that were run"):
        past = list_history(store)
        if not past:
            st.caption("Queries you run appear here.")
        for place, earlier in enumerate(past):
            _past(place, earlier)
    with st.popover("Save", help="Keep the query in the editor", disabled=not sql.strip()):
        name = st.text_input("Name", key="save as", max_chars=MAX_NAME_LENGTH)
        if any(query.name == name.strip() for query in saved):
            st.caption("This replaces the query of that name.")
        st.button(
            "Save the query",
            type="primary",
            key="save query",
            on_click=_save,
            args=(store, name, sql, parameters, chart()),
        )


def _saved(store: Store, query: SavedQuery) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{formats.literal(query.name)}**  \n:gray[:small[saved {formats.ago(query.saved_at)}]]",
            width="stretch",
        )
        st.button(
            "Run",
            key=f"run saved {query.name}",
            on_click=ask,
            args=(query.sql, query.parameters, query.chart),
        )
        st.button(
            "Delete",
            key=f"drop {query.name}",
            type="tertiary",
            on_click=attempt,
            args=(drop_query, store, query.name),
        )


def _past(place: int, query: PastQuery) -> None:
    with st.container(horizontal=True, vertical_alignment="top"):
        st.code(_shortened(query.sql), language="sql", width="stretch")
        st.button("Run", key=f"run past {place}", on_click=ask, args=(query.sql, query.parameters))
    rows = "1 row" if query.rows == 1 else f"{query.rows or 0:,} rows"
    outcome = "failed" if query.rows is None else f"{rows}, {formats.duration(query.seconds)}"
    st.caption(f"{formats.ago(query.ran_at)} \u00b7 {outcome}")


def _shortened(sql: str) -> str:
    return sql if len(sql) <= SHOWN_CHARACTERS else f"{sql[:SHOWN_CHARACTERS].rstrip()} \u2026"


def _save(
    store: Store, name: str, sql: str, parameters: Sequence[QueryParameter], chart: Mapping[str, str]
) -> None:
    def save() -> None:
        save_query(store, name, sql, parameters, chart)
        st.toast(f"Saved as {formats.literal(name.strip())}.")
        st.session_state["save as"] = ""

    attempt(save)

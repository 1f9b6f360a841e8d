"""The address of a page that redraws itself while it is being changed, kept in the browser session."""

from __future__ import annotations

import time
from collections.abc import Mapping

import streamlit as st

from dashboard.kept_query import KeptQuery, Query

_KEPT = "kept query"


def arrive() -> Query:
    """What the address says; call it once, where the page begins."""
    query = st.query_params.to_dict()
    kept: KeptQuery | None = st.session_state.get(_KEPT)
    found = KeptQuery(query) if kept is None else kept.arrived(query, time.monotonic())
    st.session_state[_KEPT] = found
    if found.current != query:
        st.query_params.from_dict(dict(found.current))
    return found.current


def change(changes: Mapping[str, str | None]) -> None:
    """Change parameters of the address; None takes one away. For callbacks."""
    kept: KeptQuery = st.session_state.get(_KEPT) or KeptQuery(st.query_params.to_dict())
    st.session_state[_KEPT] = kept.changed(changes, time.monotonic())
    st.query_params.from_dict(dict(st.session_state[_KEPT].current))

"""Going to another page after a click: asked for in a callback, carried out once the pages are known."""

from __future__ import annotations

import streamlit as st

_WANTED = "go to"


def go(page: str, **query: str) -> None:
    """Ask for a page; for callbacks.

    Args:
        page: name of its script without the ending, such as ``trial``.
        query: what its address is to say.
    """
    st.session_state[_WANTED] = (page, query)


def go_if_asked() -> None:
    """Go where a callback of this run asked to; call it when the pages are known and nothing is drawn yet."""
    wanted = st.session_state.pop(_WANTED, None)
    if wanted is not None:
        page, query = wanted
        st.switch_page(f"app_pages/{page}.py", query_params=query)

"""The first thing on the SQL page: queries to begin with."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import formats
from dashboard.example_queries import Example, example_queries
from storage.store import Store


def examples_panel(store: Store, ask: Callable[[Example], None]) -> None:
    """Draw the examples.

    Args:
        store: the open database.
        ask: called with the one to be run.
    """
    st.markdown("**Begin with one of these**")
    left, right = st.columns(2)
    for place, example in enumerate(example_queries(store)):
        with (right if place % 2 else left).container(
            border=True, horizontal=True, wrap=False, vertical_alignment="center"
        ):
            st.markdown(
                f"{formats.literal(example.title)}  \n:gray[:small[Shows {formats.literal(example.teaches)}]]",
                width="stretch",
            )
            st.button("Run", key=f"example {example.title}", on_click=ask, args=(example,))

"""A view without an experiment: which ones it could show, or how to get one."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.components.navigate import go
from dashboard.components.states import state_badge
from dashboard.formats import ago, literal
from dashboard.services import Services
from storage.experiments import ExperimentRow, list_experiments

PAGE_SIZE = 30
"""Experiments on one page of the list."""


def choose(
    present: Services,
    title: str,
    explained: str,
    preset: str,
    fits: Callable[[ExperimentRow], bool],
) -> None:
    """List the experiments a view can show, the latest first.

    Args:
        present: services of the server.
        title: of the view.
        explained: what it shows, for whoever comes here first.
        preset: what to start from where there is no such experiment.
        fits: whether the view can show an experiment.
    """
    st.title(title)
    st.markdown(explained)
    found = [row for row in list_experiments(present.store)[::-1] if fits(row)]
    if not found:
        st.info("There is none yet.")
        st.button("Set one up", type="primary", on_click=go, args=("new",), kwargs={"preset": preset})
        return
    pages = -(-len(found) // PAGE_SIZE)
    number = st.pagination(pages, key="page") if pages > 1 else 1
    for row in found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]:
        with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
            same_page(row.name, id=row.name)
            state_badge(row.state)
            st.caption(ago(row.created_at), width="stretch")


def same_page(name: str, **query: str) -> None:
    """A link from a page to itself, for which Streamlit's own does nothing.

    Args:
        name: its words.
        query: what the address is to say.
    """
    st.button(
        f":blue[**{literal(name)}**]",
        key=f"to {name}",
        type="tertiary",
        on_click=lambda: st.query_params.from_dict(query),
    )

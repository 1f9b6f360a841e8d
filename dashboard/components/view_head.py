"""Top of a page that looks at one experiment in its own way: what the page is, the experiment, and how far that is."""

from __future__ import annotations

import streamlit as st

from dashboard.components.navigate import link
from dashboard.components.share import share_button
from dashboard.components.states import progress_line, state_badge
from dashboard.services import Services
from engine.overview import Overview


def view_head(present: Services, view: Overview, title: str, page: str) -> None:
    """Title, experiment, state and the button to share.

    Args:
        present: the services of this session.
        view: of the experiment.
        title: of the page, such as ``What if``.
        page: its name among those that can be shared.
    """
    row = view.experiment
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(title, width="content")
        link("experiment", f":blue[{row.name}]", id=row.name)
        state_badge(row.state)
        st.markdown(progress_line(view), width="stretch")
        share_button(present, page, f"{title}: {row.name}")

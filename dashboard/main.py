"""Entry script of the pages: what is around every page, and the way from page to page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.components.navigate import go_if_asked
from dashboard.components.style import apply_style
from dashboard.formats import literal
from dashboard.services import services
from engine.errors import BertFrontierError

ICON = Path(__file__).parent / "assets" / "icon.png"


def main() -> None:
    """Draw the page the address names."""
    st.set_page_config(
        page_title="bert-frontier", page_icon=str(ICON), layout="wide", initial_sidebar_state="collapsed"
    )
    apply_style()
    pages = [
        st.Page("app_pages/experiments.py", title="Experiments", default=True),
        st.Page("app_pages/new.py", title="New experiment", url_path="new"),
        st.Page("app_pages/sql.py", title="SQL", url_path="sql"),
        st.Page("app_pages/experiment.py", title="Experiment", url_path="experiment", visibility="hidden"),
        st.Page("app_pages/trial.py", title="Trial", url_path="trial", visibility="hidden"),
    ]
    page = st.navigation(pages, position="top")
    go_if_asked()
    try:
        trouble = services().runner.last_error
    except BertFrontierError as error:
        st.error(literal(str(error)))
        st.stop()
    banner = st.container()
    if trouble:
        banner.error(
            f"Trials are not being looked after at the moment; the server keeps trying. {literal(trouble)}"
        )
    page.run()


main()

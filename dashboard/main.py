"""Entry script of the pages: what is around every page, and the way from page to page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.access.sessions import asked
from dashboard.components.browser_manners import tidy_history
from dashboard.components.navigate import go_if_asked
from dashboard.components.shared_view import shared_view
from dashboard.components.style import apply_style
from dashboard.formats import literal
from dashboard.services import services
from engine.errors import BertFrontierError

ICON = Path(__file__).parent / "assets" / "icon.png"


def main() -> None:
    """Draw the page the address names, or the one view of a session that opened a link."""
    st.set_page_config(
        page_title="bert-frontier", page_icon=str(ICON), layout="wide", initial_sidebar_state="collapsed"
    )
    apply_style()
    try:
        wanted = asked()
    except BertFrontierError as error:
        st.error(literal(str(error)))
        st.stop()
    if wanted is None:
        _every_page()
    else:
        shared_view(wanted)


def _every_page() -> None:
    pages = [
        st.Page("app_pages/experiments.py", title="Experiments", default=True),
        st.Page("app_pages/new.py", title="New experiment", url_path="new"),
        st.Page("app_pages/what_if.py", title="What-if", url_path="what-if"),
        st.Page("app_pages/compare.py", title="Compare", url_path="compare"),
        st.Page("app_pages/sql.py", title="SQL", url_path="sql"),
        st.Page("app_pages/data.py", title="Data", url_path="data"),
        st.Page("app_pages/links.py", title="Links", url_path="links"),
        st.Page("app_pages/experiment.py", title="Experiment", url_path="experiment", visibility="hidden"),
        st.Page("app_pages/trial.py", title="Trial", url_path="trial", visibility="hidden"),
        st.Page("app_pages/extraction.py", title="Extraction", url_path="extraction", visibility="hidden"),
        st.Page(
            "app_pages/pretraining.py", title="Pre-training", url_path="pretraining", visibility="hidden"
        ),
    ]
    page = st.navigation(pages, position="top")
    go_if_asked()
    trouble = services().runner.last_error
    banner = st.container()
    if trouble:
        banner.error(
            f"Trials are not being looked after at the moment; the server keeps trying. {literal(trouble)}"
        )
    page.run()
    tidy_history()


main()

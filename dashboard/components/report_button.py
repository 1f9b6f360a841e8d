"""The button that takes an experiment away as one HTML file to read, print or send."""

from __future__ import annotations

import streamlit as st

from dashboard.report.write import report_html
from dashboard.services import Services
from engine.whatif.stored import study_of


def report_button(present: Services, name: str) -> None:
    """Draw the button; the file is made when it is pressed."""

    def made() -> str:
        quality = present.whatif.quality(study_of(present.store, present.home, name))
        return report_html(present.store, name, quality or None)

    st.download_button(
        "Report",
        data=made,
        file_name=f"{name}.html",
        mime="text/html",
        on_click="ignore",
        key="download_report",
        help="Claims, frontier, trials, advice and specification as one HTML file that prints well",
    )

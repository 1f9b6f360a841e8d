"""The little styling that the theme settings cannot express."""

from __future__ import annotations

import streamlit as st

_CSS = """
<style>
/* Code is read in columns. */
.st-key-sql_text textarea { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.9rem; }
/* Headings of pages stand close to what they head. */
.stMainBlockContainer h1 { padding-top: 0; padding-bottom: 0.25rem; }
/* Figures in prose and tables line up. */
.stMainBlockContainer { font-variant-numeric: tabular-nums; }
/* Anchors beside headings lead nowhere useful here. */
[data-testid="stHeaderActionElements"] { display: none; }
</style>
"""


def apply_style() -> None:
    """Add the styling to the page."""
    st.html(_CSS)

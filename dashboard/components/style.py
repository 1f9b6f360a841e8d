"""The little styling that the theme settings cannot express."""

from __future__ import annotations

import streamlit as st

_CSS = """
<style>
/* Headings of pages stand close to what they head. */
.stMainBlockContainer h1 { padding-top: 0; padding-bottom: 0.25rem; }
/* Figures in prose and tables line up. */
.stMainBlockContainer { font-variant-numeric: tabular-nums; }
/* In a narrow window the query comes before the schema. */
@media (max-width: 640px) { [data-testid="stColumn"]:has(> div .st-key-sql_schema) { order: 2; } }
/* The text and what is wrong with it stay in sight while the form is scrolled. */
@media (min-width: 641px) { .stLayoutWrapper:has(> .st-key-spec_text) { position: sticky; top: 4rem; } }
/* What is asked stays at hand beside a long answer; in a narrow window the answer comes first. */
@media (min-width: 641px) {
  .stLayoutWrapper:has(> .st-key-whatif_question) {
    position: sticky; top: 4rem; max-height: calc(100vh - 5rem); overflow-y: auto; padding-right: 0.5rem;
  }
}
@media (max-width: 640px) { [data-testid="stColumn"]:has(> div .st-key-whatif_question) { order: 2; } }
/* Links stand flush with the text around them. */
.stMainBlockContainer [data-testid="stPageLink-NavLink"] { padding-left: 0; background: none; }
/* Scripts without anything to see take no room, not even while they are loaded. */
.st-key-history, .st-key-free_keys { display: none; }
/* Anchors beside headings lead nowhere useful here. */
[data-testid="stHeaderActionElements"] { display: none; }
</style>
"""


def apply_style() -> None:
    """Add the styling to the page."""
    st.html(_CSS)

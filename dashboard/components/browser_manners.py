"""Small scripts that make the browser behave: Back leads to the view before, and arrow keys reach the page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_ASSETS = Path(__file__).resolve().parent.parent / "assets"


def tidy_history() -> None:
    """Keep one entry of the browser's history for each step; draws nothing."""
    _run("history")


def free_keys() -> None:
    """Let arrow keys reach what a tab shows after it was clicked; draws nothing."""
    _run("free_keys")


def _run(name: str) -> None:
    draw = st.components.v2.component(
        f"bert_frontier_{name}",
        html="<div></div>\n",
        js=(_ASSETS / f"{name}.js").read_text(encoding="utf-8"),
        isolate_styles=False,
    )
    draw(key=name)

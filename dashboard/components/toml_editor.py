"""A text field with line numbers that tells what was typed while it is being typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import streamlit as st

_ASSETS = Path(__file__).resolve().parent.parent / "assets"
_HTML = """<div class="editor">
<div class="gutter" aria-hidden="true"></div>
<textarea spellcheck="false" autocapitalize="off" aria-label="experiment.toml" wrap="off"></textarea>
</div>
"""
_KEY = "toml_editor"
_LINE = re.compile(r"\bline (\d+)\b")


def toml_editor(text: str, problem: str | None, on_edit: Callable[[str], None]) -> None:
    """Draw the editor.

    Args:
        text: what it shows; where that differs from what was typed, it replaces it.
        problem: message about the text; the lines it names are marked.
        on_edit: called with the new text.
    """
    faulty = sorted({int(number) for number in _LINE.findall(problem or "")})
    editor = st.components.v2.component(
        "bert_frontier_toml_editor",
        html=_HTML,
        css=(_ASSETS / "editor.css").read_text(encoding="utf-8"),
        js=(_ASSETS / "editor.js").read_text(encoding="utf-8"),
    )
    editor(
        key=_KEY,
        data={"text": text, "faulty": faulty},
        on_edited_change=lambda: on_edit(st.session_state[_KEY].edited),
    )

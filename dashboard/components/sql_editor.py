"""The editor of the SQL page, and the tree of everything that can be queried beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from storage.outline import TableOutline

_ASSETS = Path(__file__).resolve().parent.parent / "assets"
_EDITOR = """<div class="field">
<div class="paper">
<pre aria-hidden="true"></pre>
<textarea spellcheck="false" autocapitalize="off" autocomplete="off" aria-label="Query" role="combobox"
  aria-autocomplete="list" aria-expanded="false" aria-controls="completions"
  placeholder="SELECT trial, exact, num_parameters FROM demo WHERE on_frontier ORDER BY num_parameters"></textarea>
</div>
<ul id="completions" role="listbox" aria-label="Completions" hidden></ul>
</div>
<div class="foot"><button type="button" title="Ctrl+Enter">Run</button><span class="limits"></span></div>
"""
_TREE = """<div class="schema">
<input type="search" placeholder="Search tables and columns" aria-label="Search tables and columns">
<div class="tree"></div>
</div>
"""
_KEY = "sql_editor"


def sql_editor(
    text: str, limits: str, *, on_edit: Callable[[str], None], on_run: Callable[[str], None]
) -> None:
    """Draw the editor.

    Args:
        text: what it shows; where that differs from what was typed, it replaces it.
        limits: what a query may take, in words.
        on_edit: called with the text when the field is left, or names other parameters.
        on_run: called with the text when it is to be run.
    """
    editor = st.components.v2.component(
        "bert_frontier_sql_editor", html=_EDITOR, css=_asset("sql_editor.css"), js=_asset("sql_editor.js")
    )
    editor(
        key=_KEY,
        data={"text": text, "limits": limits},
        on_edited_change=lambda: on_edit(st.session_state[_KEY].edited),
        on_run_change=lambda: on_run(st.session_state[_KEY].run),
    )


def schema_tree(outline: Sequence[TableOutline]) -> None:
    """Draw the tree of tables and columns; names that are clicked go into the editor, which also completes them."""
    tree = st.components.v2.component(
        "bert_frontier_schema_tree", html=_TREE, css=_asset("schema_tree.css"), js=_asset("schema_tree.js")
    )
    tree(key="schema_tree", data={"schema": compact(outline)})


def compact(outline: Sequence[TableOutline]) -> dict[str, Any]:
    """The outline with each column told once, however many experiments have it.

    Returns:
        ``columns``: lists of name, type and comment; ``tables``: lists of name, kind, comment and the places of its
        columns in the former.
    """
    places: dict[tuple[str, str, str | None], int] = {}
    tables = [
        [
            table.name,
            table.kind,
            table.comment,
            [
                places.setdefault((column.name, column.type, column.comment), len(places))
                for column in table.columns
            ],
        ]
        for table in outline
    ]
    return {"tables": tables, "columns": [list(column) for column in places]}


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")

"""The way to another page: links, and going there after a click; a shared view leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.services import services

_WANTED = "go to"
_PLAIN = re.compile(r":blue\[(.*?)\](?!\()")
"""The colour that links have."""


def go(page: str, **query: str) -> None:
    """Ask for a page; for callbacks. A shared view stays where it is.

    Args:
        page: name of its script without the ending, such as ``trial``.
        query: what its address is to say.
    """
    if not services().shared:
        st.session_state[_WANTED] = (page, query)


def opener(experiment: str) -> Callable[[int], None] | None:
    """What a click on a trial of an experiment does: opens it, by its number; None in a shared view."""
    return None if services().shared else lambda number: go("trial", id=f"{experiment}/{number}")


def open_selected(table: str, trials: Sequence[str]) -> None:
    """Go to the trial whose row was selected; for callbacks.

    Args:
        table: key of a table of which one row can be selected.
        trials: what each row stands for, such as ``demo/3``.
    """
    rows = st.session_state[table].selection.rows
    if rows:
        go("trial", id=trials[rows[0]])


def where_it_leads(words: str) -> str:
    """A sentence on what a click opens, after a space; nothing in a shared view."""
    return "" if services().shared else f" {words}"


def go_if_asked() -> None:
    """Go where a callback of this run asked to; call it when the pages are known and nothing is drawn yet."""
    wanted = st.session_state.pop(_WANTED, None)
    if wanted is not None:
        page, query = wanted
        st.switch_page(f"app_pages/{page}.py", query_params=query)


def link(page: str, label: str, **query: str) -> None:
    """A link to another page; in a shared view the same words without a link.

    Args:
        page: name of its script without the ending, such as ``trial``.
        label: Markdown.
        query: what its address is to say.
    """
    if services().shared:
        st.markdown(_PLAIN.sub(r"\1", label))
    else:
        st.page_link(f"app_pages/{page}.py", label=label, query_params=query)

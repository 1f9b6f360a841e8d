"""Numbers of pages whose open one stands in the address."""

from __future__ import annotations

import streamlit as st

from dashboard.components import address

PAGE = "page"
"""Part of the address with the number of the page, which is left out for the first."""
SHOWN = 5
"""Numbers that are shown at once, first, last and gaps included."""
NUMBER_WIDTH, ARROWS_WIDTH = 42, 90
"""In pixels; left to itself the control leaves numbers out before it knows how much room it has."""


def open_page(count: int, size: int) -> tuple[int, int]:
    """The page that the address asks for.

    Args:
        count: of everything there is.
        size: of a page.

    Returns:
        Its number, at least 1, and how many pages there are.
    """
    pages = max(1, -(-count // size))
    asked = st.query_params.get(PAGE, "1")
    return min(pages, max(1, int(asked) if asked.isdecimal() else 1)), pages


def page_numbers(number: int, pages: int, name: str) -> None:
    """Draw the numbers, unless there is only one page.

    Args:
        number: of the page that is open.
        pages: how many there are.
        name: tells the control from others.
    """
    if pages < 2:
        return
    key = f"pages of {name}, {pages}"
    # Only ever the same start, so that the control stays the same one and keeps the keyboard's focus.
    start = st.session_state.setdefault(f"{key}, start", number)
    if st.session_state.get(key, number) != number:
        st.session_state[key] = number
    st.pagination(
        pages,
        default=start,
        key=key,
        max_visible_pages=SHOWN,
        width=ARROWS_WIDTH + NUMBER_WIDTH * min(SHOWN, pages),
        on_change=lambda: address.note(PAGE, str(st.session_state[key]), "1"),
    )

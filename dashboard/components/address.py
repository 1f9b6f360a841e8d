"""Choices that stand in the address under plain names, so that a copied address shows the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st


def asked(name: str, options: Sequence[str], start: str) -> str:
    """What the address says of a choice; ``start`` where it says nothing, or nothing there is."""
    found = st.query_params.get(name, start)
    return found if found in options else start


def note(name: str, value: str, start: str = "", *, forget: Sequence[str] = ()) -> None:
    """Write a choice into the address, which stays short: what is usual is left out.

    Args:
        name: of the parameter.
        value: what was chosen.
        start: what is usual.
        forget: parameters that mean nothing any more.
    """
    for other in forget:
        st.query_params.pop(other, None)
    if value == start:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value


def choice(
    title: str,
    name: str,
    options: Sequence[str],
    start: str,
    *,
    words: Callable[[str], str] = str,
    forget: Sequence[str] = (),
    **more: Any,  # noqa: ANN401 - options of the widget
) -> str:
    """A select box whose value stands in the address.

    Args:
        title: of the box.
        name: of the parameter.
        options: what may be chosen.
        start: what is chosen where the address says nothing.
        words: an option as it is shown.
        forget: parameters that a change makes meaningless.
        more: passed on to ``st.selectbox``.
    """
    widget = f"choice {name}"
    st.session_state[widget] = asked(name, options, start)
    return str(
        st.selectbox(
            title,
            options,
            format_func=words,
            key=widget,
            on_change=lambda: note(name, st.session_state[widget], start, forget=forget),
            **more,
        )
    )


def text(title: str, name: str, *, forget: Sequence[str] = (), **more: Any) -> str:  # noqa: ANN401
    """A line of text that stands in the address; arguments as ``choice``."""
    widget = f"text {name}"
    st.session_state[widget] = st.query_params.get(name, "")
    return str(
        st.text_input(
            title,
            key=widget,
            on_change=lambda: note(name, st.session_state[widget].strip(), forget=forget),
            **more,
        )
    ).strip()


def switch(title: str, name: str, *, start: bool = False, **more: Any) -> bool:  # noqa: ANN401
    """A switch that stands in the address as ``1`` or ``0``; arguments as ``choice``."""
    widget = f"switch {name}"
    usual = "1" if start else "0"
    st.session_state[widget] = asked(name, ("0", "1"), usual) == "1"
    return bool(
        st.toggle(
            title,
            key=widget,
            on_change=lambda: note(name, "1" if st.session_state[widget] else "0", usual),
            **more,
        )
    )


def several(
    title: str,
    name: str,
    options: Sequence[str],
    start: Sequence[str] = (),
    *,
    widget: Callable[..., Any] = st.multiselect,
    forget: Sequence[str] = (),
    **more: Any,  # noqa: ANN401 - options of the widget
) -> list[str]:
    """Several choices that stand in the address, joined by commas; other arguments as ``choice``.

    Args:
        title: of the box.
        name: of the parameter.
        options: what may be chosen.
        start: what is chosen where the address says nothing.
        widget: ``st.multiselect``, or another that gives back a list.
        forget: parameters that a change makes meaningless.
        more: passed on to the widget.
    """
    key, usual = f"several {name}", ",".join(start)
    wanted = st.query_params.get(name, usual).split(",")
    st.session_state[key] = [option for option in wanted if option in options]
    return list(
        widget(
            title,
            options,
            key=key,
            on_change=lambda: note(name, ",".join(st.session_state[key]), usual, forget=forget),
            **more,
        )
    )

"""A slider over given stops whose value stands in the address, whoever changes it there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st


def bound_slider(
    label: str,
    options: Sequence[Any],
    value: Any,  # noqa: ANN401 - an option, or a pair of them
    *,
    key: str,
    write: Callable[[Any], None],
    format_func: Callable[[Any], str],
    help: str | None = None,  # noqa: A002 - as Streamlit's widgets have it
    label_visibility: Any = "visible",  # noqa: ANN401 - as Streamlit's widgets have it
) -> None:
    """Draw the slider.

    Streamlit's slider of a range answers with its ends when its value is set by session state. It is made anew instead
    when the value was changed by something else, and left alone, with the keyboard's focus, when it was itself.

    Args:
        label: of the slider.
        options: its stops.
        value: what the address says, one of the options or a pair of them.
        key: identifies the slider on its page.
        write: called with a value that was chosen; it changes the address.
        format_func: words of an option.
        help: a tooltip.
        label_visibility: of the label.
    """
    kept = f"{key} drawn"
    version, drawn = st.session_state.get(kept, (0, value))
    if drawn != value:
        version += 1
    st.session_state[kept] = (version, value)
    widget = f"{key} {version}"

    def changed() -> None:
        chosen = st.session_state[widget]
        st.session_state[kept] = (version, chosen)
        write(chosen)

    st.select_slider(
        label,
        options,
        value=value,
        key=widget,
        on_change=changed,
        format_func=format_func,
        help=help,
        label_visibility=label_visibility,
    )

"""Actions that may be refused, and helpful pages instead of tracebacks."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.components.navigate import link
from dashboard.formats import literal
from engine.errors import BertFrontierError


def attempt(action: Callable[..., object], *args: object) -> None:
    """Carry out an action; where it is refused, say why instead of failing. For callbacks of buttons."""
    try:
        action(*args)
    except BertFrontierError as error:
        st.toast(literal(str(error)))


def not_found(message: str) -> None:
    """Say that an address leads nowhere, and where to go on."""
    st.title("Not found")
    st.warning(literal(message[:1].upper() + message[1:]))
    link("experiments", ":blue[All experiments]")

"""A field for each parameter of a query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from dashboard import formats
from dashboard.components.query_address import set_values
from dashboard.query_parameters import shown, value_of
from storage.saved_queries import Kind, QueryParameter

_KINDS: tuple[Kind, ...] = ("number", "text")
_WIDTH = 180


def query_fields(parameters: Sequence[QueryParameter], changed: Callable[[], None]) -> list[QueryParameter]:
    """Draw the fields.

    Args:
        parameters: with the values that the address has.
        changed: called after a value has changed and the address says so.

    Returns:
        The parameters that have no value of their kind yet.
    """
    if not parameters:
        return []
    with st.container(horizontal=True, vertical_alignment="bottom", key="sql_parameters"):
        for parameter in parameters:
            with st.container(
                width="content", horizontal=True, wrap=False, gap="xxsmall", vertical_alignment="bottom"
            ):
                _field(parameter, changed)
    return [parameter for parameter in parameters if parameter.value is None]


def _field(parameter: QueryParameter, changed: Callable[[], None]) -> None:
    text_key, kind_key = f"value of {parameter.name}", f"kind of {parameter.name}"
    # "45 M" stays as it was written while it means what the address says.
    written = st.session_state.get(f"{text_key} as written", "")
    fits = value_of(parameter.kind, written) == parameter.value
    st.session_state[text_key] = written if fits else shown(parameter.value)
    st.session_state[kind_key] = parameter.kind
    st.text_input(
        f"${parameter.name}",
        key=text_key,
        width=_WIDTH,
        placeholder="such as 45 M" if parameter.kind == "number" else "text",
        on_change=_set,
        args=(parameter.name, text_key, kind_key, changed),
    )
    st.segmented_control(
        f"Kind of ${parameter.name}",
        _KINDS,
        key=kind_key,
        required=True,
        label_visibility="collapsed",
        on_change=_set,
        args=(parameter.name, text_key, kind_key, changed),
    )


def _set(name: str, text_key: str, kind_key: str, changed: Callable[[], None]) -> None:
    kind: Literal["number", "text"] = st.session_state[kind_key] or "number"
    text = st.session_state[f"{text_key} as written"] = st.session_state[text_key] or ""
    value = value_of(kind, text)
    if text and value is None:
        st.toast(f"{formats.literal(text)} is no number, such as 45000000, 45e6 or 45 M.")
    set_values([QueryParameter(name, kind, value)])
    if value is not None:
        changed()

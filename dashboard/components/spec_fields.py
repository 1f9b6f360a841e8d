"""Widgets of single fields of a specification: each shows the TOML and rewrites it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.launching import draft
from dashboard.launching.fields import Field, shown, written
from dashboard.launching.toml_edit import value_at, with_value, without

OPEN = "as in the text"
"""Stands in a choice whose value is none of those offered, or left open."""


def detail(title: str, fields: list[Field]) -> None:
    """A part of the details: switches stand below the other fields, as they are lower."""
    st.markdown(f"**{title}**")
    switches = [field for field in fields if field.kind == "switch"]
    others = [field for field in fields if field.kind != "switch"]
    for part in (others, switches):
        if part:
            with st.grid(3, min_column_width=160, gap="small"):
                for field in part:
                    widget(field, field.label)


def row(*fields: Field, labels: tuple[str, ...] | None = None) -> None:
    """Fields beside each other."""
    columns = st.columns(len(fields))
    for index, (column, field) in enumerate(zip(columns, fields, strict=True)):
        with column:
            widget(field, labels[index] if labels else field.label)


def widget(field: Field, label: str) -> None:
    """The widget of a field."""
    key = f"form:{'.'.join(field.path)}"
    value = shown(field, value_at(draft.document() or {}, field.path))
    st.session_state[key] = value
    common: dict[str, Any] = {"key": key, "help": field.help, "on_change": _changed, "args": (field, key)}
    match field.kind:
        case "choice" | "maybe":
            options = list(field.choices)
            if field.open_choice and value is not None and value not in options:
                options.append(value)
            empty: dict[str, Any] = {"index": None, "placeholder": OPEN} if value is None else {}
            if field.open_choice:
                empty["accept_new_options"] = True
            st.selectbox(label, options, **empty, **common)
        case "whole":
            st.number_input(label, value=None, step=1, **common)
        case "number":
            st.number_input(label, value=None, step=None, format="%g", **common)
        case "switch":
            st.checkbox(label, **common)
        case "list":
            st.text_input(label, live=True, placeholder="with commas between", **common)
        case "text":
            st.text_input(label, live=True, **common)


def put(field: Field, entered: Any) -> None:  # noqa: ANN401 - what a widget gives
    """Write what was entered into the text."""
    value = written(field, entered)
    present = value_at(draft.document() or {}, field.path)
    if value is None:
        draft.rewrite(without(draft.text(), field.path))
    elif value != (field.default if present is None else present):
        draft.rewrite(with_value(draft.text(), field.path, value))


def _changed(field: Field, key: str) -> None:
    put(field, st.session_state[key])

"""Rules over the search space, and experiments to learn from: lists of the specification, each with its own widget."""

from __future__ import annotations

import streamlit as st

from dashboard.components.spec_fields import put
from dashboard.launching import draft
from dashboard.launching.fields import field_at
from dashboard.launching.toml_edit import Document, value_at, with_value, without
from dashboard.launching.transfer import transferable
from dashboard.services import Services
from storage.experiments import list_experiments

_KEY = "form:rules"


def rules(document: Document) -> None:
    """The rules that every configuration must meet, one a line."""
    field = field_at("rules")
    present = value_at(document, field.path)
    st.session_state[_KEY] = "\n".join(map(str, present)) if isinstance(present, list) else ""
    st.text_area(
        "rules, one a line",
        key=_KEY,
        height=68,
        placeholder="n_heads <= 2 * n_layers",
        help=field.help,
        on_change=_rules_changed,
    )


def _rules_changed() -> None:
    lines = [line.strip() for line in st.session_state[_KEY].splitlines() if line.strip()]
    path = field_at("rules").path
    draft.rewrite(with_value(draft.text(), path, lines) if lines else without(draft.text(), path))


def transfer(present: Services, document: Document) -> None:
    """Earlier experiments to learn from; those on the same space are offered."""
    field = field_at("strategy", "transfer_from")
    chosen = value_at(document, field.path)
    taken = [str(name) for name in chosen] if isinstance(chosen, list) else []
    offered = transferable(list_experiments(present.store), document)
    key = "form:strategy.transfer_from"
    st.session_state[key] = taken
    st.multiselect(
        "learn from earlier experiments",
        list(dict.fromkeys([*taken, *offered])),
        key=key,
        placeholder="Choose some" if offered else "None has the same search space yet",
        help=field.help,
        on_change=lambda: put(field, ", ".join(st.session_state[key])),
    )

"""What a new experiment starts from: a preset, an earlier experiment, or a file."""

from __future__ import annotations

import streamlit as st

from dashboard.formats import literal
from dashboard.launching import draft
from dashboard.services import Services
from engine.spec_files import preset_names
from storage.experiments import list_experiments

_UPLOAD = "uploaded specification"
MAX_BYTES = 1_000_000
"""Largest specification that is read; a real one has a few kilobytes."""


def start_from(present: Services) -> None:
    """Draw the choices; each replaces everything below."""
    names = list(preset_names())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Start from",
            names,
            default=draft.origin() if draft.origin() in names else None,
            key=f"preset {draft.origin()}",
            on_change=lambda: _preset(st.session_state[f"preset {draft.origin()}"]),
            help="A preset replaces everything below.",
        )
        _earlier(present)
        _file()
    if said := draft.said_of_file():
        st.error(literal(said))


def _preset(name: str | None) -> None:
    if name is not None:
        st.query_params.from_dict({"preset": name})
        draft.begin_with(name)


def _earlier(present: Services) -> None:
    rows = list_experiments(present.store)[::-1]
    # An imported experiment ran nothing here that could be run again.
    names = [row.name for row in rows if not row.spec.get("imported")]
    with st.popover("Clone", help="Start from an earlier experiment", disabled=not names):
        key = "clone of"
        st.session_state[key] = None
        st.selectbox(
            "Start from its specification",
            names,
            key=key,
            placeholder="Choose an experiment",
            on_change=lambda: st.query_params.from_dict({"from": st.session_state[key]}),
        )


def _file() -> None:
    with st.popover("Upload", help="Start from a file"):
        st.file_uploader(
            "A specification in TOML",
            type="toml",
            max_upload_size=1,
            key=_UPLOAD,
            on_change=_uploaded,
            help="It replaces everything below and is kept nowhere until you launch.",
        )


def _uploaded() -> None:
    found = st.session_state[_UPLOAD]
    if found is not None:
        draft.take_file(found.name, found.getvalue()[: MAX_BYTES + 1], MAX_BYTES)

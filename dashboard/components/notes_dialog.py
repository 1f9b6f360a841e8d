"""Tags and note of an experiment, to be changed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.components.notices import attempt
from storage.listing import ListedExperiment
from storage.notes import MAX_NOTE_LENGTH, MAX_TAG_LENGTH, MAX_TAGS, get_notes, set_note, set_tags
from storage.store import Store

_EDITED = "experiment whose notes are changed"


def edit_notes(name: str) -> None:
    """Open the dialog for an experiment; for callbacks."""
    st.session_state[_EDITED] = name


def notes_dialog(store: Store, rows: Sequence[ListedExperiment], known: Sequence[str]) -> None:
    """Draw the dialog as long as it is open; it stays when the list behind it is drawn again.

    Args:
        store: the open database.
        rows: experiments.
        known: tags that experiments have, to choose from.
    """
    row = next((row for row in rows if row.name == st.session_state.get(_EDITED)), None)
    if row is not None:
        _dialog(store, row, known)


def _close() -> None:
    st.session_state.pop(_EDITED, None)


@st.dialog("Tags and note", on_dismiss=_close)
def _dialog(store: Store, row: ListedExperiment, known: Sequence[str]) -> None:
    notes = get_notes(store, row.experiment_id)
    tag_key, note_key = f"tags of {row.name}", f"note of {row.name}"
    st.multiselect(
        f"Tags of {row.name}",
        sorted({*known, *notes.tags}),
        default=list(notes.tags),
        key=tag_key,
        accept_new_options=True,
        max_selections=MAX_TAGS,
        placeholder="Choose or write",
        help=f"Words to find it by, of at most {MAX_TAG_LENGTH} characters and without commas.",
    )
    st.text_area("Note", notes.note, key=note_key, max_chars=MAX_NOTE_LENGTH, height=140)

    def save() -> None:
        set_tags(store, row.experiment_id, st.session_state[tag_key])
        set_note(store, row.experiment_id, st.session_state[note_key] or "")
        _close()

    if st.button("Save", type="primary", key="save notes", on_click=attempt, args=(save,)):
        st.rerun()

"""Taking over a study that was run with another tool, from a file a person chooses."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from dashboard import formats
from dashboard.components.navigate import go
from dashboard.services import Services
from engine.errors import BertFrontierError
from engine.importing.reading import read_study_file
from engine.importing.storing import import_study
from engine.importing.wishes import Wishes, parse_metric

_FAULT = "import fault"
_OPEN = "a study is being opened"


def open_study() -> None:
    """Open the dialog; for callbacks."""
    st.session_state[_OPEN] = True


def import_dialog(present: Services) -> None:
    """Draw the dialog as long as it is open; it stays when the list behind it is drawn again."""
    if _OPEN in st.session_state:
        _dialog(present)


def _close() -> None:
    st.session_state.pop(_OPEN, None)


@st.dialog("Open a study", width="medium", on_dismiss=_close)
def _dialog(present: Services) -> None:
    """The file, a name, and what its figures are called."""
    file = st.file_uploader(
        "Storage of an Optuna study (SQLite or journal), or a table with one row a trial (CSV, TSV)",
        key="study file",
    )
    st.text_input("Name of the experiment", "imported", key="import name")
    st.text_area(
        "Metrics, one a line",
        key="import metrics",
        placeholder="exact:maximize\nnum_parameters:minimize",
        help="Each with its direction. For an Optuna study the first ones name its objectives, in order; behind "
        "further colons may stand threshold=50, store, and from=COLUMN.",
    )
    st.text_input("Study", key="import study", help="Which one, where an Optuna storage has several.")
    st.button(
        "Import",
        type="primary",
        key="import",
        disabled=file is None,
        on_click=_import,
        args=(present, None if file is None else file.name, b"" if file is None else file.getvalue()),
    )
    if fault := st.session_state.pop(_FAULT, None):
        st.error(formats.literal(fault))


def _import(present: Services, file_name: str, content: bytes) -> None:
    said = st.session_state
    try:
        wishes = Wishes(
            [
                parse_metric(line.strip())
                for line in (said["import metrics"] or "").splitlines()
                if line.strip()
            ],
            (said["import study"] or "").strip() or None,
            (),
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(file_name).name
            path.write_bytes(content)
            study = read_study_file(path, wishes)
        row = import_study(
            present.store, present.home, study, (said["import name"] or "").strip() or "imported"
        )
    except BertFrontierError as error:
        said[_FAULT] = str(error)
        return
    _close()
    go("experiment", id=row.name)

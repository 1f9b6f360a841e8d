"""The specification being written in this browser tab: one text that form and editor both change."""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st

from dashboard.launching.goals_table import goal_order
from dashboard.launching.space_table import setting_order
from dashboard.launching.task_choice import reported, switched, used_settings
from dashboard.launching.toml_edit import Document, read
from engine.errors import SpecificationError
from engine.experiment import ExperimentSpec
from engine.spec_files import parse_spec, preset_text

SOURCE = "experiment.toml"
_TEXT, _ORIGIN, _ORDERS, _SAID = "draft text", "draft origin", "draft orders", "draft said"
_FILE_SAID = "draft said of file"


def begin(text_of: Callable[[str, str], str]) -> None:
    """Start from what the address names (``?preset=`` or ``?from=``), unless that was done already.

    Args:
        text_of: the TOML that follows from an experiment, by its name and what ``?adopt=`` says: nothing for its own,
            or what is to become of the architecture it has extracted.

    Raises:
        UnknownNameError: when there is no such preset or experiment.
    """
    parent, purpose = st.query_params.get("from"), st.query_params.get("adopt", "")
    wanted = parent or st.query_params.get("preset") or "demo"
    origin = f"{wanted} {purpose}".strip()
    if st.session_state.get(_ORIGIN) != origin:
        _set(origin, text_of(parent, purpose) if parent else preset_text(wanted))


def begin_with(preset: str) -> None:
    """Start from a preset, whatever was there."""
    _set(preset, preset_text(preset))


def take_file(name: str, content: bytes, most: int) -> None:
    """Start from an uploaded file; ``said_of_file`` tells why where that cannot be.

    Args:
        name: of the file.
        content: of the file.
        most: bytes that a specification may have.
    """
    if len(content) > most:
        st.session_state[_FILE_SAID] = f"{name} is larger than {most / 1e6:g} MB, which is no specification."
        return
    try:
        new = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        st.session_state[_FILE_SAID] = f"{name} is not text in UTF-8."
        return
    st.session_state[_TEXT] = new.replace("\r\n", "\n")
    st.session_state.pop(_ORDERS, None)


def said_of_file() -> str:
    """Why the last file could not be read, once."""
    return str(st.session_state.pop(_FILE_SAID, ""))


def forget() -> None:
    """Start anew when the page is opened the next time."""
    st.session_state.pop(_ORIGIN, None)


def text() -> str:
    """The TOML as it is now."""
    return str(st.session_state[_TEXT])


def rewrite(new: str) -> None:
    """Replace the TOML."""
    st.session_state[_TEXT] = new


def origin() -> str:
    """What the text started from."""
    return str(st.session_state.get(_ORIGIN, ""))


def document() -> Document | None:
    """The TOML read, None while it is not valid TOML."""
    return read(text())


def orders() -> dict[str, list[str]]:
    """Order of rows of the tables ``space`` and ``goals``; it stays while they are edited and the task is the same."""
    present = document() or {}
    subject = (reported(present), sorted(used_settings({"task": present.get("task", {})})))
    if st.session_state.get(_ORDERS, (None, {}))[0] != subject:
        rows = {"space": setting_order(present), "goals": goal_order(present)}
        st.session_state[_ORDERS] = (subject, rows)
    found: dict[str, list[str]] = st.session_state[_ORDERS][1]
    return found


def change_task(name: str) -> None:
    """Set another task, and what must change with it; ``said`` tells what that was."""
    st.session_state[_TEXT], st.session_state[_SAID] = switched(text(), name)


def said() -> str:
    """What was changed with the task, once."""
    return str(st.session_state.pop(_SAID, ""))


def checked() -> tuple[ExperimentSpec | None, str | None]:
    """The specification, or what is wrong with it."""
    try:
        return parse_spec(text(), SOURCE), None
    except SpecificationError as error:
        return None, str(error)


def problems(message: str) -> list[str]:
    """The message of a faulty specification, one item a fault."""
    parts = re.split(r"; (?=line \d+, |[a-z_]+(?:\.[a-z_0-9]+)*: )", message.removeprefix(f"{SOURCE}: "))
    return [part[:1].upper() + part[1:] for part in parts]


def _set(wanted: str, new: str) -> None:
    st.session_state[_ORIGIN] = wanted
    st.session_state[_TEXT] = new
    st.session_state.pop(_ORDERS, None)

"""What a trial said: the end of its process's output, which follows a running trial, and its events."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.live import REFRESH_SECONDS
from dashboard.services import Services
from engine.lifecycle import TrialState
from engine.trial_folder import TrialFolder
from storage.curves import latest_events
from storage.trials import TrialRow

LOG_BYTES = 30_000
"""Shown of the end of a log."""
DOWNLOAD_BYTES = 50_000_000
"""Largest log that the browser is given whole."""
SHOWN_EVENTS = 200
"""Events shown, the latest first."""
ROW_HEIGHT, MAX_HEIGHT = 32, 360
"""Of the table of events, in pixels."""
UNTOLD = ("resources",)
"""Kinds of events that have a view of their own."""


def trial_log(present: Services, trial: TrialRow) -> None:
    """The end of the log file, and the events, the latest first."""
    path = TrialFolder(present.home.path / trial.folder).log
    # A running trial writes without any change in the database, so the output looks for itself.
    running = trial.state == TrialState.RUNNING
    st.fragment(_output, run_every=REFRESH_SECONDS if running else None)(path, running)
    st.markdown("**Events**, the latest first")
    events = latest_events(present.store, trial.trial_id, SHOWN_EVENTS, UNTOLD)
    if events.empty:
        st.caption("It has not written anything yet.")
        return
    told = pd.DataFrame(
        {
            "time (UTC)": events["ts"],
            "event": events["kind"],
            "attempt": events["attempt"],
            "what it says": [
                event_told(kind, body) for kind, body in zip(events["kind"], events["body"], strict=True)
            ],
        }
    )
    columns = {
        "time (UTC)": st.column_config.DatetimeColumn(format="HH:mm:ss.SSS", width=110),
        "event": st.column_config.TextColumn(width=90),
        "attempt": st.column_config.NumberColumn(width=70),
        "what it says": st.column_config.TextColumn(width="large"),
    }
    height = min(MAX_HEIGHT, ROW_HEIGHT * (len(told) + 1) + 4)
    st.dataframe(
        told,
        hide_index=True,
        column_config=columns,
        row_height=ROW_HEIGHT,
        height=height,
        alt="Events of the trial",
    )


def _output(path: Path, running: bool) -> None:
    output, size = log_tail(path)
    if not output:
        st.caption("Its process has not printed anything.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        more = f", the last {formats.size(LOG_BYTES)} of {formats.size(size)}" if size > LOG_BYTES else ""
        st.markdown(f"**Output of its process**{more}{', as it comes' if running else ''}", width="stretch")
        if size <= DOWNLOAD_BYTES:
            st.download_button(
                "Whole log",
                data=path.read_bytes,
                file_name="log.txt",
                mime="text/plain",
                key="whole_log",
                on_click="ignore",
            )
    with st.container(height=300, autoscroll=running, key="log_output"):
        st.code(output, language=None, wrap_lines=True)


def log_tail(path: Path, most: int = LOG_BYTES) -> tuple[str, int]:
    """The end of a log, whole lines of it, and the size of all of it in bytes."""
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            file.seek(max(0, size - most))
            text = file.read(most).decode("utf-8", errors="replace")
    except FileNotFoundError:
        return "", 0
    if size > most:
        text = text.partition("\n")[2] or text
    # Progress bars write over their line; what counts is how they end.
    return "\n".join(line.rpartition("\r")[2] for line in text.strip().split("\n")), size


def event_told(kind: str, body: str) -> str:
    """The body of an event as a short line."""
    content = json.loads(body)
    if kind == "progress":
        return f"{100 * content.get('fraction', 0):.0f} %  {content.get('message', '')}"
    pairs = content.get("metrics", content)
    return ", ".join(f"{key} {_short(value)}" for key, value in pairs.items() if key != "standard_errors")


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

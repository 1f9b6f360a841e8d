"""One experiment in the list: what it is, how far, and what it has found."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import formats
from dashboard.charts.sparkline import sparkline
from dashboard.components.navigate import go, link
from dashboard.components.notices import attempt
from dashboard.components.states import preparation, progress_line, state_badge
from dashboard.services import Services
from dashboard.tables import status
from dashboard.task_words import task_words
from dashboard.verdict import claims
from dashboard.views import colours, look
from engine.errors import BertFrontierError
from engine.lifecycle import ACTIVE_EXPERIMENT_STATES
from engine.metrics import quality_and_cost
from engine.overview import Overview
from storage.listing import ListedExperiment
from storage.notes import set_archived

SPARK_POINTS = 300
"""Trials that a picture as small as a word can show."""
NOTE_LENGTH = 90
"""Characters of a note that are shown in the list."""


def experiment_row(
    present: Services,
    row: ListedExperiment,
    *,
    picked: bool,
    pick: Callable[[str, bool], None],
    edit: Callable[[str], None],
) -> None:
    """Draw the row.

    Args:
        present: the services.
        row: the experiment.
        picked: whether it is ticked.
        pick: called with its name, and whether it is ticked, when that changes.
        edit: called with its name when its tags and note are to be changed.
    """
    with st.container(border=True, key=f"row_{row.name}"):
        name, progress, claim, picture, menu = st.columns(
            [2.6, 2.4, 3.6, 1.2, 0.5], vertical_alignment="center"
        )
        with name:
            _name(row, picked, pick)
        try:
            view, _ = look(present.store, row.name)
        except BertFrontierError as error:
            with claim:
                st.markdown(f":red[{formats.literal(str(error))}]")
        else:
            with progress:
                _progress(view)
            with claim:
                st.markdown(_headline(view))
            with picture:
                st.image(sparkline(_points(view), colours()), width=120)
        with menu:
            _menu(present, row, edit)


def _tick(name: str, picked: bool, pick: Callable[[str, bool], None]) -> None:
    key = f"pick {name}"
    st.session_state[key] = picked
    st.checkbox(
        f"Choose {name}",
        key=key,
        label_visibility="collapsed",
        width="content",
        on_change=lambda: pick(name, st.session_state[key]),
    )


def _name(row: ListedExperiment, picked: bool, pick: Callable[[str, bool], None]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _tick(row.name, picked, pick)
        link("experiment", f":blue[**{row.name}**]", id=row.name)
        state_badge(row.state)
        if row.archived:
            st.badge("archived", color="gray")
    told = f"{formats.literal(task_words(row.task).partition(',')[0])} \u00b7 {formats.ago(row.created_at)}"
    tags = " ".join(f":blue-badge[{formats.literal(tag)}]" for tag in row.tags)
    st.caption("  \n".join(part for part in (told, tags, _short(row.note)) if part))


def _short(note: str) -> str:
    line = " ".join(note.split())
    return formats.literal(line if len(line) <= NOTE_LENGTH else f"{line[: NOTE_LENGTH - 1]}\u2026")


def _progress(view: Overview) -> None:
    waiting = preparation(view)
    share = view.teacher.progress if waiting else min(1.0, view.done / max(1, view.budget))
    if view.experiment.state in ACTIVE_EXPERIMENT_STATES or share < 1:
        st.progress(min(1.0, share))
    st.caption(waiting or progress_line(view))


def _headline(view: Overview) -> str:
    """The first claim, or why there is none yet."""
    if told := claims(view):
        return told[0]
    if view.experiment.state == "failed":
        return f":red[{formats.literal(view.experiment.reason or 'It failed.')}]"
    return ":gray[What it has found appears here once the baseline is measured.]"


def _points(view: Overview) -> list[tuple[float, float, str]]:
    names = quality_and_cost(view.spec.metrics)
    if names is None:
        return []
    quality, cost = (metric.name for metric in names)
    measured = [
        trial
        for trial in view.students
        if trial.number in view.measured and {quality, cost} <= view.measured[trial.number].metrics.keys()
    ]
    important = [trial for trial in measured if trial.on_frontier or trial.role == "baseline"]
    others = [trial for trial in measured if not (trial.on_frontier or trial.role == "baseline")]
    every = max(1, -(-len(others) // SPARK_POINTS))
    return [
        (
            view.measured[trial.number].metrics[cost],
            view.measured[trial.number].metrics[quality],
            status(view, trial),
        )
        for trial in [*others[::every], *important]
    ]


def _menu(present: Services, row: ListedExperiment, edit: Callable[[str], None]) -> None:
    key = f"menu {row.name}"

    def act() -> None:
        match st.session_state[key]:
            case "Clone":
                go("new", **{"from": row.name})
            case "Tags and note":
                edit(row.name)
            case _:
                attempt(set_archived, present.store, row.experiment_id, not row.archived)

    st.menu_button(
        "\u22ef",
        ["Clone", "Tags and note", "Unarchive" if row.archived else "Archive"],
        key=key,
        type="tertiary",
        help=f"More for {row.name}",
        on_click=act,
    )

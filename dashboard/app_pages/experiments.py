"""First page: every experiment with its state, its progress and what it has found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from dashboard import formats
from dashboard.components import address
from dashboard.components.experiment_row import experiment_row
from dashboard.components.first_steps import first_steps
from dashboard.components.import_dialog import import_dialog, open_study
from dashboard.components.navigate import go
from dashboard.components.notes_dialog import edit_notes, notes_dialog
from dashboard.components.notices import attempt
from dashboard.components.pages import PAGE, open_page, page_numbers
from dashboard.experiment_filter import NEWEST, SORTS, Wanted, chosen, tags_in
from dashboard.live import follow
from dashboard.services import Services, services
from dashboard.task_words import task_words
from engine.comparing import MOST
from storage.changes import fingerprints
from storage.listing import ListedExperiment, list_standings, notes_version
from storage.notes import set_archived

PAGE_SIZE = 20
"""Experiments on one page of the list."""
FILTERS_FROM = 4
"""With fewer experiments there is nothing to search."""
_PICKED = "experiments that are ticked"


def page() -> None:
    """Draw the list, or what to do first where there is nothing to list."""
    present = services()
    store = present.store
    follow(store, lambda: (fingerprints(store), notes_version(store), present.runner.last_error))
    rows = list_standings(store)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title("Experiments", width="stretch")
        if rows:
            st.button(
                "Open a study",
                key="open_study",
                help="One that was run with Optuna, or a table",
                on_click=open_study,
            )
            st.button(
                "New experiment",
                type="primary",
                on_click=go,
                args=("new",),
                kwargs={"preset": "demo"},
                key="new_experiment",
            )
    import_dialog(present)
    if not rows:
        first_steps(present)
        return
    wanted = _filters(rows) if len(rows) >= FILTERS_FROM or any(row.archived for row in rows) else Wanted()
    # Containers, so that the list keeps its place whether or not something is ticked.
    with st.container():
        _picked_bar(present, rows)
    with st.container():
        _list(present, chosen(rows, wanted))
    notes_dialog(store, rows, tags_in(rows))


def _filters(rows: Sequence[ListedExperiment]) -> Wanted:
    """What the address asks for, with the fields to change it."""
    tags = tags_in(rows)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = address.text(
            "Search", "search", forget=(PAGE,), placeholder="name, task, tag, note", width=260, live=True
        )
        states = address.several(
            "State", "state", _names(row.state for row in rows), forget=(PAGE,), width=200
        )
        tasks = address.several(
            "Task", "task", _names(row.task for row in rows), forget=(PAGE,), width=220, format_func=_task
        )
        labels = address.several("Tag", "tag", tags, forget=(PAGE,), width=200) if tags else []
        sort = address.choice("Sort by", "sort", SORTS, NEWEST, forget=(PAGE,), width=150)
        archived = False
        if any(row.archived for row in rows):
            archived = address.switch("Archived", "archived")
    return Wanted(search, states, tasks, labels, archived, sort)


def _list(present: Services, found: Sequence[ListedExperiment]) -> None:
    if not found:
        st.info("No experiment is like that. Take back one of the filters.")
        return
    number, pages = open_page(len(found), PAGE_SIZE)
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{len(found):,} experiments", width="stretch")
            page_numbers(number, pages, "experiments")
    for row in found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]:
        experiment_row(present, row, picked=row.name in _picked(), pick=_pick, edit=edit_notes)


def _picked_bar(present: Services, rows: Sequence[ListedExperiment]) -> None:
    """What can be done with the experiments that are ticked."""
    known = {row.name: row for row in rows}
    picked = [known[name] for name in _picked() if name in known]
    if not picked:
        return
    names = [row.name for row in picked]
    with st.container(horizontal=True, vertical_alignment="center", key="picked"):
        st.markdown(f"**{len(picked)} chosen:** {formats.literal(', '.join(names))}", width="stretch")
        st.button(
            "Compare",
            type="primary",
            key="compare",
            disabled=not 2 <= len(picked) <= MOST,
            help=f"Two to {MOST} experiments side by side",
            on_click=go,
            args=("compare",),
            kwargs={"experiments": ",".join(names)},
        )
        archive = not all(row.archived for row in picked)
        st.button(
            "Archive" if archive else "Unarchive",
            key="archive",
            on_click=attempt,
            args=(_archive, present, picked, archive),
        )
        st.button("Clear", key="clear", type="tertiary", on_click=lambda: st.session_state.pop(_PICKED, None))


def _archive(present: Services, picked: Sequence[ListedExperiment], archive: bool) -> None:
    for row in picked:
        set_archived(present.store, row.experiment_id, archive)
    st.session_state.pop(_PICKED, None)


def _picked() -> list[str]:
    return list(st.session_state.get(_PICKED, []))


def _pick(name: str, picked: bool) -> None:
    others = [item for item in _picked() if item != name]
    st.session_state[_PICKED] = [*others, name] if picked else others


def _names(values: Iterable[str]) -> list[str]:
    return sorted(set(values))


def _task(name: str) -> str:
    return task_words(name).partition(",")[0]


page()

"""All trials of an experiment as a table: filtered, sorted and read a page at a time, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import moments
from dashboard.components.address import choice, note, several, switch
from dashboard.components.bulk_actions import bulk_actions
from dashboard.components.filter_box import PAGE, filter_box
from dashboard.components.metric_columns import metric_columns
from dashboard.components.navigate import go
from dashboard.formats import label
from dashboard.services import Services
from dashboard.tables import ERROR_PREFIX, metric_names
from dashboard.trial_columns import all_columns, table_of, usual_columns
from dashboard.views import rows_of
from engine.errors import SettingError
from engine.launch import column_types
from engine.overview import Overview
from storage.trial_pages import FIXED_COLUMNS, FRONTIER_FIRST, Condition, Page, trials_page

PAGE_SIZE = 100
MAX_HEIGHT = 560
ROW_HEIGHT = 32
_TABLE = "trials"
_SORTED_BY = ("trial", "state", "seconds", "attempts")


def trials_table(present: Services, view: Overview) -> None:
    """Draw the table with what chooses its rows and columns; all of it stands in the address."""
    metrics = metric_names(view)
    names = [*view.spec.parameters, *metrics]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        conditions = filter_box(view, names)
        order, descending = _order(names)
        columns = _columns(list(view.spec.parameters), metrics)
    if conditions is None:
        return
    number = _page_number()
    try:
        found = _page(present, view, conditions, order, descending, number)
        last = max(1, -(-found.total // PAGE_SIZE))
        if number > last:
            number, found = last, _page(present, view, conditions, order, descending, last)
    except SettingError as error:
        st.warning(f"{str(error)[:1].upper()}{str(error)[1:]}.")
        return
    if not found.total:
        st.info("No trial meets the filter." if conditions else "The first trials appear here as they start.")
        return
    shown = table_of(rows_of(present.store, view, found.numbers), columns)
    chosen = _table(view, shown)
    _pages(found.total, number)
    if not present.shared:
        bulk_actions(present, view.experiment.name, chosen)


def _page(
    present: Services,
    view: Overview,
    conditions: Sequence[Condition],
    order: str,
    descending: bool,
    number: int,
) -> Page:
    return trials_page(
        present.store,
        view.experiment.experiment_id,
        parameters=column_types(view.spec.space()),
        conditions=conditions,
        order=order,
        descending=descending,
        limit=PAGE_SIZE,
        offset=PAGE_SIZE * (number - 1),
    )


def _order(names: Sequence[str]) -> tuple[str, bool]:
    options = [FRONTIER_FIRST, *dict.fromkeys([*_SORTED_BY, *names])]
    known = {*FIXED_COLUMNS, FRONTIER_FIRST}
    order = choice(
        "Sorted by",
        "sort",
        options,
        FRONTIER_FIRST,
        words=lambda name: name if name in known else label(name),
        forget=(PAGE,),
        width=190,
    )
    return order, order != FRONTIER_FIRST and switch("Largest first", "down")


def _columns(parameters: list[str], metrics: list[str]) -> list[str]:
    with st.popover("Columns"):
        return several(
            "Columns to show",
            "cols",
            all_columns(parameters, metrics),
            usual_columns(parameters, metrics),
            format_func=lambda name: name.replace(ERROR_PREFIX, "standard error of "),
            width=420,
        )


def _page_number() -> int:
    asked = st.query_params.get(PAGE, "1")
    return max(1, int(asked)) if asked.isdecimal() else 1


def _pages(total: int, number: int) -> None:
    count = -(-total // PAGE_SIZE)
    first = PAGE_SIZE * (number - 1) + 1
    with st.container(horizontal=True, vertical_alignment="center"):
        last = min(total, first + PAGE_SIZE - 1)
        st.caption(
            f"Trials {first:,} to {last:,} of {total:,}"
            if count > 1
            else f"{total:,} trial{'s' if total > 1 else ''}",
            width="content",
        )
        if count > 1:
            st.session_state["page of trials"] = number
            st.pagination(
                count,
                key="page of trials",
                on_change=lambda: note(PAGE, str(st.session_state["page of trials"]), "1"),
            )


def _table(view: Overview, shown: pd.DataFrame) -> list[int]:
    """Draw the rows; gives the numbers of the trials that are ticked."""
    numbers = [int(number) for number in shown["trial"]]
    found = st.dataframe(
        shown,
        column_config=_settings(shown, view.spec.parameters),
        hide_index=True,
        placeholder="\u2013",
        height=min(MAX_HEIGHT, ROW_HEIGHT * (len(shown) + 1) + 4),
        row_height=ROW_HEIGHT,
        key=_TABLE,
        on_select=lambda: _open(view.experiment.name, numbers),
        selection_mode=["multi-row", "single-cell"],
        alt="Trials with their parameters and metrics",
    )
    return [numbers[row] for row in found.selection.rows if row < len(numbers)]


def _settings(shown: pd.DataFrame, searched: Sequence[str] | dict[str, Any]) -> dict[str, Any]:
    place = moments.zone(st.context.timezone)
    settings: dict[str, Any] = {
        "trial": st.column_config.NumberColumn("trial", pinned=True, width=60, format="%d"),
        "state": st.column_config.TextColumn("state", width=95),
        "place": st.column_config.TextColumn("place", width=110),
        "frontier_share": st.column_config.NumberColumn(
            "on frontier (%)",
            format="%.0f",
            help="How often the trial would be on the frontier with other evaluation examples.",
        ),
        "seconds": st.column_config.NumberColumn("duration (s)", format="%.1f"),
        "reason": st.column_config.TextColumn("reason", width="large"),
        **{
            name: st.column_config.DatetimeColumn(
                f"{name} ({place.key})", format="D MMM YYYY, HH:mm:ss", timezone=place.key
            )
            for name in ("started", "finished")
        },
        **metric_columns(shown.columns),
    }
    for name in shown.columns:
        if name in searched:
            is_real = shown[name].dtype.kind == "f"
            settings[name] = (
                st.column_config.NumberColumn(name, format="%.4g")
                if is_real
                else st.column_config.Column(name)
            )
        elif name.startswith(ERROR_PREFIX):
            told = f"\u00b1 {name.removeprefix(ERROR_PREFIX)}"
            settings[name] = st.column_config.NumberColumn(told, help="Standard error.", format="%.3g")
    return settings


def _open(experiment: str, numbers: Sequence[int]) -> None:
    cells = st.session_state[_TABLE].selection.cells
    if cells:
        go("trial", id=f"{experiment}/{numbers[cells[0][0]]}")

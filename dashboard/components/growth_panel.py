"""The hypervolume against trials or training spent, and the trials that moved the frontier."""

from __future__ import annotations

import streamlit as st

from dashboard import formats, moments
from dashboard.charts.hypervolume import hypervolume_chart
from dashboard.components.address import asked, note
from dashboard.components.chart import chart
from dashboard.components.metric_columns import metric_columns
from dashboard.components.navigate import go, opener
from dashboard.history import hypervolume_frame, moves_frame
from dashboard.views import colours
from engine.metrics import objectives
from engine.overview import Overview

PARAMETER = "spent"
AGAINST = {"0": "trials", "1": "training time"}
ROW_HEIGHT, MOST_ROWS = 32, 12
_TABLE = "moves"


def growth_panel(view: Overview) -> None:
    """Draw the chart and the table; a click in either opens a trial."""
    widget = f"choice {PARAMETER}"
    st.session_state[widget] = asked(PARAMETER, list(AGAINST), "0")
    st.segmented_control(
        "Against",
        list(AGAINST),
        format_func=AGAINST.__getitem__,
        key=widget,
        required=True,
        label_visibility="collapsed",
        on_change=lambda: note(PARAMETER, st.session_state[widget], "0"),
    )
    over_cost = st.session_state[widget] == "1"
    chart(
        hypervolume_chart(hypervolume_frame(view.outcomes), colours(), over_cost=over_cost),
        key="hypervolume",
        alt="Hypervolume after each trial",
        on_click=opener(view.experiment.name),
    )
    _moves(view)


def _moves(view: Overview) -> None:
    moves = moves_frame(view.outcomes)
    if moves.empty:
        return
    st.subheader(f"The {len(moves)} trials that moved the frontier")
    place = moments.zone(st.context.timezone)
    shown = moves.assign(finished=moves["finished"].dt.tz_convert(place.key))
    names = [metric.name for metric in objectives(view.spec.metrics)]
    st.dataframe(
        shown,
        column_config={
            "trial": st.column_config.NumberColumn("trial", pinned=True, width=60, format="%d"),
            "finished": st.column_config.DatetimeColumn(f"ended ({place.key})", format="D MMM YYYY, HH:mm"),
            "place": st.column_config.NumberColumn("as trial no.", format="localized"),
            "gain": st.column_config.NumberColumn(
                "hypervolume (%)", format="+%.2f", help="Gain over the one before."
            ),
            "replaced": st.column_config.TextColumn("drove from the frontier"),
            **metric_columns(names),
        },
        hide_index=True,
        placeholder="\u2013",
        height=ROW_HEIGHT * (min(MOST_ROWS, len(shown)) + 1) + 4,
        row_height=ROW_HEIGHT,
        key=_TABLE,
        on_select=lambda: _open(view.experiment.name, shown["trial"].tolist()),
        selection_mode=["single-cell"],
        alt="Trials that moved the frontier, the latest first",
    )
    st.caption(
        "The latest first. A trial moves the frontier when no earlier one is at least as good in every objective "
        f"({', '.join(formats.label(name) for name in names)})."
    )


def _open(experiment: str, numbers: list[int]) -> None:
    cells = st.session_state[_TABLE].selection.cells
    if cells:
        go("trial", id=f"{experiment}/{numbers[cells[0][0]]}")

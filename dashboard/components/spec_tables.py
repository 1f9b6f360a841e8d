"""The two tables of a specification's form: the search space, and the goals."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.launching import draft, goals_table, space_table
from dashboard.launching.space_size import space_size
from engine.experiment import ExperimentSpec

ROW_HEIGHT = 30


def space(spec: ExperimentSpec | None) -> None:
    """Draw the search space.

    Args:
        spec: the present specification, None while it has errors.
    """
    frame = space_table.space_frame(draft.document() or {}, draft.orders()["space"])
    number: dict[str, Any] = {"format": "%g", "width": 85}
    st.data_editor(
        frame,
        key="space_table",
        on_change=_space_edited,
        height=ROW_HEIGHT * 10,
        row_height=ROW_HEIGHT,
        placeholder="",
        disabled=["setting", "meaning"],
        column_config={
            "setting": st.column_config.TextColumn("setting", pinned=True, width=130),
            "kind": st.column_config.SelectboxColumn(
                "kind",
                options=list(space_table.KINDS),
                required=True,
                width=95,
                help="float, int and categorical are searched",
            ),
            "low": st.column_config.NumberColumn("low", **number),
            "high": st.column_config.NumberColumn("high", **number),
            "log": st.column_config.CheckboxColumn("log", width=50, help="Search the logarithm"),
            "values": st.column_config.TextColumn(
                "values", width=120, help="Of a categorical, with commas between"
            ),
            "when": st.column_config.TextColumn(
                "counts when",
                width=110,
                help="Condition on the others, such as alpha > 0; elsewhere it has the baseline's value",
            ),
            "value": st.column_config.TextColumn(
                "value",
                width=85,
                alignment="right",
                help="The fixed value; for a searched setting the baseline's",
            ),
            "meaning": st.column_config.TextColumn("meaning", width="large"),
        },
        alt="Search space: the training settings of the task, searched, fixed or left at their defaults",
    )
    told = "float, int and categorical settings are searched; value is the fixed one or the baseline's."
    st.caption(f"{space_size(spec)}. {told}" if spec is not None else told)


def _space_edited() -> None:
    order = draft.orders()["space"]
    for row, changes in st.session_state["space_table"]["edited_rows"].items():
        draft.rewrite(space_table.edited(draft.text(), order[int(row)], changes))


def goals() -> None:
    """Draw the metrics that trials of the task report, with the part each plays."""
    order = draft.orders()["goals"]
    st.data_editor(
        goals_table.goals_frame(draft.document() or {}, order),
        key="goals_table",
        on_change=_goals_edited,
        height=ROW_HEIGHT * 6,
        row_height=ROW_HEIGHT,
        placeholder="",
        disabled=["metric", "meaning"],
        column_config={
            "metric": st.column_config.TextColumn("metric", pinned=True, width=140),
            "meaning": st.column_config.TextColumn("meaning", width="medium"),
            "role": st.column_config.SelectboxColumn(
                "role",
                options=list(goals_table.ROLES),
                required=True,
                width=90,
                help="optimize spans the frontier, constrain only bounds it, store is shown in tables",
            ),
            "direction": st.column_config.SelectboxColumn(
                "direction", options=list(goals_table.DIRECTIONS), width=95
            ),
            "threshold": st.column_config.NumberColumn(
                "threshold", format="%g", width=85, help="Worst value allowed on the frontier"
            ),
        },
        alt="Goals: metrics with role, direction and threshold",
    )


def _goals_edited() -> None:
    order = draft.orders()["goals"]
    for row, changes in st.session_state["goals_table"]["edited_rows"].items():
        draft.rewrite(goals_table.edited(draft.text(), order[int(row)], changes))

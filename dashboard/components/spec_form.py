"""The form of a specification: every widget shows the TOML and rewrites it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.formats import literal
from dashboard.launching import draft, goals_table, space_table
from dashboard.launching.checks import Check, check_dataset, check_teacher, space_size
from dashboard.launching.fields import Field, field_at, section_fields, shown
from dashboard.launching.toml_edit import value_at, with_value, without
from engine.experiment import EMBEDDED, ExperimentSpec

ROW_HEIGHT = 30


def draw(spec: ExperimentSpec | None) -> None:
    """Draw the four sections.

    Args:
        spec: the present specification, None while it has errors.
    """
    st.subheader("1 What")
    _row(field_at("name"), field_at("description"))
    _row(field_at("task", "dataset"), field_at("teacher", "model"), labels=("dataset", "teacher"))
    document = draft.document() or {}
    left, right = st.columns(2)
    with left:
        _told(check_dataset(str(value_at(document, ("task", "dataset")) or EMBEDDED)))
    with right:
        _told(check_teacher(str(value_at(document, ("teacher", "model")) or EMBEDDED)))
    with st.expander("Data, student and training in detail"):
        _grid(section_fields("task", leave_out=frozenset({"name", "dataset"})))
        _grid([*section_fields("student"), *section_fields("training")])
    st.subheader("2 Search")
    _row(
        field_at("strategy", "name"),
        field_at("strategy", "initial_trials"),
        labels=("strategy", "initial trials"),
    )
    _space(spec)
    st.subheader("3 Goals")
    _goals()
    st.subheader("4 Budget")
    _row(field_at("budget", "trials"), field_at("budget", "parallel"), field_at("seed"))


def _told(check: Check) -> None:
    told = literal(check.told)
    st.caption(f":red[{told}]" if check.problem else told)


def _row(*fields: Field, labels: tuple[str, ...] | None = None) -> None:
    columns = st.columns(len(fields))
    for index, (column, field) in enumerate(zip(columns, fields, strict=True)):
        with column:
            _widget(field, labels[index] if labels else field.label)


def _grid(fields: list[Field]) -> None:
    with st.grid(3, min_column_width=160, gap="small"):
        for field in fields:
            _widget(field, field.label)


def _widget(field: Field, label: str) -> None:
    key = f"form:{'.'.join(field.path)}"
    value = shown(field, value_at(draft.document() or {}, field.path))
    st.session_state[key] = value
    common: dict[str, Any] = {"key": key, "help": field.help, "on_change": _changed, "args": (field, key)}
    match field.kind:
        case "choice":
            empty: dict[str, Any] = (
                {"index": None, "placeholder": "none of the choices"} if value is None else {}
            )
            st.selectbox(label, field.choices, **empty, **common)
        case "whole":
            st.number_input(label, value=None, step=1, **common)
        case "number":
            st.number_input(label, value=None, step=None, format="%g", **common)
        case "text":
            st.text_input(label, live=True, **common)


def _changed(field: Field, key: str) -> None:
    value = st.session_state[key]
    if value is None or (value == "" and field.default in (None, "")):
        draft.rewrite(without(draft.text(), field.path))
    elif value != shown(field, value_at(draft.document() or {}, field.path)):
        draft.rewrite(with_value(draft.text(), field.path, value))


def _space(spec: ExperimentSpec | None) -> None:
    order = draft.orders()["space"]
    frame = space_table.space_frame(draft.document() or {}, order)
    number: dict[str, Any] = {"format": "%g", "width": 85}
    st.data_editor(
        frame,
        key="space_table",
        on_change=_space_edited,
        height=ROW_HEIGHT * 10,
        row_height=ROW_HEIGHT,
        placeholder="",
        disabled=["setting"],
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
                "values", width=90, help="Of a categorical, with commas between"
            ),
            "value": st.column_config.NumberColumn(
                "value", help="The fixed value; for a searched setting the baseline's", **number
            ),
        },
        alt="Search space: every training setting, searched, fixed or left at its default",
    )
    told = "float, int and categorical settings are searched; the last column is the fixed value or the baseline's."
    st.caption(f"{space_size(spec)}. {told}" if spec is not None else told)


def _space_edited() -> None:
    order = draft.orders()["space"]
    for row, changes in st.session_state["space_table"]["edited_rows"].items():
        draft.rewrite(space_table.edited(draft.text(), order[int(row)], changes))


def _goals() -> None:
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

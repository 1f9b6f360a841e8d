"""The form of a specification: every widget shows the TOML and rewrites it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.components import spec_tables
from dashboard.formats import literal
from dashboard.launching import draft
from dashboard.launching.checks import Check, check_dataset, check_teacher, trial_count
from dashboard.launching.fields import Field, field_at, section_fields, shown
from dashboard.launching.task_choice import OWN, task_name, task_of, unused_task_fields
from dashboard.launching.toml_edit import Document, value_at, with_value, without
from dashboard.task_words import GROUPS, task_words
from engine.early_stopping.watch import SEARCHING
from engine.experiment import EMBEDDED, ExperimentSpec
from engine.extraction.requirements import EXTRACT
from engine.tasks.catalogue import TASKS

_STRATEGY_FIELDS = {"nehvi": ("initial_trials",), "grid": ("levels", "repeats"), "single": ("repeats",)}
"""Settings of the strategies that have some."""


def draw(spec: ExperimentSpec | None) -> None:
    """Draw the four sections.

    Args:
        spec: the present specification, None while it has errors.
    """
    document = draft.document() or {}
    st.subheader("1 What")
    _row(field_at("name"), field_at("description"))
    _task(document)
    _data_and_teacher(document)
    with st.expander("Data, teacher, student and training in detail"):
        _detail("Data", section_fields("task", leave_out=_left_out(document)))
        _detail("Teacher", section_fields("teacher", leave_out=frozenset({"model"})))
        _detail("Student", section_fields("student"))
        _detail("Training", section_fields("training"))
    st.subheader("2 Search")
    strategy = str(shown(field_at("strategy", "name"), value_at(document, ("strategy", "name"))))
    more = [field_at("strategy", name) for name in _STRATEGY_FIELDS.get(strategy, ())]
    _row(field_at("strategy", "name"), *more, labels=("strategy", *(field.label for field in more)))
    if strategy == EXTRACT:
        with st.expander("Extraction in detail"):
            _detail("Extraction", section_fields("extract"))
    if strategy in SEARCHING:
        with st.expander("Early stopping in detail"):
            _detail("Early stopping", section_fields("early_stopping"))
    spec_tables.space(spec)
    st.subheader("3 Goals")
    spec_tables.goals()
    st.subheader("4 Budget")
    _row(field_at("budget", "trials"), field_at("budget", "parallel"), field_at("seed"))
    if spec is not None and (told := trial_count(spec)):
        st.caption(told)


def _task(document: Document) -> None:
    """The tasks to choose from; a task of one's own is described in the text."""
    name = task_name(document)
    own = OWN if name in TASKS else name
    key = "form:task.name"
    st.session_state[key] = name
    st.selectbox(
        "task",
        [*(task for group in GROUPS for task in group.tasks), own],
        format_func=lambda task: task_words(task) if task in TASKS else f"Your own: {task}",
        key=key,
        on_change=lambda: draft.change_task(st.session_state[key]),
        help="Data and metrics that do not fit the new task are replaced.",
    )
    if said := draft.said():
        st.info(literal(f"{said}."))
    if name not in TASKS:
        st.caption(
            "A classification or regression task of your own: columns, labels and metrics stand under "
            r"\[task.format\] in the text; its name is up to you."
        )


def _left_out(document: Document) -> frozenset[str]:
    return unused_task_fields(document) | {"name", "dataset", "format"}


def _data_and_teacher(document: Document) -> None:
    """Where both are, each with what was found there."""
    head = task_of(document).head
    trained = value_at(document, ("teacher", "trained")) is not False
    left, right = st.columns(2)
    with left:
        _widget(field_at("task", "dataset"), "dataset")
        _told(check_dataset(str(value_at(document, ("task", "dataset")) or EMBEDDED), head))
    with right:
        _widget(field_at("teacher", "model"), "teacher")
        _told(check_teacher(str(value_at(document, ("teacher", "model")) or EMBEDDED), head, trained=trained))


def _told(check: Check) -> None:
    told = literal(check.told)
    st.caption(f":red[{told}]" if check.problem else told)


def _detail(title: str, fields: list[Field]) -> None:
    """A part of the details: switches stand below the other fields, as they are lower."""
    st.markdown(f"**{title}**")
    switches = [field for field in fields if field.kind == "switch"]
    others = [field for field in fields if field.kind != "switch"]
    for part in (others, switches):
        if part:
            with st.grid(3, min_column_width=160, gap="small"):
                for field in part:
                    _widget(field, field.label)


def _row(*fields: Field, labels: tuple[str, ...] | None = None) -> None:
    columns = st.columns(len(fields))
    for index, (column, field) in enumerate(zip(columns, fields, strict=True)):
        with column:
            _widget(field, labels[index] if labels else field.label)


def _widget(field: Field, label: str) -> None:
    key = f"form:{'.'.join(field.path)}"
    value = shown(field, value_at(draft.document() or {}, field.path))
    st.session_state[key] = value
    common: dict[str, Any] = {"key": key, "help": field.help, "on_change": _changed, "args": (field, key)}
    match field.kind:
        case "choice":
            empty: dict[str, Any] = {"index": None, "placeholder": "as in the text"} if value is None else {}
            st.selectbox(label, field.choices, **empty, **common)
        case "whole":
            st.number_input(label, value=None, step=1, **common)
        case "number":
            st.number_input(label, value=None, step=None, format="%g", **common)
        case "switch":
            st.checkbox(label, **common)
        case "text":
            st.text_input(label, live=True, **common)


def _changed(field: Field, key: str) -> None:
    value = st.session_state[key]
    if value is None or (value == "" and field.default in (None, "")):
        draft.rewrite(without(draft.text(), field.path))
    elif value != shown(field, value_at(draft.document() or {}, field.path)):
        draft.rewrite(with_value(draft.text(), field.path, value))

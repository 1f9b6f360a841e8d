"""The form of a specification, section by section; every widget shows the TOML and rewrites it."""

from __future__ import annotations

import streamlit as st

from dashboard.components import spec_tables
from dashboard.components.data_choice import data_and_teacher
from dashboard.components.spec_fields import detail, row
from dashboard.components.spec_rules import rules, transfer
from dashboard.components.time_needed import time_needed
from dashboard.formats import literal
from dashboard.launching import draft
from dashboard.launching.checks import trial_count
from dashboard.launching.fields import field_at, section_fields, shown
from dashboard.launching.task_choice import OWN, task_name, unused_task_fields
from dashboard.launching.toml_edit import Document, value_at
from dashboard.services import Services
from dashboard.task_words import GROUPS, task_words
from engine.advice.ranges import too_few_trials
from engine.agora.requirements import AGORA
from engine.early_stopping.watch import SEARCHING
from engine.experiment import ExperimentSpec
from engine.extraction.requirements import EXTRACT
from engine.tasks.catalogue import TASKS

STRATEGY_FIELDS = {"nehvi": ("initial_trials",), "grid": ("levels", "repeats"), "single": ("repeats",)}
"""Settings of the strategies that have some."""
ELSEWHERE = frozenset({"name", "dataset", "eval_dataset", "format"})
"""Fields of the task's section that are not among its details."""


def draw(present: Services, spec: ExperimentSpec | None) -> None:
    """Draw the four sections.

    Args:
        present: services of the server.
        spec: the present specification, None while it has errors.
    """
    document = draft.document() or {}
    _what(present, document)
    _search(present, document, spec)
    st.subheader("3 Goals")
    spec_tables.goals()
    st.subheader("4 Budget")
    row(field_at("budget", "trials"), field_at("budget", "parallel"), field_at("seed"))
    if spec is not None:
        _budget(present, spec)


def _what(present: Services, document: Document) -> None:
    st.subheader("1 What")
    row(field_at("name"), field_at("description"))
    _task(document)
    data_and_teacher(present, document)
    with st.expander("Data, teacher, student and training in detail"):
        detail("Data", section_fields("task", leave_out=unused_task_fields(document) | ELSEWHERE))
        detail("Teacher", section_fields("teacher", leave_out=frozenset({"model"})))
        detail("Student", section_fields("student"))
        detail("Training", section_fields("training"))


def _task(document: Document) -> None:
    """The tasks to choose from, and the description of a task of one's own."""
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
        with st.expander("Your own task: columns, labels and metrics", expanded=True):
            st.caption("Its name is up to you; change it in the text.")
            detail("Format", section_fields("task", "format"))


def _search(present: Services, document: Document, spec: ExperimentSpec | None) -> None:
    st.subheader("2 Search")
    strategy = str(shown(field_at("strategy", "name"), value_at(document, ("strategy", "name"))))
    more = [field_at("strategy", name) for name in STRATEGY_FIELDS.get(strategy, ())]
    row(field_at("strategy", "name"), *more, labels=("strategy", *(field.label for field in more)))
    if strategy == "nehvi":
        transfer(present, document)
    if strategy == EXTRACT:
        with st.expander("Extraction in detail"):
            detail("Extraction", section_fields("extract"))
    if strategy == AGORA:
        with st.expander("Agora in detail"):
            detail("Agora", section_fields("agora", leave_out=frozenset({"filters", "transformations"})))
            st.caption("What is kept of generated examples; what makes them stands in the text.")
            detail("Filters", section_fields("agora", "filters"))
    if strategy in SEARCHING:
        with st.expander("Early stopping in detail"):
            detail("Early stopping", section_fields("early_stopping"))
    spec_tables.space(spec)
    rules(document)


def _budget(present: Services, spec: ExperimentSpec) -> None:
    if told := trial_count(spec):
        st.caption(told)
    if spec.strategy.name in SEARCHING and (few := too_few_trials(spec.space(), spec.budget.trials)):
        st.caption(literal(few.sentence))
    time_needed(present, spec)

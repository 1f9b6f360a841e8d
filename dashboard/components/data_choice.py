"""Where data and teacher are: typed, or chosen from what was used before or is cached; with what was found there."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from pydantic import ValidationError

from dashboard.background import Work
from dashboard.components.spec_fields import put, widget
from dashboard.formats import literal
from dashboard.launching.checks import Check, check_dataset, check_teacher
from dashboard.launching.fields import Field, field_at
from dashboard.launching.known import known, score_words
from dashboard.launching.looks import look_at_data, look_at_teacher
from dashboard.launching.task_choice import task_name, task_of
from dashboard.launching.toml_edit import Document, value_at
from dashboard.services import Services
from engine.errors import DatasetError
from engine.experiment import EMBEDDED
from engine.inspection.datasets import Side
from engine.inspection.hub_cache import CachedNames, cached_names
from engine.tasks.catalogue import TASKS
from engine.tasks.task_section import TaskSection
from storage.experiments import list_experiments
from storage.store import Store
from storage.teachers import TeacherScore, teacher_scores
from storage.totals import ended_trials

QUICK_SECONDS = 0.3
LOOK_SECONDS = 0.5
"""Time between two looks at whether a dataset has been read."""
CACHE_SECONDS = 60.0
"""Time for which what was found in the local caches is believed."""


def data_and_teacher(present: Services, document: Document) -> None:
    """Draw the fields of training data, evaluation data and teacher."""
    choices = known(list_experiments(present.store), _cached(), task_name(document))
    left, right = st.columns(2)
    with left:
        _source(field_at("task", "dataset"), "dataset", choices.datasets)
        _data(document, "dataset", "training")
        _source(field_at("task", "eval_dataset"), "evaluation dataset", choices.datasets)
        _data(document, "eval_dataset", "evaluation")
    with right:
        _source(field_at("teacher", "model"), "teacher", choices.teachers)
        _teacher(present, document)


@st.cache_data(ttl=CACHE_SECONDS, show_spinner=False)
def _cached() -> CachedNames:
    return cached_names()


def _source(field: Field, label: str, names: Sequence[str]) -> None:
    """A field with a way to choose one of the known names."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width="stretch"):
            widget(field, label)
        with st.popover("Known", help="Used before on this server, or in the local Hugging Face cache"):
            if not names:
                st.caption("What earlier experiments used and what is in the local cache is listed here.")
                return
            key = f"known {'.'.join(field.path)}"
            st.session_state[key] = None
            st.selectbox(
                f"Known for {label}",
                names,
                key=key,
                placeholder="Choose one",
                on_change=lambda: put(field, st.session_state[key]),
            )


def _data(document: Document, name: str, side: Side) -> None:
    source = value_at(document, ("task", name)) or (EMBEDDED if side == "training" else None)
    if source is None:
        share = value_at(document, ("task", "eval_fraction"))
        told = f"{100 * float(share if isinstance(share, (int, float)) else 0.2):.0f} %"
        st.caption(f"The dataset's own development part, or else {told} of it, is taken.")
        return
    quick = check_dataset(str(source), task_of(document).head)
    section = _section(document)
    if quick.problem or source == EMBEDDED or section is None:
        _told(quick)
        return
    try:
        work = look_at_data(section, str(source), side)
    except DatasetError as error:
        _told(Check(str(error), problem=True))
        return
    if work.done(QUICK_SECONDS):
        _told(work.result or Check("It could not be looked at.", problem=True))
    else:
        _reading(work, quick.told)


@st.fragment(run_every=LOOK_SECONDS)
def _reading(work: Work[Check], told: str) -> None:
    if work.done():
        st.rerun()
    st.caption(f"{literal(told)} Reading it, {work.seconds:.0f} s so far\u2026")


def _teacher(present: Services, document: Document) -> None:
    source = str(value_at(document, ("teacher", "model")) or EMBEDDED)
    trained = value_at(document, ("teacher", "trained")) is not False
    head = task_of(document).head
    quick = check_teacher(source, head, trained=trained)
    if quick.problem:
        _told(quick)
        return
    store = present.store
    scores = score_words(_scores(store, str(store.path), ended_trials(store)), source, task_name(document))
    found = look_at_teacher(source, head, trained=trained, scores=scores)
    if found is None and scores:
        quick = Check(f"{quick.told} {scores[0][:1].upper()}{scores[0][1:]}.")
    _told(found or quick)


@st.cache_resource(max_entries=2, show_spinner=False)
def _scores(_store: Store, path: str, ended: int) -> Sequence[TeacherScore]:  # noqa: ARG001
    """Arguments with an underscore are no part of the cache's key; the others are."""
    return teacher_scores(_store)


def _section(document: Document) -> TaskSection | None:
    """The task's section, None while it has errors."""
    try:
        section = TaskSection.model_validate(document.get("task", {}))
    except ValidationError:
        return None
    return section if section.format is not None or section.name in TASKS else None


def _told(check: Check) -> None:
    told = literal(check.told)
    st.caption(f":red[{told}]" if check.problem else told)

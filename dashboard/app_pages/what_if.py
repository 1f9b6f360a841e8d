"""What if: pin settings, set budgets, and read off what to expect, what supports it, and which model to ship."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.components.navigate import link
from dashboard.components.notices import not_found
from dashboard.components.query_state import arrive
from dashboard.components.view_head import view_head
from dashboard.components.whatif_answer import answer_panel
from dashboard.components.whatif_budgets import budgets_panel
from dashboard.components.whatif_picker import picker
from dashboard.components.whatif_settings import settings_panel
from dashboard.components.whatif_wait import doing, wait
from dashboard.kept_query import Query
from dashboard.live import follow
from dashboard.services import Services, services
from dashboard.tables import metric_names
from dashboard.views import look
from dashboard.whatif.address import EXPERIMENT, read_question
from dashboard.whatif.budgets import measured_values
from engine.errors import UnknownNameError
from engine.extraction.requirements import EXTRACT
from engine.overview import Overview
from engine.parameters import Value
from engine.whatif.answer import Answer
from engine.whatif.question import Question
from engine.whatif.stored import study_of
from storage.experiments import get_experiment
from storage.totals import settled_key

PATIENCE = 0.8
"""Seconds a page waits for an answer before it says that it is being worked out."""

_LAST = "what-if last answer"
_READER = "what-if reader"


def page() -> None:
    """Draw the question and the answer for the experiment the address names."""
    present = services()
    query = arrive()
    name = query.get(EXPERIMENT, "")
    if not name:
        picker(present)
        return
    store = present.store
    try:
        row = get_experiment(store, name)
    except UnknownNameError as error:
        not_found(str(error))
        return
    follow(store, lambda: (settled_key(store, row.experiment_id), get_experiment(store, name).state))
    view, trials = look(store, name)
    view_head(present, view, "What if", "what_if")
    if view.spec.strategy.name == EXTRACT:
        st.info("An extraction measures no trained students, so there is nothing to predict from.")
        link("extraction", ":blue[See what it has found]", id=name)
        return
    if not view.spec.parameters:
        st.info("This experiment searches nothing, so there is nothing to ask.")
        return
    _body(present, view, trials, query)


def _body(present: Services, view: Overview, trials: pd.DataFrame, query: Query) -> None:
    values = measured_values(trials, metric_names(view))
    read = read_question(query, view.spec.space(), list(values))
    for problem in read.problems:
        st.warning(formats.literal(f"Left out of the question: {problem}."))
    left, right = st.columns([1, 2.4], gap="medium")
    # The answer first: the rows propose its values.
    with right:
        answer = _answer(present, view, trials, read.question)
    with left.container(key="whatif_question"):
        budgets_panel(view.spec.metrics, values, read.question)
        settings_panel(view.spec.space(), read.question, _reference(view, answer))


def _answer(present: Services, view: Overview, trials: pd.DataFrame, question: Question) -> Answer | None:
    """Draw the answer; while it is worked out, the last one of this session, and what is being done."""
    name = view.experiment.name
    study = study_of(present.store, present.home, name)
    reader: str = st.session_state.setdefault(_READER, uuid4().hex)
    patience = PATIENCE if present.whatif.is_fitted(study) else 0.0
    outcome = present.whatif.ask(study, question, reader, patience)
    if outcome.is_ready:
        st.session_state.pop("what-if asked at", None)
    if outcome.error is not None:
        st.error(formats.literal(f"{outcome.error[:1].upper()}{outcome.error[1:]}"))
        st.button("Try again", on_click=present.whatif.forget, args=(study,))
        return None
    answer = outcome.answer
    if answer is not None:
        st.session_state[_LAST] = (name, answer)
    else:
        told = doing(outcome.stage, len(view.outcomes.frame))
        wait(present, study, question, reader, told)
        answer = _last(name)
        if answer is None:
            st.skeleton(height=360)
            return None
        st.caption("Below is the last answer, to the question before or from fewer trials.")
    if answer.trials < len(view.outcomes.frame):
        st.caption(
            f"The models look at {answer.trials:,} of {len(view.outcomes.frame):,} completed trials: those near the "
            "frontier, and an even sample of the others."
        )
    answer_panel(present, view, trials, answer)
    return answer


def _last(name: str) -> Answer | None:
    found = st.session_state.get(_LAST)
    return found[1] if found is not None and found[0] == name else None


def _reference(view: Overview, answer: Answer | None) -> Mapping[str, Value]:
    """The values that settings are first held to: the answer's, else the baseline's."""
    if answer is not None and answer.best is not None:
        return answer.best.parameters
    return view.spec.baseline_configuration()


page()

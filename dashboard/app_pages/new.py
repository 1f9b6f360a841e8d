"""Setting up an experiment: a form and its TOML side by side, either of which may be edited."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.components import spec_form
from dashboard.components.navigate import go
from dashboard.components.start_from import start_from
from dashboard.components.toml_editor import toml_editor
from dashboard.launching import draft
from dashboard.services import Services, services
from engine.errors import BertFrontierError
from engine.experiment import ExperimentSpec
from engine.extracting import text_after
from engine.inputs import check_inputs
from engine.launch import submit


def page() -> None:
    """Draw the form, the text and the launch button."""
    present = services()
    try:
        draft.begin(lambda name, purpose: text_after(present.store, name, purpose))
    except BertFrontierError as error:
        st.warning(formats.literal(str(error)))
        draft.begin_with("demo")
    spec, problem = draft.checked()
    st.title("New experiment")
    form, text = st.columns([1.25, 1], gap="medium")
    with form:
        start_from(present)
        if draft.document() is None:
            st.info("The form follows as soon as the text beside it is valid TOML again.")
        else:
            spec_form.draw(present, spec)
    with text.container(key="spec_text"):
        _verdict(present, spec, problem)
        toml_editor(draft.text(), problem, draft.rewrite)


def _verdict(present: Services, spec: ExperimentSpec | None, problem: str | None) -> None:
    """Whether it can be launched, the button, and every fault."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**experiment.toml**", width="content")
        st.caption(
            "Valid. An edit on either side shows on the other." if spec is not None else "", width="stretch"
        )
        st.button(
            "Launch", type="primary", disabled=spec is None, key="launch", on_click=_launch, args=(present,)
        )
    for part in draft.problems(problem) if problem else []:
        st.error(formats.literal(part))


def _launch(present: Services) -> None:
    spec, problem = draft.checked()
    if spec is None:
        st.toast(formats.literal(problem or "The specification has errors."))
        return
    try:
        check_inputs(spec)
        row = submit(present.store, present.home, spec)
    except BertFrontierError as error:
        st.toast(formats.literal(str(error)))
        return
    draft.forget()
    go("experiment", id=row.name)


page()

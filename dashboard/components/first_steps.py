"""What to do first, where there is no experiment yet."""

from __future__ import annotations

import streamlit as st

from dashboard.components.import_dialog import open_study
from dashboard.components.navigate import go
from dashboard.components.notices import attempt
from dashboard.services import Services
from engine.launch import submit
from engine.spec_files import parse_spec, preset_text


def first_steps(present: Services) -> None:
    """Draw the three ways in."""
    st.markdown(
        "Find the smaller BERT your task needs: distil many students from one teacher, watch the frontier of "
        "quality against size grow, and take away the model that fits."
    )
    demo, own, study = st.columns(3)
    with demo.container(border=True, height="stretch"):
        st.subheader("Run the demo")
        st.markdown(
            "A small corpus and a small teacher made on this machine, and a search of a dozen students. "
            "It takes a few minutes and needs no network and no GPU."
        )
        st.button(
            "Run the demo", type="primary", on_click=attempt, args=(_launch_demo, present), key="run_demo"
        )
    with own.container(border=True, height="stretch"):
        st.subheader("Use my own data")
        st.markdown(
            "Question answering, GLUE and SuperGLUE, a classification of your own, or pre-training on text: give "
            "data and a teacher, choose what to search, and how much it may cost."
        )
        st.button(
            "Set up an experiment", on_click=go, args=("new",), kwargs={"preset": "quick"}, key="own_data"
        )
    with study.container(border=True, height="stretch"):
        st.subheader("Open a study from Optuna")
        st.markdown(
            "Trials that were run elsewhere, from Optuna's storage or a table: their frontier, what mattered, what-if "
            "and SQL, without training anything again."
        )
        st.button("Choose a file", key="open_study", on_click=open_study)
    st.caption("From a terminal, while this server runs:")
    st.code("bert-frontier run my.toml\nbert-frontier import study.db --name my-study", language="bash")


def _launch_demo(present: Services) -> None:
    row = submit(present.store, present.home, parse_spec(preset_text("demo"), "preset demo"))
    go("experiment", id=row.name)

"""First page: every experiment with its state, its progress and what it has found."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.charts.sparkline import sparkline
from dashboard.components.navigate import go
from dashboard.components.notices import attempt
from dashboard.components.states import preparation, progress_line, state_badge
from dashboard.live import follow
from dashboard.services import Services, services
from dashboard.tables import status
from dashboard.task_words import task_words
from dashboard.verdict import claims
from dashboard.views import colours, look
from engine.launch import submit
from engine.lifecycle import ACTIVE_EXPERIMENT_STATES
from engine.metrics import quality_and_cost
from engine.overview import Overview
from engine.spec_files import parse_spec, preset_text
from storage.changes import fingerprints
from storage.experiments import ExperimentRow, list_experiments

# Experiments on one page of the list.
PAGE_SIZE = 20


def page() -> None:
    """Draw the list, or what to do first where there is nothing to list."""
    present = services()
    follow(present.store, lambda: (fingerprints(present.store), present.runner.last_error))
    rows = list_experiments(present.store)[::-1]
    head = st.container(horizontal=True, vertical_alignment="bottom")
    with head:
        st.title("Experiments", width="stretch")
    if not rows:
        _first_steps(present)
        return
    with head:
        st.button(
            "New experiment",
            type="primary",
            on_click=go,
            args=("new",),
            kwargs={"preset": "demo"},
            key="new_experiment",
        )
    wanted = ""
    if len(rows) > 3:
        wanted = st.text_input(
            "Search",
            key="search",
            placeholder="Search by name or state",
            label_visibility="collapsed",
            live=True,
        )
    found = [row for row in rows if (wanted or "").lower() in f"{row.name} {row.state} {row.task}".lower()]
    if not found:
        st.info(f"No experiment has {formats.literal(repr(wanted))} in its name or state.")
        return
    pages = -(-len(found) // PAGE_SIZE)
    number = st.pagination(pages, key="page") if pages > 1 else 1
    for row in found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]:
        _experiment(present, row)


def _experiment(present: Services, row: ExperimentRow) -> None:
    view, _ = look(present.store, row.name)
    with st.container(border=True):
        name, progress, claim, picture = st.columns([2.2, 3, 4, 1.2], vertical_alignment="center")
        with name:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.page_link(
                    "app_pages/experiment.py", label=f":blue[**{row.name}**]", query_params={"id": row.name}
                )
                state_badge(row.state)
            st.caption(
                f"{formats.literal(task_words(row.task))} \u00b7 {_unbroken(formats.ago(row.created_at))}"
            )
        with progress:
            waiting = preparation(view)
            share = view.teacher.progress if waiting else min(1.0, view.done / max(1, view.budget))
            if row.state in ACTIVE_EXPERIMENT_STATES or share < 1:
                st.progress(min(1.0, share))
            st.caption(waiting or progress_line(view))
        with claim:
            st.markdown(_headline(view))
        with picture:
            st.image(sparkline(_points(view), colours()), width=120)


def _unbroken(text: str) -> str:
    return text.replace(" ", "\u00a0")


def _headline(view: Overview) -> str:
    """The first claim, or why there is none yet."""
    if told := claims(view):
        return told[0]
    if view.experiment.state == "failed":
        return f":red[{formats.literal(view.experiment.reason or 'It failed.')}]"
    return ":gray[What it has found appears here once the baseline is measured.]"


def _points(view: Overview) -> list[tuple[float, float, str]]:
    names = quality_and_cost(view.spec.metrics)
    if names is None:
        return []
    quality, cost = (metric.name for metric in names)
    return [
        (
            view.measured[trial.number].metrics[cost],
            view.measured[trial.number].metrics[quality],
            status(view, trial),
        )
        for trial in view.students
        if trial.number in view.measured and {quality, cost} <= view.measured[trial.number].metrics.keys()
    ]


def _first_steps(present: Services) -> None:
    st.markdown(
        "Find the smaller BERT your task needs: distil many students from one teacher, watch the frontier of "
        "quality against size grow, and take away the model that fits."
    )
    demo, own, terminal = st.columns(3)
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
    with terminal.container(border=True, height="stretch"):
        st.subheader("From a terminal or notebook")
        st.markdown("The same experiment as a file. While this server runs, the command hands it over to it.")
        st.code("bert-frontier run my.toml", language="bash")


def _launch_demo(present: Services) -> None:
    row = submit(present.store, present.home, parse_spec(preset_text("demo"), "preset demo"))
    go("experiment", id=row.name)


page()

"""The data behind experiments: contexts with questions and answers, texts with labels, and what they are like."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import formats
from dashboard.background import KeptWork, Work
from dashboard.components import address
from dashboard.components.data_browser import label_browser, passage_browser, question_browser
from dashboard.components.data_figures import labels_figure, lengths_figures, topics_figure, values_figure
from dashboard.components.navigate import link
from dashboard.components.notices import not_found
from dashboard.components.pages import PAGE
from dashboard.components.share import share_button
from dashboard.data_sources import DataSource, data_sources
from dashboard.services import services
from engine.controls import IMPORTED
from engine.data_parts import DataPart, DataParts
from engine.errors import BertFrontierError
from engine.experiment import ExperimentSpec
from engine.kept_data import shown_data, shown_key
from engine.launch import stored_spec
from storage.datasets import Length, labels_frame, topics_frame
from storage.experiments import get_experiment, list_experiments
from storage.store import Store

KEPT = 3
"""Datasets that are kept in memory once they have been read."""
QUICK_SECONDS = 1.0
LOOK_SECONDS = 0.5
EXAMPLES, FIGURES, LENGTHS = "examples", "figures", "lengths"
FILTERS = ("search", "topic", "answer", "label", PAGE)
_QUESTION_WORDS: dict[Length, str] = {
    "context_words": "contexts",
    "question_words": "questions",
    "gold_words": "answers",
}
_works: KeptWork[DataParts] = KeptWork(KEPT)


def page() -> None:
    """Draw the data of the experiment the address names, or of the newest one."""
    present = services()
    sources = data_sources(list_experiments(present.store))
    if not sources:
        st.title("Data")
        st.info("The data of your experiments are shown here. Start with an experiment.")
        link("experiments", ":blue[To the experiments]")
        return
    name = st.query_params.get("experiment", sources[0].experiments[0])
    try:
        row = get_experiment(present.store, name)
        spec = stored_spec(row)
    except BertFrontierError as error:
        not_found(str(error))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title("Data", width="stretch")
        share_button(present, "data", f"Data of {name}", experiment=name)
    if not present.shared:
        _choose(sources, name)
    if row.strategy == IMPORTED:
        st.info("This study was run with another tool, so that nothing is known of its data.")
        return
    try:
        work = _works.get(shown_key(spec, present.home.cache), lambda: shown_data(spec, present.home.cache))
    except BertFrontierError as error:
        _unreadable(error)
        return
    if not work.done(QUICK_SECONDS):
        _reading(work, name)
    elif work.result is None:
        _unreadable(work.error)
    else:
        _data(present.store, spec, work.result)


def _choose(sources: Sequence[DataSource], name: str) -> None:
    chosen = next((source for source in sources if name in source.experiments), sources[0])
    st.session_state["data source"] = sources.index(chosen)

    def change() -> None:
        st.query_params.clear()
        st.query_params["experiment"] = sources[st.session_state["data source"]].experiments[0]

    st.selectbox(
        "Data of",
        range(len(sources)),
        format_func=lambda place: sources[place].words,
        key="data source",
        label_visibility="collapsed",
        on_change=change,
    )


def _data(store: Store, spec: ExperimentSpec, data: DataParts) -> None:
    names = list(data.parts)
    name = address.asked("part", names, names[0])
    st.session_state["data part"] = name
    st.segmented_control(
        "Part",
        names,
        format_func=lambda item: f"{item} ({data.parts[item].total:,})",
        key="data part",
        required=True,
        label_visibility="collapsed",
        on_change=lambda: address.note("part", st.session_state["data part"], names[0], forget=FILTERS),
    )
    part = data.parts[name]
    _facts(spec, data, part)
    head = spec.task.info.head
    titles = {
        EXAMPLES: {"span": "Contexts and questions", "masked_lm": "Passages"}.get(head, "Examples"),
        FIGURES: "Topics" if head == "span" else "Values" if data.regression else "Labels",
        LENGTHS: "Lengths",
    }
    if head == "masked_lm":
        del titles[FIGURES]
    shown = address.asked("show", list(titles), EXAMPLES)
    st.session_state["data view"] = shown
    st.segmented_control(
        "Show",
        list(titles),
        format_func=titles.__getitem__,
        key="data view",
        required=True,
        label_visibility="collapsed",
        on_change=lambda: address.note("show", st.session_state["data view"], EXAMPLES),
    )
    if shown == LENGTHS:
        _lengths(store, spec, part)
    elif shown == FIGURES:
        _figures(store, spec, data, part)
    else:
        _examples(store, spec, data, part)


def _facts(spec: ExperimentSpec, data: DataParts, part: DataPart) -> None:
    kept = part.tables.examples.num_rows
    told = [f"`{spec.task.dataset}`" + (f" and `{spec.task.eval_dataset}`" if spec.task.eval_dataset else "")]
    told.append("as experiments have prepared it" if data.prepared else "as an experiment would sample it")
    if kept < part.total:
        told.append(f"the first {kept:,} of {part.total:,} can be looked at")
    st.caption(" \u00b7 ".join(told))


def _examples(store: Store, spec: ExperimentSpec, data: DataParts, part: DataPart) -> None:
    head = spec.task.info.head
    if head == "masked_lm":
        passage_browser(store, part.tables)
    elif head == "span":
        question_browser(store, part.tables, list(topics_frame(store, part.tables)["topic"]))
    else:
        labels = [] if data.regression else list(labels_frame(store, part.tables)["label"])
        pairs = part.tables.contexts.num_rows > 1
        groups = bool(len(topics_frame(store, part.tables)))
        label_browser(store, part.tables, labels, pairs=pairs, groups=groups)


def _figures(store: Store, spec: ExperimentSpec, data: DataParts, part: DataPart) -> None:
    if spec.task.info.head == "span":
        topics_figure(store, part)
    elif data.regression:
        values_figure(store, part)
    else:
        labels_figure(store, data)


def _lengths(store: Store, spec: ExperimentSpec, part: DataPart) -> None:
    words = dict(_QUESTION_WORDS)
    if spec.task.info.head != "span":
        single = part.tables.contexts.num_rows <= 1
        words = (
            {"question_words": "texts"}
            if single
            else {"question_words": "first texts", "context_words": "second texts"}
        )
    lengths_figures(store, part, words, spec.task.max_length)


def _unreadable(error: BertFrontierError | None) -> None:
    st.warning(formats.literal(f"These data cannot be shown: {error}."))


@st.fragment(run_every=LOOK_SECONDS)
def _reading(work: Work[DataParts], name: str) -> None:
    """How long it takes, until the data have been read."""
    if work.done():
        st.rerun()
    st.info(f"Reading the data of {formats.literal(name)}: {formats.duration(work.seconds)} so far.")


page()

"""Browsing a trial's answers: which examples, one of them in full, and a page of the others to choose from."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.answer_views import answers_of
from dashboard.answer_words import group_words, kind_label, kinds_of
from dashboard.components.address import choice, note, text
from dashboard.components.browser_manners import free_keys
from dashboard.components.one_answer import one_answer
from dashboard.services import Services
from engine.answers import answer_files
from engine.errors import BertFrontierError
from engine.exporting import parse_trial_name
from engine.overview import Overview
from storage.answer_queries import (
    Wanted,
    answer_counts,
    answer_page,
    errors_by_topic,
    place_of,
)
from storage.answers import Answers, read_answer
from storage.store import Store
from storage.trials import TrialRow, get_trial

PAGE = 20
"""Examples of one page."""
ANY, NOBODY = "", ""
SHORT = 90
"""Characters of a text in a table."""
CHOSEN = "\u25b6"
"""Before the number of the example that is shown."""
NO_ANSWER = "\u2013"


def load(present: Services, view: Overview, trial: TrialRow) -> Answers | None:
    """The trial's answers; where there are none, says why and gives None."""
    try:
        files = answer_files(
            present.home, view.spec.task.info.head, trial, view.teacher, _other(present.store, view)
        )
        return answers_of(present.store, files)
    except BertFrontierError as error:
        told = str(error)
        st.info(formats.literal(told[:1].upper() + told[1:] + "."))
        return None


def answers_panel(present: Services, view: Overview, trial: TrialRow) -> None:
    """Draw the browser; its state stands in the address as ``show``, ``topic``, ``find``, ``with`` and ``example``."""
    answers = load(present, view, trial)
    if answers is None:
        return
    store = present.store
    wanted, count = _filters(store, view, trial, answers)
    example = st.query_params.get("example", "")
    place = place_of(store, answers, wanted, example) if example else 0
    if not count:
        st.info("No example is of this kind. Choose another kind, or another topic, above.")
        return
    first = 0 if place is None else place - place % PAGE
    page = answer_page(store, answers, wanted, offset=first, limit=PAGE)
    if place is None or not example:
        place, example = 0, str(page["example"].iloc[0])
    _steps(store, answers, wanted, place, count)
    try:
        full = read_answer(answers, example)
    except BertFrontierError as error:
        st.error(formats.literal(str(error)))
        return
    one_answer(view, trial, full, answers.graded, st.query_params.get("with"))
    _table(page, answers, place - first, first, count)


def _filters(store: Store, view: Overview, trial: TrialRow, answers: Answers) -> tuple[Wanted, int]:
    """What the person wants to see, and how many examples that are."""
    kinds = kinds_of(answers, trial.role)
    topics = [str(topic) for topic in errors_by_topic(store, answers)["topic"]]
    other = st.query_params.get("with")
    forget = ["example"]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="answer_filters"):
        topic = st.query_params.get("topic", ANY)
        find = st.query_params.get("find", "")
        counts = answer_counts(store, answers, topic or None, find)
        kind = choice(
            "Show",
            "show",
            kinds,
            "all",
            words=lambda name: kind_label(name, counts[name], other),
            forget=forget,
            width=330,
        )
        if len(topics) > 1:
            words = group_words(answers)
            shown = [ANY, *sorted(topics)]
            topic = choice(
                f"{words[:1].upper()}{words[1:]}",
                "topic",
                shown,
                ANY,
                words=lambda name: name or "any",
                forget=forget,
                width=220,
            )
        find = text("Find", "find", forget=forget, placeholder="in questions and answers", width=220)
        others = _comparable(view, trial)
        if others:
            choice(
                "Beside it",
                "with",
                [NOBODY, *others],
                NOBODY,
                words=lambda name: name or "no other trial",
                forget=[*forget, *(["show"] if kind in ("only-this", "only-other", "other-answer") else [])],
                width=200,
            )
    return Wanted(kind, topic or None, find), counts[kind]


def _comparable(view: Overview, trial: TrialRow) -> list[str]:
    """Trials whose answers may stand beside: the one in the address, the baseline, and the frontier."""
    chosen = [item for item in view.students if item.on_frontier or item.role == "baseline"]
    names = [f"{view.experiment.name}/{item.number}" for item in chosen if item.number != trial.number]
    named = st.query_params.get("with")
    return list(dict.fromkeys([*([named] if named else []), *names]))[:30]


def _other(store: Store, view: Overview) -> TrialRow | None:
    """The trial that the address names beside this one; only one of the same experiment has the same examples."""
    named = st.query_params.get("with")
    if not named:
        return None
    name, number = parse_trial_name(named)
    return get_trial(store, name, number) if name == view.experiment.name else None


def _steps(store: Store, answers: Answers, wanted: Wanted, place: int, count: int) -> None:
    """Buttons and arrow keys to the neighbours."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="answer_steps"):
        for label, to, key in (("Previous", place - 1, "Left"), ("Next", place + 1, "Right")):
            st.button(
                label,
                key=f"answer {label}",
                shortcut=key,
                disabled=not 0 <= to < count,
                on_click=_go,
                args=(store, answers, wanted, to),
            )
        st.markdown(f"**{place + 1:,}** of {count:,}", width="content")
        free_keys()


def _go(store: Store, answers: Answers, wanted: Wanted, place: int) -> None:
    page = answer_page(store, answers, wanted, offset=place, limit=1)
    if len(page):
        note("example", str(page["example"].iloc[0]))


def _table(page: pd.DataFrame, answers: Answers, chosen: int, first: int, count: int) -> None:
    """The examples around the one that is shown; a click shows another."""
    marks = {1.0: "right", 0.0: "wrong"}
    columns = {
        "no.": [f"{CHOSEN if place == chosen else ''} {first + place + 1:,}" for place in range(len(page))],
        "question": page["question"].str.slice(0, SHORT),
        group_words(answers): page["topic"],
        "right answer": _short(page["gold"]),
        "this trial": _short(page["answer"]),
    }
    if answers.graded:
        columns["is"] = page["correct"].map(marks).fillna("partly")
    if answers.files.teacher is not None:
        columns["teacher"] = _short(page["teacher_answer"])
    if answers.files.other is not None:
        columns[st.query_params.get("with", "other")] = _short(page["other_answer"])
    key = f"answers {first}"

    def opened() -> None:
        selection = st.session_state[key].selection
        rows = [*selection.rows, *(row for row, _ in selection.cells)]
        if rows:
            note("example", str(page["example"].iloc[rows[0]]))

    st.dataframe(
        pd.DataFrame(columns),
        hide_index=True,
        height="content",
        row_height=30,
        placeholder="\u2013",
        key=key,
        on_select=opened,
        selection_mode=["single-row", "single-cell"],
        column_config={
            "no.": st.column_config.TextColumn("no.", width=60, alignment="right"),
            "question": st.column_config.TextColumn("question", width="large"),
        },
        alt="The examples around the one shown",
    )
    last = min(first + PAGE, count)
    st.caption(
        f"Examples {first + 1:,} to {last:,} of {count:,}. Click a row to see it; the left and right arrow keys go on."
    )


def _short(texts: pd.Series) -> pd.Series:
    """Answers as they fit into a table; no answer as a dash."""
    return texts.str.slice(0, SHORT).replace("", NO_ANSWER)

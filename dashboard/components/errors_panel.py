"""Where a trial goes wrong: its errors by topic, and which labels it takes for which."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.answer_words import group_words
from dashboard.charts.confusions import confusions_chart
from dashboard.charts.topics import topics_chart
from dashboard.components.address import note
from dashboard.components.answers_panel import load
from dashboard.components.chart import chart
from dashboard.services import Services
from dashboard.views import colours
from engine.overview import Overview
from storage.answer_queries import MAX_LABELS, MAX_TOPICS, answer_counts, confusions, errors_by_topic
from storage.answers import Answers
from storage.trials import TrialRow

_COLUMNS = (
    ("examples", "localized", None),
    ("wrong", "localized", "Wrong answers"),
    ("wrong (%)", "%.1f", "Share of wrong answers"),
    ("unanswerable", "localized", "Answered though the text has no answer"),
    ("missed", "localized", "Not answered though the text has an answer"),
    ("teacher (%)", "%.1f", "The teacher\u2019s share of wrong answers"),
    ("mean distance", "%.2f", "From the right value"),
)
"""Name, format and meaning of the columns of figures."""
ROW_HEIGHT = 30
MAX_HEIGHT = 560


def errors_panel(present: Services, view: Overview, trial: TrialRow) -> None:
    """A chart and a table of topics; a click shows the answers behind one."""
    answers = load(present, view, trial)
    if answers is None:
        return
    topics = errors_by_topic(present.store, answers)
    words = group_words(answers)
    st.markdown(_summary(answers, answer_counts(present.store, answers), trial.role))
    if not answers.graded:
        _table(topics, words, answers)
        return
    table = pd.DataFrame() if answers.spans else confusions(present.store, answers)
    few_labels = not answers.spans and 1 < table["gold"].nunique() < MAX_LABELS
    left, right = st.columns([1, 1.15])
    with left:
        if few_labels:
            chart(confusions_chart(table, colours()), key="confusions", alt="Answers by right label")
        else:
            chart(
                topics_chart(topics, words, colours()),
                key="topics",
                alt=f"Share of wrong answers by {words}",
                on_click=lambda place: _show(topics, place),
            )
    with right:
        _table(topics, words, answers)


def _summary(answers: Answers, counts: dict[str, int], role: str) -> str:
    total = counts["all"]
    if not answers.graded:
        return f"{total:,} examples, each with a number as its answer."
    told = f"**{counts['wrong']:,} of {total:,}** answers are wrong"
    if answers.spans:
        parts = (
            ("answered-unanswerable", "answer the unanswerable"),
            ("missed-answer", "miss an answer"),
            ("wrong-span", "answer something else"),
        )
        told += f": {', '.join(f'{counts[kind]:,} {words}' for kind, words in parts)}"
    if answers.files.teacher is not None and role != "teacher":
        told += f". Of them the teacher has {counts['only-teacher']:,} right"
    return told + "."


def _table(topics: pd.DataFrame, words: str, answers: Answers) -> None:
    shown = {words: topics["topic"].replace("", "(none)"), "examples": topics["examples"]}
    if answers.graded:
        shown |= {"wrong": topics["errors"], "wrong (%)": 100 * topics["error_share"]}
        if answers.spans:
            shown |= {
                "unanswerable": topics["answered_unanswerable"],
                "missed": topics["missed_answers"],
            }
        if topics["teacher_error_share"].notna().any():
            shown["teacher (%)"] = 100 * topics["teacher_error_share"]
    else:
        shown["mean distance"] = topics["miss"]
    frame = pd.DataFrame(shown)

    def opened() -> None:
        selection = st.session_state["topics_table"].selection
        rows = [*selection.rows, *(row for row, _ in selection.cells)]
        if rows:
            _show(topics, rows[0])

    st.dataframe(
        frame,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=min(MAX_HEIGHT, ROW_HEIGHT * (len(frame) + 1) + 4),
        key="topics_table",
        on_select=opened,
        selection_mode=["single-row", "single-cell"],
        placeholder="\u2013",
        column_config={
            name: st.column_config.NumberColumn(name, format=form, help=told) for name, form, told in _COLUMNS
        },
        alt=f"Errors by {words}",
    )
    more = f" The {MAX_TOPICS} with the most errors are listed." if len(frame) == MAX_TOPICS else ""
    st.caption(f"Click a row to see the answers behind it.{more}")


def _show(topics: pd.DataFrame, place: int) -> None:
    st.session_state["part"] = "Answers"
    note("show", "wrong" if topics["error_share"].notna().any() else "far", forget=["example", "find"])
    note("topic", str(topics["topic"].iloc[place]))

"""One example in full: what was asked, what is right, and what the trial and its teacher answered, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import streamlit as st

from dashboard import formats
from dashboard.answer_words import answered, distance, hesitation, verdict
from dashboard.marked_text import Mark, Passage, key_html, marked_html
from dashboard.share_bars import share_bars
from dashboard.views import colours
from engine.overview import Overview
from storage.answers import FullAnswer
from storage.trials import TrialRow

_COLOURS: Mapping[str, Literal["green", "red", "orange"]] = {"right": "green", "wrong": "red"}


def one_answer(view: Overview, trial: TrialRow, full: FullAnswer, graded: bool, other: str | None) -> None:
    """Question and answers on the left, the text with its marks on the right.

    Args:
        view: the experiment.
        trial: whose answer it is.
        full: the example.
        graded: whether answers are right or wrong.
        other: name of the trial beside, if there is one.
    """
    left, right = st.columns([1, 1.5], gap="medium")
    with left:
        st.markdown(f"#### {formats.literal(_line(full.question))}" if full.question else "#### (no text)")
        if full.topic:
            st.caption(formats.literal(full.topic))
        _right_answer(full)
        found = view.measured.get(trial.number)
        threshold = None if found is None else found.metrics.get("no_answer_threshold")
        own = "The teacher answered" if trial.role == "teacher" else "This trial answered"
        _given(own, full.own, hesitation(full.own, threshold) or (None if graded else distance(full)))
        if trial.role != "teacher" and full.teacher is not None:
            _given("The teacher answered", full.teacher, None)
        if other and full.other is not None:
            _given(f"{other} answered", full.other, None)
    with right:
        _context(full)


def passages(full: FullAnswer) -> list[Passage]:
    """Where accepted and given answers stand in the context."""
    found = [
        Passage(start, start + len(gold), Mark.RIGHT)
        for gold, start in zip(full.golds, full.starts, strict=False)
    ]
    start, end = full.own.get("start"), full.own.get("end")
    if start is not None and end is not None and end > start:
        found.append(Passage(start, end, Mark.GIVEN if full.own.get("answer") else Mark.HELD_BACK))
    return found


def _context(full: FullAnswer) -> None:
    palette = colours()
    shares = full.own.get("probabilities")
    if full.context:
        marks = passages(full)
        with st.container(border=True, key="answer_context"):
            st.html(marked_html(full.context, marks, palette))
        kinds = [mark for mark in Mark if any(item.mark is mark for item in marks)]
        if kinds:
            st.html(key_html(kinds, palette))
    if shares:
        st.markdown("**How likely the trial holds each answer to be**")
        named = dict(zip(full.own["labels"], shares, strict=True))
        st.html(share_bars(named, full.golds, str(full.own.get("answer")), palette))
    if not full.context and not shares:
        st.caption("There is no further text.")


def _right_answer(full: FullAnswer) -> None:
    told = " \u00b7 ".join(dict.fromkeys(full.golds))
    st.markdown(f"Right: **{formats.literal(told)}**" if told else "Right: **no answer**, the text has none")


def _given(who: str, found: Mapping[str, Any], more: str | None) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"{formats.literal(who)}: **{formats.literal(_line(answered(found)))}**", width="content")
        told = verdict(found)
        if told is not None:
            st.badge(told, color=_COLOURS.get(told, "orange"))
    if more:
        st.caption(formats.literal(more))


def _line(text: str) -> str:
    """A text on one line of Markdown, its own lines kept apart."""
    return "  \n".join(part for part in text.splitlines() if part.strip())

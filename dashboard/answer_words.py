"""A trial's answers in words: the kinds of examples, and what one answer says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard import formats
from storage.answers import Answers, FullAnswer

KIND_WORDS = {
    "all": "all",
    "wrong": "wrong",
    "right": "right",
    "only-teacher": "student wrong, teacher right",
    "only-student": "student right, teacher wrong",
    "answered-unanswerable": "answered the unanswerable",
    "missed-answer": "missed an answer",
    "wrong-span": "answered something else",
    "sure-wrong": "sure and wrong",
    "far": "farthest from right first",
    "only-this": "right here, wrong in {other}",
    "only-other": "wrong here, right in {other}",
    "other-answer": "answered otherwise than {other}",
}
"""Every kind of ``storage.answer_queries.KINDS``."""


def kinds_of(answers: Answers, role: str) -> list[str]:
    """The kinds that mean something for a trial's answers, in the order they are offered."""
    kinds = ["all"]
    if not answers.graded:
        kinds += ["far"]
    else:
        kinds += ["wrong"]
        if answers.files.teacher is not None and role != "teacher":
            kinds += ["only-teacher", "only-student"]
        kinds += ["answered-unanswerable", "missed-answer", "wrong-span"] if answers.spans else ["sure-wrong"]
        kinds += ["right"]
    if answers.files.other is not None:
        kinds += ["only-this", "only-other", "other-answer"] if answers.graded else ["other-answer"]
    return kinds


def kind_label(kind: str, count: int, other: str | None) -> str:
    """A kind with how many examples are of it."""
    return f"{KIND_WORDS[kind].format(other=other)} ({count:,})"


def group_words(answers: Answers) -> str:
    """What the topics are: those of the data, or right labels in their place."""
    if answers.spans:
        return "topic"
    return "right label" if answers.graded else "right value, rounded"


def answered(found: Mapping[str, Any] | None) -> str:
    """An answer as text; an empty one in words."""
    if found is None:
        return "was not asked"
    return str(found.get("answer") or "no answer")


def verdict(found: Mapping[str, Any] | None) -> str | None:
    """Whether an answer is right: right, wrong, or partly with its F1; None where nothing says so."""
    score = None if found is None else found.get("score")
    if found is None or score is None:
        return None
    if score >= 1:
        return "right"
    partial = found.get("partial", 0.0)
    return f"partly right, F1 {partial:.2f}" if 0 < partial < 1 else "wrong"


def hesitation(found: Mapping[str, Any], threshold: float | None) -> str | None:
    """How near a question was to being answered, or not; None where answers are no parts of a text."""
    odds = found.get("null_odds")
    if odds is None or threshold is None:
        return None
    margin = odds - threshold
    if found.get("answer"):
        return f"Answered with {abs(margin):.1f} logits to spare over giving no answer."
    best = found.get("best_span")
    return (
        f"Its best answer, \u201c{best}\u201d, fell short of giving none by {margin:.1f} logits."
        if best
        else None
    )


def distance(full: FullAnswer) -> str | None:
    """How far a regression is off; None for other tasks."""
    value = full.own.get("value")
    try:
        right = float(full.golds[0])
    except (IndexError, ValueError):
        return None
    return None if value is None else f"{formats.parameter(abs(float(value) - right))} off"

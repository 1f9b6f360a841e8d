"""Transformations of question answering that change the context; those that change the question are all the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from pydantic import Field

from engine.agora.draws import Draw
from engine.agora.texts import Text
from engine.agora.transformations.interface import Resources, Transformation, TransformationSettings, each
from engine.agora.transformations.registry import register
from engine.agora.words import sentences
from engine.tasks.squad.records import Answer

ATTEMPTS = 20
"""Contexts looked at for one that lacks every answer."""


def crop_keeping(text: Text, draw: Draw) -> Text | None:
    """The context cut to some sentences in a row that hold the first answer; answers outside are no longer accepted.

    Of an unanswerable question any sentences may stay.
    """
    if text.answers is None or text.second is None:
        return None
    spans = sentences(text.second)
    if len(spans) < 2:
        return None
    first = last = draw.below(len(spans))
    if text.answers:
        touched = _touched(spans, text.answers[0])
        first, last = touched[0], touched[-1]
    start = draw.below(first + 1)
    # Where everything in front stays, at least the last sentence behind goes.
    ends = range(last, len(spans) - (start == 0))
    if not ends:
        if first == 0:
            return None
        start, ends = 1 + draw.below(first), range(last, len(spans))
    return _cut(text, text.second, spans[start][0], spans[draw.choice(ends)][1])


def crop_removing(text: Text, draw: Draw) -> Text | None:  # noqa: ARG001 - there is nothing to choose
    """The context without the sentences that hold any accepted answer, so that the question has none."""
    if not text.answers or text.second is None:
        return None
    spans = sentences(text.second)
    gone = {number for answer in text.answers for number in _touched(spans, answer)}
    kept = "".join(text.second[start:end] for number, (start, end) in enumerate(spans) if number not in gone)
    return replace(text, second=kept.strip(), answers=()) if kept.strip() else None


def move_question(text: Text, draw: Draw, contexts: Sequence[str]) -> Text | None:
    """The question asked of another context, in which no accepted answer stands: it has none by construction."""
    if text.answers is None or not contexts:
        return None
    answers = [answer.text.casefold() for answer in text.answers]
    for _ in range(ATTEMPTS):
        context = draw.choice(contexts)
        if context != text.second and not any(answer in context.casefold() for answer in answers):
            return replace(text, second=context, answers=())
    return None


def _touched(spans: Sequence[tuple[int, int]], answer: Answer) -> list[int]:
    """Numbers of the sentences that an answer is in."""
    return [
        number
        for number, (start, end) in enumerate(spans)
        if start < max(answer.end, answer.start + 1) and answer.start < end
    ]


def _cut(text: Text, context: str, start: int, end: int) -> Text:
    kept = context[start:end]
    start += len(kept) - len(kept.lstrip())
    kept = kept.strip()
    answers = tuple(
        Answer(answer.text, answer.start - start)
        for answer in text.answers or ()
        if start <= answer.start and answer.end <= start + len(kept)
    )
    return replace(text, second=kept, answers=answers)


@register("context_crop")
class ContextCrop(TransformationSettings):
    """Keeps some sentences of the context, or takes those with the answer out of it."""

    answer: Literal["keep", "remove"] = Field(
        default="keep", description="Whether the answer stays in the context or goes."
    )

    def build(self, resources: Resources) -> Transformation:  # noqa: ARG002
        """The transformation."""
        return each(crop_keeping if self.answer == "keep" else crop_removing)


@register("moved_question")
class MovedQuestion(TransformationSettings):
    """Asks the question of another context of the training data."""

    def build(self, resources: Resources) -> Transformation:
        """The transformation."""
        return each(partial(move_question, contexts=resources.pools.contexts))

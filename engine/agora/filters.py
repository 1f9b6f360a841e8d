"""Decides which generated examples are worth a label, and which labelled ones are worth training on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from engine.agora.examples import Generated
from engine.agora.texts import same_label, text_key
from engine.agora.words import split, word_places
from engine.spec_sections import Section

Reason = Literal["evaluation", "training", "duplicate", "length", "confidence", "label", "balance"]
"""Why an example was left out."""

REASONS: dict[Reason, str] = {
    "evaluation": "is an evaluation example",
    "training": "is in the training data already",
    "duplicate": "was made before",
    "length": "too short or too long",
    "confidence": "the teacher is not sure enough",
    "label": "the label is not as asked for",
    "balance": "discarded so that labels are balanced",
}
"""Reasons in words."""


class FilterSection(Section):
    """Which generated examples are kept. Those that are in the evaluation data never are."""

    min_confidence: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="Least probability the teacher gives its label; regressions have none.",
    )
    label: Literal["any", "kept", "flipped"] = Field(
        default="any",
        description="Whether the teacher's label may differ from that of the parent: any, kept (must be the same) or "
        "flipped (must differ).",
    )
    min_words: int = Field(default=2, ge=1, description="Least words in the text that was changed.")
    max_words: int = Field(default=0, ge=0, description="Most words in an example; 0 sets no bound.")


class Left(NamedTuple):
    """An example that was left out, and why."""

    example: Generated
    reason: Reason


class Sifted(NamedTuple):
    """What came through, and what did not."""

    kept: tuple[Generated, ...]
    left: tuple[Left, ...]


def before_labels(
    examples: Sequence[Generated],
    evaluation: Collection[str],
    training: Collection[str],
    settings: FilterSection,
) -> Sifted:
    """Leaves out what needs no label: evaluation examples, known and repeated ones, and lengths out of bounds.

    Args:
        examples: of equal ones the first is kept.
        evaluation: ``text_key`` of every evaluation example.
        training: ``text_key`` of every training example, those generated in earlier rounds included.
        settings: the bounds.
    """
    seen: set[str] = set()

    def reason(item: Generated) -> Reason | None:
        key = text_key(item.text)
        if key in evaluation:
            return "evaluation"
        if key in training:
            return "training"
        if key in seen:
            return "duplicate"
        if not _fits(item, settings):
            return "length"
        seen.add(key)
        return None

    return _sift(examples, reason)


def after_labels(examples: Sequence[Generated], settings: FilterSection) -> Sifted:
    """Leaves out labels the teacher is not sure of, and those that are not as asked for.

    Args:
        examples: labelled ones.
        settings: what is asked for.
    """

    def reason(item: Generated) -> Reason | None:
        verdict = item.teacher
        assert verdict is not None, f"{item.id} has no label yet"
        if verdict.confidence is not None and verdict.confidence < settings.min_confidence:
            return "confidence"
        if settings.label == "any":
            return None
        said = verdict.label if verdict.value is None else verdict.value
        same = same_label(said, item.mistake.label)
        return None if same == (settings.label == "kept") else "label"

    return _sift(examples, reason)


def _fits(item: Generated, settings: FilterSection) -> bool:
    text, old = item.text, item.mistake.text
    first, second = _words(text.first), _words(text.second or "")
    if settings.max_words and first + second > settings.max_words:
        return False
    # A text that was short from the start says nothing against the example.
    return (text.first == old.first or first >= settings.min_words) and (
        text.second == old.second or second >= settings.min_words
    )


def _words(text: str) -> int:
    return len(word_places(split(text)))


def _sift(examples: Sequence[Generated], reason: Callable[[Generated], Reason | None]) -> Sifted:
    kept: list[Generated] = []
    left: list[Left] = []
    for item in examples:
        if (found := reason(item)) is None:
            kept.append(item)
        else:
            left.append(Left(item, found))
    return Sifted(tuple(kept), tuple(left))

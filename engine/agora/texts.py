"""What transformations work on: the texts of an example of any task, its label, and when two are the same."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from engine.tasks.sequence.records import Example
from engine.tasks.sequence.sampling import texts_key
from engine.tasks.squad.records import Answer, Question

Label = int | float | str
"""A class's number, the value of a regression, or the answer to a question ("" for none)."""

_MARKS = re.compile(r"\s*([^\w\s])\s*")


@dataclass(frozen=True, slots=True)
class Text:
    """The texts of one example.

    Attributes:
        first: The text, the first of a pair, or the question.
        second: The second of a pair, or the context an answer is looked for in; None for single texts.
        answers: Accepted answers as parts of ``second``, empty for an unanswerable question; None where the task is
            not question answering.
    """

    first: str
    second: str | None = None
    answers: tuple[Answer, ...] | None = None


def text_of(item: Example | Question) -> Text:
    """The texts of an example of either kind of task."""
    if isinstance(item, Question):
        return Text(item.question, item.context, item.answers)
    return Text(item.text, item.pair)


def label_of(item: Example | Question) -> Label:
    """The right label; of a question its first accepted answer."""
    if isinstance(item, Question):
        return item.answers[0].text if item.answers else ""
    return item.label


def text_key(text: Text) -> str:
    """Equal for texts that are the same but for case, white space, spaces around marks, and the order of a pair.

    Tokenizers see hardly more of a difference, so that what has the key of an evaluation example counts as it.
    """
    second = None if text.second is None else _plain(text.second)
    return texts_key(Example(id="", text=_plain(text.first), pair=second, label=0))


def text_keys(items: Iterable[Example | Question]) -> frozenset[str]:
    """Keys of a whole part of the data."""
    return frozenset(text_key(text_of(item)) for item in items)


def stratum(label: Label) -> int:
    """What labels are counted and balanced by: the class, the rounded value, or whether there is an answer."""
    if isinstance(label, str):
        return int(bool(label.strip()))
    return math.floor(label + 0.5)


def same_label(one: Label, other: Label) -> bool:
    """Whether two labels say the same; values do when they round to the same, answers but for case and space."""
    if isinstance(one, str) and isinstance(other, str):
        return _plain(one) == _plain(other)
    return stratum(one) == stratum(other)


def _plain(text: str) -> str:
    return _MARKS.sub(r"\1", " ".join(unicodedata.normalize("NFKC", text).casefold().split()))

"""The record of a generated example, from the mistake it grew from to the teacher's label, and its training example."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engine.agora.texts import Label, Text
from engine.tasks.sequence.records import Example
from engine.tasks.squad.records import Answer, Question, locate


@dataclass(frozen=True, slots=True)
class Mistake:
    """An evaluation example that the best student of a round got wrong.

    Attributes:
        parent: Id of the example.
        text: Its texts.
        label: The right label.
        answered: What the student said; None where that is not known.
        candidate: The candidate answer it asks about, for multiple choice.
    """

    parent: str
    text: Text
    label: Label
    answered: Label | None = None
    candidate: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the teacher says of an example.

    Attributes:
        label: Its label.
        confidence: Probability it gives that label, 0 to 1; None for a regression, which has none.
        start: Where an answer begins in the context, in characters; -1 where there is none.
        value: The teacher's value, where a regression is learned as classes and ``label`` is one of them.
    """

    label: Label
    confidence: float | None
    start: int = -1
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """An example made from a mistake.

    Attributes:
        id: Unique in its experiment, the same whenever the round is made again.
        round: The round whose training data it is made for, from 1; round 0 trains on the data as given.
        transformation: Name of what made it.
        mistake: What it was made from.
        text: The new texts.
        teacher: The teacher's label; None as long as it has not been asked.
    """

    id: str
    round: int
    transformation: str
    mistake: Mistake
    text: Text
    teacher: Verdict | None = None


def generated_id(round_number: int, parent: str, slot: int) -> str:
    """Id of the ``slot``-th example made from a mistake in a round."""
    digest = hashlib.blake2b(json.dumps([parent, slot]).encode("ascii"), digest_size=8).hexdigest()
    return f"agora-{round_number}-{digest}"


def training_example(made: Generated) -> Example:
    """The example of a text classification, regression or multiple-choice task to train on.

    It stands for itself: a candidate of its own is no part of the question its parent belongs to.
    """
    verdict = _verdict(made)
    assert not isinstance(verdict.label, str)
    return Example(
        id=made.id,
        text=made.text.first,
        pair=made.text.second,
        label=verdict.label,
        candidate=made.mistake.candidate,
        value=verdict.value,
    )


def training_question(made: Generated) -> Question:
    """The question to train on; an answer that is not where the teacher says, nor anywhere else alone, is none."""
    verdict = _verdict(made)
    context = made.text.second or ""
    answer = str(verdict.label)
    start = locate(context, answer, verdict.start)
    answers = () if start is None else (Answer(answer, start),)
    return Question(made.id, made.text.first, context, answers)


def to_record(made: Generated) -> dict[str, Any]:
    """As a dictionary that can be written as JSON; ``from_record`` gives the example back."""
    return asdict(made)


def from_record(record: Mapping[str, Any]) -> Generated:
    """What ``to_record`` was given, also after it was written as JSON and read."""
    mistake = dict(record["mistake"])
    mistake["text"] = _text(mistake["text"])
    teacher = record["teacher"]
    return Generated(
        id=record["id"],
        round=record["round"],
        transformation=record["transformation"],
        mistake=Mistake(**mistake),
        text=_text(record["text"]),
        teacher=None if teacher is None else Verdict(**teacher),
    )


def _text(record: Mapping[str, Any]) -> Text:
    answers = record["answers"]
    return Text(
        record["first"],
        record["second"],
        None if answers is None else tuple(Answer(item["text"], item["start"]) for item in answers),
    )


def _verdict(made: Generated) -> Verdict:
    assert made.teacher is not None, f"{made.id} has no label yet"
    return made.teacher

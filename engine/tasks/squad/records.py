"""Questions in SQuAD form as records, and the builder that checks what every reader finds in the same way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.errors import DatasetError


@dataclass(frozen=True, slots=True)
class Answer:
    """One accepted answer: ``context[start : start + len(text)] == text``."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Position in characters just behind the answer."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Question:
    """One question about one paragraph.

    Attributes:
        id: Unique in its dataset; predictions are keyed by it.
        question: The question as asked.
        context: The paragraph the answer is a part of.
        answers: Accepted answers, the first one is trained on; empty means unanswerable.
        topic: Title of the article, empty when the source has none.
        paragraph: Number of the distinct context in its dataset, in order of first appearance.
    """

    id: str
    question: str
    context: str
    answers: tuple[Answer, ...] = ()
    topic: str = ""
    paragraph: int = 0

    @property
    def answerable(self) -> bool:
        """Whether the context holds an answer."""
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Questions of one source, with what had to be mended.

    Attributes:
        questions: In the order of the source, ids unique.
        source: The path or Hub name and split, for messages and records.
        fingerprint: SHA-256 of the content, equal for equal questions wherever they came from.
        repaired: Answers whose offset was wrong and whose text occurs exactly once in the context.
        dropped: Answers left out because their text could not be placed.
        dropped_questions: Questions left out because all their answers were dropped; kept, they
            would have counted as unanswerable.
    """

    questions: tuple[Question, ...]
    source: str
    fingerprint: str
    repaired: int = 0
    dropped: int = 0
    dropped_questions: int = 0


def fingerprint(questions: Iterable[Question]) -> str:
    """Return the SHA-256 (hexadecimal) of the questions' content and order."""
    digest = hashlib.sha256()
    context: str | None = None
    for item in questions:
        answers = [[answer.text, answer.start] for answer in item.answers]
        record: list[object] = [item.id, item.question, answers, item.topic]
        # A context follows in full only where it changes: most neighbours share theirs.
        record.append(None if item.context == context else item.context)
        context = item.context
        digest.update(json.dumps(record).encode("ascii"))
    return digest.hexdigest()


def locate(context: str, text: str, start: int) -> int | None:
    """Return where ``text`` is in ``context``: at ``start``, else at its only occurrence, else nowhere."""
    if not text:
        return None
    if start >= 0 and context.startswith(text, start):
        return start
    found = context.find(text)
    return found if found >= 0 and context.find(text, found + 1) < 0 else None


@dataclass(slots=True)
class Builder:
    """Collects checked questions of one source; ``finish`` gives the dataset."""

    source: str
    _questions: list[Question] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)
    _paragraphs: dict[str, int] = field(default_factory=dict)
    _repaired: int = 0
    _dropped: int = 0
    _dropped_questions: int = 0

    def add(
        self, identifier: str, question: str, context: str, answers: Sequence[tuple[str, int]], topic: str
    ) -> None:
        """Add one question; wrong answer offsets are repaired or the answer is dropped.

        Raises:
            DatasetError: The identifier was seen before.
        """
        if identifier in self._ids:
            raise DatasetError(
                f"{self.source} holds two questions with the id {identifier!r}; predictions are keyed by id, "
                "so give each question its own"
            )
        self._ids.add(identifier)
        kept = self._place(context, answers)
        if answers and not kept:
            self._dropped_questions += 1
            return
        paragraph = self._paragraphs.setdefault(context, len(self._paragraphs))
        self._questions.append(Question(identifier, question, context, kept, topic, paragraph))

    def _place(self, context: str, answers: Sequence[tuple[str, int]]) -> tuple[Answer, ...]:
        kept: list[Answer] = []
        for text, start in answers:
            found = locate(context, text, start)
            if found is None:
                self._dropped += 1
                continue
            self._repaired += found != start
            kept.append(Answer(text, found))
        return tuple(kept)

    def finish(self) -> Dataset:
        """Return the dataset.

        Raises:
            DatasetError: No question was added or none is left.
        """
        if not self._questions:
            lost = f"; {self._dropped_questions} were dropped, their answers are not in their contexts"
            raise DatasetError(
                f"{self.source} holds no questions{lost if self._dropped_questions else ''}. "
                "Give a file in SQuAD form with at least one question"
            )
        return Dataset(
            tuple(self._questions),
            self.source,
            fingerprint(self._questions),
            self._repaired,
            self._dropped,
            self._dropped_questions,
        )

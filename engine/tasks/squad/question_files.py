"""Keeps a list of questions in a file of JSON lines, for the prepared data that trials share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from engine.tasks.squad.records import Answer, Question


def save_questions(questions: Sequence[Question], path: Path) -> None:
    """Write one question a line."""
    with path.open("w", encoding="utf-8") as file:
        for item in questions:
            record = {
                "id": item.id,
                "question": item.question,
                "context": item.context,
                "answers": [[answer.text, answer.start] for answer in item.answers],
                "topic": item.topic,
                "paragraph": item.paragraph,
            }
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def load_questions(path: Path) -> tuple[Question, ...]:
    """Read what ``save_questions`` wrote."""
    questions = []
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
        record = json.loads(line)
        answers = tuple(Answer(text, start) for text, start in record.pop("answers"))
        questions.append(Question(answers=answers, **record))
    return tuple(questions)

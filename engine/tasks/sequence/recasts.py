"""Takes rows of multiple-choice data apart into one row per candidate, as Bort's fine-tuning does.

Every candidate becomes a pair of the context and the question joined with the candidate, labelled true or false,
so that truncation shortens the context and never the question. The input of each task:

=========  ===========  =======================================================================
task       first text   second text
=========  ===========  =======================================================================
COPA       premise      "What was the cause?" or "What happened as a result?", then the choice
RACE       article      the question with its blank filled, or followed by the option
MultiRC    paragraph    the question, then the answer
ReCoRD     passage      the query with its placeholder filled by an entity of the passage
=========  ===========  =======================================================================

A row that lacks something raises KeyError, TypeError or ValueError, which the caller puts into words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.tasks.sequence.definition import Recast

Row = Mapping[str, Any]

COPA_QUESTIONS = {"cause": "What was the cause?", "effect": "What happened as a result?"}
PLACEHOLDER = "@placeholder"
BLANK = re.compile("_+")
LETTERS = "ABCDEFGHIJ"


def _copa(row: Row) -> Iterator[Row]:
    asked = COPA_QUESTIONS[row["question"]]
    right = _place(row["label"], 2)
    for number, name in enumerate(("choice1", "choice2")):
        yield {**row, "asked": asked, "candidate": row[name], "number": number, "correct": number == right}


def _race(row: Row) -> Iterator[Row]:
    """Rows of the hub hold one question, files of the release several."""
    name = row.get("id", row.get("example_id"))
    if "questions" in row:
        questions = zip(row["questions"], row["options"], row["answers"], strict=True)
    else:
        questions = zip([row["question"]], [row["options"]], [row["answer"]], strict=True)
    for place, (question, options, answer) in enumerate(questions):
        right = _place(LETTERS.find(answer) if answer else -1, len(options))
        # Rows of the hub share the name of their article, so the question itself tells them apart.
        told_apart = place if "questions" in row else question
        for number, option in enumerate(options):
            yield {
                "article": row["article"],
                "filled": _fill(question, option),
                "candidate": option,
                "correct": number == right,
                "place": f"{name}-{told_apart}",
                "number": number,
                "level": "high" if str(name).startswith("high") else "middle",
            }


def _multirc(row: Row) -> Iterator[Row]:
    """Rows of the hub hold one answer already, lines of the release a passage with all its questions."""
    if "passage" not in row:
        yield {**row, "candidate": row["answer"]}
        return
    for question in row["passage"]["questions"]:
        for answer in question["answers"]:
            yield {
                "paragraph": row["passage"]["text"],
                "question": question["question"],
                "answer": answer["text"],
                "candidate": answer["text"],
                "label": answer["label"],
                "idx": {"paragraph": row["idx"], "question": question["idx"], "answer": answer["idx"]},
            }


def _record(row: Row) -> Iterator[Row]:
    """Entities of the release are places in the passage whose end is their last character."""
    if isinstance(row["passage"], str):
        yield from _record_query(row["passage"], row["entities"], row["query"], row["answers"], row["idx"])
        return
    passage = row["passage"]["text"]
    entities = [passage[item["start"] : item["end"] + 1] for item in row["passage"]["entities"]]
    for query in row["qas"]:
        answers = [answer["text"] for answer in query["answers"]]
        index = {"passage": row["idx"], "query": query["idx"]}
        yield from _record_query(passage, entities, query["query"], answers, index)


def _record_query(
    passage: str, entities: list[str], query: str, answers: list[str], index: Mapping[str, int]
) -> Iterator[Row]:
    if not answers:
        raise ValueError("answers is empty, so the label is missing")
    if PLACEHOLDER not in query:
        raise ValueError(f"query has no {PLACEHOLDER}")
    for number, entity in enumerate(dict.fromkeys(entities)):
        yield {
            "passage": " ".join(passage.replace("@highlight", " ").split()),
            "filled": query.replace(PLACEHOLDER, entity),
            "candidate": entity,
            "correct": entity in answers,
            "golds": list(answers),
            "idx": index,
            "number": number,
        }


def _fill(question: str, option: str) -> str:
    filled, blanks = BLANK.subn(lambda _: option, question, count=1)
    return filled if blanks else f"{question} {option}"


def _place(label: object, count: int) -> int:
    number = int(str(label))
    if not 0 <= number < count:
        raise ValueError(f"label is {number}, which names none of the {count} candidates")
    return number


RECASTS: Mapping[Recast, Callable[[Row], Iterator[Row]]] = {
    "copa": _copa,
    "race": _race,
    "multirc": _multirc,
    "record": _record,
}

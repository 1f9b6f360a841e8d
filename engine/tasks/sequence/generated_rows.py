"""Invented rows of every built-in task in its published form; one cue word gives the answer, so it can be learned."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]

WORDS = (
    "amber basket candle door evening forest garden hammer island jacket kettle lantern meadow needle orchard "
    "paper quarry road saddle table umbrella valley window yard zebra bridge coast desk engine field"
).split()
CUES = "river stone cloud copper violet winter".split()
"""One for each class; the first stands for class 0."""
LENGTH = 7


@dataclass(frozen=True, slots=True)
class Form:
    """How the rows of one task are published.

    Attributes:
        columns: In the order of the file; empty for JSON.
        text: Column of the first text.
        pair: Column of the second text, if any.
        label: Column of the label.
        spelled: The classes as they stand there; empty for a score.
        header: Whether the first line names the columns.
        more: Further values of a JSON row.
        repeat: Neighbouring rows with the same class.
    """

    text: str
    label: str
    spelled: tuple[object, ...] = ()
    pair: str | None = None
    columns: tuple[str, ...] = ()
    header: bool = True
    more: Callable[[Row], Row] | None = None
    repeat: int = 1


def _tsv(columns: str, label: str, spelled: tuple[object, ...], text: str, pair: str | None) -> Form:
    return Form(text, label, spelled, pair, tuple(columns.split("|")))


TWO_WAY = ("entailment", "not_entailment")
THREE_WAY = ("entailment", "neutral", "contradiction")
_MNLI_COLUMNS = (
    "index|promptID|pairID|genre|sentence1_binary_parse|sentence2_binary_parse|sentence1_parse|"
    "sentence2_parse|sentence1|sentence2|label1|gold_label"
)
_STSB_COLUMNS = "index|genre|filename|year|old_index|source1|source2|sentence1|sentence2|score"
_AX_COLUMNS = "Lexical Semantics|Predicate-Argument Structure|Logic|Knowledge|Domain|Premise|Hypothesis|Label"

FORMS: Mapping[str, Form] = {
    "cola": Form("sentence", "label", (0, 1), columns=("source", "label", "mark", "sentence"), header=False),
    "sst2": _tsv("sentence|label", "label", (0, 1), "sentence", None),
    "mrpc": _tsv("Quality|#1 ID|#2 ID|#1 String|#2 String", "Quality", (0, 1), "#1 String", "#2 String"),
    "stsb": _tsv(_STSB_COLUMNS, "score", (), "sentence1", "sentence2"),
    "qqp": _tsv(
        "id|qid1|qid2|question1|question2|is_duplicate", "is_duplicate", (0, 1), "question1", "question2"
    ),
    "mnli": _tsv(_MNLI_COLUMNS, "gold_label", THREE_WAY, "sentence1", "sentence2"),
    "qnli": _tsv("index|question|sentence|label", "label", TWO_WAY, "question", "sentence"),
    "rte": _tsv("index|sentence1|sentence2|label", "label", TWO_WAY, "sentence1", "sentence2"),
    "wnli": _tsv("index|sentence1|sentence2|label", "label", (0, 1), "sentence1", "sentence2"),
    "ax": _tsv(_AX_COLUMNS, "Label", THREE_WAY, "Premise", "Hypothesis"),
    "boolq": Form("passage", "label", (False, True), "question"),
    "cb": Form("premise", "label", ("entailment", "contradiction", "neutral"), "hypothesis"),
    "rte-superglue": Form("premise", "label", TWO_WAY, "hypothesis"),
    "wic": Form("sentence1", "label", (False, True), "sentence2", more=lambda _: {"word": "road"}),
    "wsc": Form(
        "text",
        "label",
        (False, True),
        more=lambda row: {
            "target": {
                "span1_index": 0,
                "span1_text": row["text"].split()[0],
                "span2_index": 2,
                "span2_text": row["text"].split()[2],
            }
        },
    ),
    "axb": Form("sentence1", "label", TWO_WAY, "sentence2", more=lambda _: {"logic": ""}),
    "axg": Form(
        "premise", "label", TWO_WAY, "hypothesis", more=lambda row: {"pair_id": row["idx"] // 2}, repeat=2
    ),
}
"""Published forms of tasks with one row per example."""


def sentence(rng: random.Random, cue: str | None = None) -> str:
    """Invented words, with a cue at a random place among them."""
    words = rng.choices(WORDS, k=LENGTH)
    if cue:
        words.insert(rng.randrange(LENGTH + 1), cue)
    return " ".join(words)


def flat_row(name: str, number: int, rng: random.Random) -> Row:
    """Row ``number`` of a task with one row per example; classes take turns."""
    form = FORMS[name]
    classes = form.spelled or range(6)
    label = number // form.repeat % len(classes)
    row: Row = {column: str(number) if "id" in column.lower() else "none" for column in form.columns}
    row |= {"idx": number} if not form.columns else {"index": number} if "index" in row else {}
    row[form.text] = sentence(rng, None if form.pair else CUES[label])
    if form.pair:
        row[form.pair] = sentence(rng, CUES[label])
    row[form.label] = form.spelled[label] if form.spelled else f"{_jittered(label, rng):.3f}"
    return row | (form.more(row) if form.more else {})


def _jittered(level: int, rng: random.Random) -> float:
    return min(5.0, max(0.0, level + rng.choice((-0.4, -0.2, 0.0, 0.2, 0.4))))


def copa_row(number: int, rng: random.Random) -> Row:
    """A premise whose right choice holds the cue of true."""
    label = rng.randrange(2)
    choices = [sentence(rng, CUES[place == label]) for place in range(2)]
    return {
        "premise": sentence(rng),
        "choice1": choices[0],
        "choice2": choices[1],
        "question": rng.choice(("cause", "effect")),
        "label": label,
        "idx": number,
    }


def multirc_row(number: int, rng: random.Random) -> Row:
    """A passage with two questions of three answers, of which one or two are right."""
    questions = []
    for question in range(2):
        rights = [True, False, rng.random() < 0.5]
        rng.shuffle(rights)
        answers = [
            {
                "text": sentence(rng, CUES[right]),
                "idx": 6 * number + 3 * question + place,
                "label": int(right),
            }
            for place, right in enumerate(rights)
        ]
        questions.append({"question": f"{sentence(rng)}?", "answers": answers, "idx": 2 * number + question})
    return {"idx": number, "version": 1.1, "passage": {"text": f"{sentence(rng)}.", "questions": questions}}


def record_row(number: int, rng: random.Random) -> Row:
    """A passage that names three entities, one of them with the cue of true."""
    names = [f"{rng.choice(WORDS).title()} {CUES[place == 0].title()}" for place in range(3)]
    rng.shuffle(names)
    text, entities = sentence(rng), []
    for name in dict.fromkeys(names):
        text += " "
        entities.append({"start": len(text), "end": len(text) + len(name) - 1})
        text += f"{name} {sentence(rng)}"
    spans = [(item, text[item["start"] : item["end"] + 1]) for item in entities]
    answers = [{**item, "text": name} for item, name in spans if name.endswith(CUES[1].title())]
    query = f"{sentence(rng)} @placeholder {rng.choice(WORDS)}"
    return {
        "source": "generated",
        "passage": {"text": f"{text}\n@highlight\n{sentence(rng)}", "entities": entities},
        "qas": [{"query": query, "answers": answers, "idx": number}],
        "idx": number,
    }


def race_row(number: int, rng: random.Random) -> Row:
    """An article with two questions of four options, one question with a blank."""
    rights = [rng.randrange(4) for _ in range(2)]
    return {
        "article": sentence(rng),
        "questions": [f"{sentence(rng)} _ .", f"{sentence(rng)}?"],
        "options": [[sentence(rng, CUES[place == right]) for place in range(4)] for right in rights],
        "answers": ["ABCD"[right] for right in rights],
        "id": f"{'middle' if number % 2 else 'high'}{number}.txt",
    }


CHOICE_ROWS: Mapping[str, Callable[[int, random.Random], Row]] = {
    "copa": copa_row,
    "multirc": multirc_row,
    "record": record_row,
    "race": race_row,
}
"""Rows of the tasks whose rows hold several candidates."""

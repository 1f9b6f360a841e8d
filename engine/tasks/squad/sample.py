"""The embedded data: a question-answering corpus in SQuAD 2.0 form, generated from templates over invented facts."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

TOPICS_SEED = 7919
"""Offset between the seed a user gives and the seed of the invented names, so that both vary."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One kind of fact: how a text states it and how a question asks for it (``{s}`` subject, ``{v}`` value)."""

    statements: tuple[str, ...]
    questions: tuple[str, ...]
    value: Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject area: what its things are called and what is said of them."""

    title: str
    subject: Callable[[random.Random], str]
    relations: tuple[Relation, ...]


_FIRST = "Mira Tobin Elsa Anders Livia Oren Petra Hugo Senna Ravi Calla Jonas Ines Bram Freya Milo".split()
_LAST = (
    "Tosk Varga Lindqvist Amari Brandt Okoye Serrano Kestrel Novak Ibarra Halden Moreau Quill Soto".split()
)
_PLACE_START = "Ar Bel Cor Dun El Far Gal Hol Kar Lor Mer Nor Os Pel Sar Tal Ul Vel Wes Yar".split()
_PLACE_END = "len mont dale wick ford mere stad haven bruck minster".split()
_MATERIAL = "granite oak copper marble limestone steel bronze slate brick cedar".split()
_COLOUR = "crimson violet amber emerald indigo ivory scarlet turquoise".split()
_MONTH = "January March April June July September October December".split()
_GOODS = "salt wool tea timber silk coal honey grain paper glass".split()
_AWARD = "Lantern Compass Meridian Harvest Beacon Laurel".split()


def _person(rng: random.Random) -> str:
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def _place(rng: random.Random) -> str:
    return rng.choice(_PLACE_START) + rng.choice(_PLACE_END)


def _year(rng: random.Random) -> str:
    return str(rng.randrange(1700, 1990, 2))


def _amount(unit: str, low: int, high: int) -> Callable[[random.Random], str]:
    def value(rng: random.Random) -> str:
        return f"{rng.randrange(low, high)} {unit}"

    return value


def _one_of(words: list[str], form: str = "{}") -> Callable[[random.Random], str]:
    def value(rng: random.Random) -> str:
        return form.format(rng.choice(words))

    return value


def _named(form: str) -> Callable[[random.Random], str]:
    def subject(rng: random.Random) -> str:
        return form.format(_place(rng))

    return subject


TOPICS: tuple[Topic, ...] = (
    Topic(
        "Bridges",
        _named("the {} bridge"),
        (
            Relation(("{s} was designed by {v}", "{v} designed {s}"), ("Who designed {s}?",), _person),
            Relation(("{s} was opened in {v}", "in {v} {s} was opened"), ("When was {s} opened?",), _year),
            Relation(("{s} is {v} long", "{s} spans {v}"), ("How long is {s}?",), _amount("metres", 40, 99)),
            Relation(("{s} is built of {v}",), ("What is {s} built of?",), _one_of(_MATERIAL)),
            Relation(("{s} crosses the river {v}",), ("Which river does {s} cross?",), _place),
            Relation(("repairs of {s} were paid by {v}",), ("Who paid for repairs of {s}?",), _person),
        ),
    ),
    Topic(
        "Ships",
        _named("the ship {}"),
        (
            Relation(("{s} was commanded by {v}", "{v} commanded {s}"), ("Who commanded {s}?",), _person),
            Relation(("{s} was launched in {v}",), ("In what year was {s} launched?",), _year),
            Relation(
                ("{s} carried {v}", "the cargo of {s} was {v}"), ("What did {s} carry?",), _one_of(_GOODS)
            ),
            Relation(("{s} sailed to {v}",), ("Where did {s} sail?",), _place),
            Relation(
                ("{s} had a crew of {v}",), ("How large was the crew of {s}?",), _amount("sailors", 20, 90)
            ),
            Relation(("the hull of {s} is {v}",), ("What colour is the hull of {s}?",), _one_of(_COLOUR)),
        ),
    ),
    Topic(
        "Novels",
        _named("the novel {}"),
        (
            Relation(("{s} was written by {v}", "{v} wrote {s}"), ("Who wrote {s}?",), _person),
            Relation(("{s} was published in {v}",), ("When was {s} published?",), _year),
            Relation(("{s} is set in {v}",), ("Where is {s} set?",), _place),
            Relation(("{s} won the {v}",), ("Which prize did {s} win?",), _one_of(_AWARD, "{} prize")),
            Relation(("{s} was translated by {v}",), ("Who translated {s}?",), _person),
            Relation(("{s} has {v}",), ("How many pages does {s} have?",), _amount("pages", 20, 99)),
        ),
    ),
    Topic(
        "Gardens",
        _named("the garden of {}"),
        (
            Relation(("{s} was planted by {v}", "{v} planted {s}"), ("Who planted {s}?",), _person),
            Relation(
                ("{s} is known for its {v}",), ("What is {s} known for?",), _one_of(_COLOUR, "{} roses")
            ),
            Relation(("{s} covers {v}",), ("How large is {s}?",), _amount("hectares", 10, 80)),
            Relation(("{s} opens in {v}",), ("In which month does {s} open?",), _one_of(_MONTH)),
            Relation(
                ("the wall of {s} is of {v}",), ("What is the wall of {s} made of?",), _one_of(_MATERIAL)
            ),
            Relation(("{s} was founded in {v}",), ("When was {s} founded?",), _year),
        ),
    ),
    Topic(
        "Comets",
        _named("comet {}"),
        (
            Relation(("{s} was discovered by {v}", "{v} discovered {s}"), ("Who discovered {s}?",), _person),
            Relation(("{s} was first seen in {v}",), ("When was {s} first seen?",), _year),
            Relation(("{s} returns every {v}",), ("How often does {s} return?",), _amount("years", 20, 99)),
            Relation(("the tail of {s} looks {v}",), ("What colour is the tail of {s}?",), _one_of(_COLOUR)),
            Relation(("{s} was observed from {v}",), ("From where was {s} observed?",), _place),
            Relation(("the orbit of {s} was computed by {v}",), ("Who computed the orbit of {s}?",), _person),
        ),
    ),
    Topic(
        "Towns",
        _named("the town of {}"),
        (
            Relation(
                ("the mayor of {s} is {v}", "{v} is the mayor of {s}"), ("Who is the mayor of {s}?",), _person
            ),
            Relation(("{s} trades in {v}",), ("What does {s} trade in?",), _one_of(_GOODS)),
            Relation(("{s} holds its fair in {v}",), ("When does {s} hold its fair?",), _one_of(_MONTH)),
            Relation(("{s} lies near {v}",), ("What does {s} lie near?",), _place),
            Relation(("the bells of {s} were cast in {v}",), ("When were the bells of {s} cast?",), _year),
            Relation(
                ("{s} has {v}",), ("How many inhabitants does {s} have?",), _amount("thousand people", 11, 99)
            ),
        ),
    ),
)


def generate_corpus(
    paragraphs: int, seed: int, *, facts: int = 3, questions: int = 6, twins: float = 0.5
) -> dict[str, Any]:
    """A corpus in SQuAD 2.0 form, the same for the same arguments.

    A share of the paragraphs tells of two things of the same kind, so that answering needs the subject as well
    as the relation. More than a third of the questions have no answer: the fact is not told, or is told only of the
    other thing.

    Args:
        paragraphs: number of contexts, spread evenly over the topics.
        seed: of names, facts and order.
        facts: facts told of each subject.
        questions: most questions a paragraph; one about a single thing has fewer.
        twins: share of paragraphs with two subjects.

    Returns:
        The document as ``json.load`` would read it from a SQuAD 2.0 file.
    """
    rng = random.Random(seed * TOPICS_SEED + 1)  # noqa: S311 - reproducible data, no secret
    by_topic: dict[str, list[dict[str, Any]]] = {topic.title: [] for topic in TOPICS}
    for index in range(paragraphs):
        topic = TOPICS[index % len(TOPICS)]
        subjects = 2 if rng.random() < twins else 1
        by_topic[topic.title].append(_paragraph(topic, subjects, facts, questions, rng, f"{seed}-{index}"))
    return {
        "version": "v2.0",
        "data": [{"title": title, "paragraphs": items} for title, items in by_topic.items() if items],
    }


def _paragraph(
    topic: Topic, subjects: int, facts: int, questions: int, rng: random.Random, key: str
) -> dict[str, Any]:
    names: list[str] = []
    while len(names) < subjects:
        name = topic.subject(rng)
        if name not in names:
            names.append(name)
    told = [
        (name, relation, relation.value(rng))
        for name in names
        for relation in rng.sample(topic.relations, facts)
    ]
    rng.shuffle(told)
    context, starts = "", []
    for name, relation, value in told:
        before, after = rng.choice(relation.statements).split("{v}")
        opening = before.replace("{s}", name)
        sentence = opening + value + after.replace("{s}", name) + "."
        lead = " " if context else ""
        starts.append(len(context) + len(lead) + len(opening))
        context += lead + sentence[0].upper() + sentence[1:]
    answers = {
        (name, id(relation)): {"text": context[start : start + len(value)], "answer_start": start}
        for (name, relation, value), start in zip(told, starts, strict=True)
    }
    asked = [(name, relation) for name in names for relation in topic.relations]
    rng.shuffle(asked)
    absent = [pair for pair in asked if (pair[0], id(pair[1])) not in answers]
    present = [pair for pair in asked if (pair[0], id(pair[1])) in answers]
    unanswerable = absent[: round(questions / 3)]
    chosen = unanswerable + present[: questions - len(unanswerable)]
    rng.shuffle(chosen)
    return {
        "context": context,
        "qas": [
            {
                "id": f"{key}-{number}",
                "question": rng.choice(relation.questions).replace("{s}", name),
                "is_impossible": (name, id(relation)) not in answers,
                "answers": [answers[name, id(relation)]] if (name, id(relation)) in answers else [],
            }
            for number, (name, relation) in enumerate(chosen)
        ],
    }

"""Generated examples as records and as what is trained on."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from engine.agora.examples import (
    Generated,
    Mistake,
    Verdict,
    from_record,
    generated_id,
    to_record,
    training_example,
    training_question,
)
from engine.agora.texts import Text
from engine.tasks.squad.records import Answer

PAIR = Generated(
    "agora-1-x",
    1,
    "deletion",
    Mistake("dev-3", Text("one two", "three"), 1, 0, "three"),
    Text("two", "three"),
    Verdict(0, 0.9),
)
ASKED = Generated(
    "agora-2-y",
    2,
    "context_crop",
    Mistake("q7", Text("Who?", "Ann came. Bob left.", (Answer("Bob", 10),)), "Bob", ""),
    Text("Who?", "Bob left. Bob slept.", (Answer("Bob", 0),)),
    Verdict("Bob", 0.7, start=10),
)


@pytest.mark.parametrize("made", [PAIR, ASKED, replace(PAIR, teacher=None)])
def test_a_record_survives_json(made):
    assert from_record(json.loads(json.dumps(to_record(made)))) == made


def test_what_is_trained_on_has_the_teachers_label_and_the_new_texts():
    example = training_example(PAIR)
    assert (example.id, example.text, example.pair, example.label) == ("agora-1-x", "two", "three", 0)
    assert example.unit == example.id
    assert example.candidate == "three"
    rounded = training_example(replace(PAIR, teacher=Verdict(3, None, value=2.8)))
    assert (rounded.label, rounded.value) == (3, 2.8)


def test_a_questions_answer_is_where_the_teacher_says():
    question = training_question(ASKED)
    assert question.answers == (Answer("Bob", 10),)
    assert question.context[10:].startswith("Bob")
    assert training_question(replace(ASKED, teacher=Verdict("", 0.8))).answers == ()
    # Where the place is wrong and the text stands twice, nobody knows which one is meant.
    assert training_question(replace(ASKED, teacher=Verdict("Bob", 0.8, start=3))).answers == ()


def test_ids_tell_rounds_parents_and_places_apart():
    names = {generated_id(*key) for key in [(1, "a", 0), (2, "a", 0), (1, "b", 0), (1, "a", 1)]}
    assert len(names) == 4
    assert generated_id(1, "a", 0) == generated_id(1, "a", 0)

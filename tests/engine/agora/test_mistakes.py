"""What counts as a mistake in every kind of task."""

from __future__ import annotations

import numpy as np

from engine.agora.mistakes import find_mistakes
from engine.tasks.predictions import read_predictions, write_predictions
from engine.tasks.sequence.catalogue import definition
from engine.tasks.sequence.judging import score_examples
from engine.tasks.sequence.records import Example
from engine.tasks.squad.records import Answer, Question


def test_classes():
    rte = definition("rte")
    examples = [Example("a", "one", "two", 0), Example("b", "three", "four", 1)]
    logits = np.array([[0.0, 1.0], [0.0, 1.0]])
    predictions = score_examples(rte, examples, logits, 2).predictions
    (mistake,) = find_mistakes(examples, predictions, rte.labels)
    assert (mistake.parent, mistake.label, mistake.answered) == ("a", 0, 1)
    assert (mistake.text.first, mistake.text.second) == ("one", "two")


def test_values_are_wrong_when_they_round_to_another_number():
    stsb = definition("stsb")
    examples = [Example("a", "x", "y", 2.4), Example("b", "v", "w", 2.6), Example("c", "t", "u", 0.0)]
    predictions = score_examples(stsb, examples, np.array([[1.6], [2.4], [0.2]]), 1).predictions
    (mistake,) = find_mistakes(examples, predictions)
    assert (mistake.parent, mistake.label, mistake.answered) == ("b", 2.6, 2.4)


def test_of_a_question_the_chosen_and_the_right_candidate(tmp_path):
    copa = definition("copa")
    examples = [
        Example(f"{group}-{number}", "premise", name, int(number == 1), group=group, candidate=name)
        for group in ("g", "h")
        for number, name in enumerate(("first", "second"))
    ]
    logits = np.array([[0.0, 2.0], [0.0, 1.0], [0.0, 1.0], [0.0, 2.0]])
    predictions = score_examples(copa, examples, logits, 2).predictions
    write_predictions(predictions, tmp_path / "predictions.parquet")
    for records in (predictions, read_predictions(tmp_path / "predictions.parquet")):
        found = find_mistakes(examples, records, copa.labels)
        assert [(item.parent, item.label, item.answered) for item in found] == [("g-0", 0, 1), ("g-1", 1, 0)]


def test_answers_without_an_exact_match():
    questions = [
        Question("a", "Who?", "Ann did.", (Answer("Ann", 0),)),
        Question("b", "When?", "Ann did."),
        Question("c", "What?", "Ann did."),
    ]
    predictions = {
        "a": {"answer": "Ann", "score": 1.0},
        "b": {"answer": "did", "score": 0.0},
    }
    (mistake,) = find_mistakes(questions, predictions)
    assert (mistake.parent, mistake.label, mistake.answered) == ("b", "", "did")
    assert mistake.text.answers == ()

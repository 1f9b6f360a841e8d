"""Texts of examples, when two are the same, and what labels count as."""

from __future__ import annotations

import pytest

from engine.agora.texts import Text, label_of, same_label, stratum, text_key, text_keys, text_of
from engine.tasks.sequence.records import Example
from engine.tasks.squad.records import Answer, Question

QUESTION = Question("q", "Who?", "Ann did.", (Answer("Ann", 0),))


@pytest.mark.parametrize(
    "other",
    [
        Text("A Man's  dog.", "It is"),
        Text("a man 's dog .", "it IS "),
        Text("it is", "A man's dog."),
        Text("\uff21 man's\tdog.", "\nit is"),
    ],
)
def test_case_space_marks_and_the_order_of_a_pair_make_no_difference(other):
    assert text_key(other) == text_key(Text("A man's dog.", "It is"))


@pytest.mark.parametrize(
    "other", [Text("A mans dog.", "It is"), Text("A man's dog. It is"), Text("A man's dog.")]
)
def test_other_words_make_one(other):
    assert text_key(other) != text_key(Text("A man's dog.", "It is"))


def test_texts_and_labels_of_both_kinds_of_task():
    pair = Example("e", "one", "two", 1)
    assert text_of(pair) == Text("one", "two")
    assert label_of(pair) == 1
    assert text_of(QUESTION) == Text("Who?", "Ann did.", (Answer("Ann", 0),))
    assert label_of(QUESTION) == "Ann"
    assert label_of(Question("q", "Who?", "Ann did.")) == ""
    assert text_keys([pair, pair, Example("f", "Two", "ONE", 0)]) == {text_key(Text("one", "two"))}


def test_labels_count_as_classes_rounded_values_or_whether_there_is_an_answer():
    assert [stratum(label) for label in (2, 2.5, 2.49, "", " ", "Ann")] == [2, 3, 2, 0, 0, 1]
    assert same_label(2.6, 3.4)
    assert not same_label(2.4, 2.6)
    assert same_label("the  Cat", "The cat")
    assert not same_label("cat", "")

"""Splitting texts into words and sentences, and putting them together again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.agora.words import (
    cased_like,
    content_places,
    exchanged,
    sentences,
    share_of,
    split,
    without,
    word_places,
)


@given(st.text())
def test_pieces_are_the_whole_text(text):
    assert "".join(split(text)) == text


@given(st.text())
def test_sentences_are_the_whole_text(text):
    assert "".join(text[start:end] for start, end in sentences(text)) == text


def test_words_numbers_and_marks_are_pieces():
    text = "Don't pay $1,000.50 for o\u2019clock-wise 3rd  things."
    pieces = split(text)
    assert [pieces[place] for place in word_places(pieces)] == [
        "Don't",
        "pay",
        "1,000.50",
        "for",
        "o\u2019clock-wise",
        "3rd",
        "things",
    ]
    assert [pieces[place] for place in content_places(pieces)] == [
        "Don't",
        "pay",
        "o\u2019clock-wise",
        "things",
    ]


def test_initials_are_one_word():
    assert split("the U.S. or e.g. J.R.R. end.") == [
        *("the", " ", "U.S.", " ", "or", " ", "e.g.", " ", "J.R.R.", " ", "end", ".")
    ]


def test_a_word_taken_out_takes_the_space_before_it():
    pieces = split("One two, three.")
    assert without(pieces, {0}) == "two, three."
    assert without(pieces, {2}) == "One, three."
    assert without(pieces, {5}) == "One two,."


def test_an_exchanged_word_keeps_its_case():
    assert exchanged(split("The NATO car"), {0: "a", 2: "pact", 4: "Auto"}) == "A PACT Auto"
    assert cased_like("I", "you") == "You"
    assert cased_like("i", "McCoy") == "McCoy"


@pytest.mark.parametrize(
    ("count", "rate", "expected"), [(0, 0.5, 0), (3, 0.01, 1), (5, 0.5, 3), (4, 1.0, 4), (10, 0.14, 1)]
)
def test_a_share_is_at_least_one_and_at_most_all(count, rate, expected):
    assert share_of(count, rate) == expected


def test_sentences_end_at_marks_but_not_at_abbreviations():
    text = 'Mr. Smith of the U.S. Army left. He said "Go!" Then 3 stayed? yes. no'
    assert [text[start:end].strip() for start, end in sentences(text)] == [
        "Mr. Smith of the U.S. Army left.",
        'He said "Go!"',
        "Then 3 stayed? yes. no",
    ]
    tokens = "a fine film . not a dull one ! go"
    assert [tokens[start:end] for start, end in sentences(tokens)] == [
        "a fine film . ",
        "not a dull one ! ",
        "go",
    ]
    assert sentences("") == []

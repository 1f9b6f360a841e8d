"""What is left out before and after the teacher is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.agora.filters import REASONS, FilterSection, after_labels, before_labels
from engine.agora.texts import Text, text_key
from tests.engine.agora.made import generated


def keys(*texts):
    return {text_key(Text(text)) for text in texts}


def test_evaluation_examples_never_come_through_however_they_are_written():
    examples = [generated(0, "a dev TEXT ."), generated(1, "known  text"), generated(2, "a new text")]
    sifted = before_labels(examples, keys("A dev text."), keys("Known text"), FilterSection())
    assert [item.id for item in sifted.kept] == [examples[2].id]
    assert [(item.example, item.reason) for item in sifted.left] == [
        (examples[0], "evaluation"),
        (examples[1], "training"),
    ]


def test_what_is_in_both_counts_as_an_evaluation_example():
    sifted = before_labels([generated(0, "a b")], keys("a b"), keys("a b"), FilterSection())
    assert sifted.left[0].reason == "evaluation"


def test_of_equal_ones_the_first_stays():
    examples = [generated(0, "one two"), generated(1, "One two "), generated(2, "two one")]
    sifted = before_labels(examples, (), (), FilterSection())
    assert sifted.kept == (examples[0], examples[2])
    assert [item.reason for item in sifted.left] == ["duplicate"]


def test_lengths():
    texts = ["one", "one, two", "one two three four"]
    examples = [generated(number, text) for number, text in enumerate(texts)]
    sifted = before_labels(examples, (), (), FilterSection(min_words=2, max_words=3))
    assert sifted.kept == (examples[1],)
    assert [item.reason for item in sifted.left] == ["length", "length"]
    # The second text was one word long already: only what was changed is held to the least length.
    pair = generated(0, "")
    pair = replace(pair, mistake=replace(pair.mistake, text=Text("a b c", "x")), text=Text("a b", "x"))
    assert before_labels([pair], (), (), FilterSection(min_words=2)).kept == (pair,)


@pytest.mark.parametrize(("rule", "kept"), [("any", [0, 1, 3]), ("kept", [0, 3]), ("flipped", [1])])
def test_labels_and_confidence(rule, kept):
    examples = [
        generated(0, "a", 0, 0.7),
        generated(1, "b", 1, 0.6),
        generated(2, "c", 0, 0.59),
        generated(3, "d", 0, None),
    ]
    sifted = after_labels(examples, FilterSection(label=rule, min_confidence=0.6))
    assert [examples.index(item) for item in sifted.kept] == kept
    assert len(sifted.left) == 4 - len(kept)
    assert {item.reason for item in sifted.left} <= set(REASONS)


def test_answers_count_as_kept_when_they_say_the_same():
    same, other = generated(0, "a", "The cat", parent="the  cat"), generated(1, "b", "", parent="cat")
    assert after_labels([same, other], FilterSection(label="kept")).kept == (same,)


def test_an_unlabelled_example_is_a_mistake_of_the_caller():
    with pytest.raises(AssertionError, match="no label"):
        after_labels([generated(0, "a")], FilterSection())

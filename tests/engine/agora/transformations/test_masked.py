"""Replacement by guesses, with a made-up model."""

from __future__ import annotations

import pytest

from engine.agora.draws import Draw
from engine.agora.texts import Text
from engine.agora.transformations.interface import Resources
from engine.agora.transformations.masked import Guess, Masked, fill_words
from engine.agora.transformations.masked_replacement import MaskedReplacement
from engine.errors import SettingError
from engine.tasks.squad.records import Answer

GUESSES = [Guess("film", 0.5), Guess("book", 0.3), Guess("game", 0.1), Guess("never", 0.0)]


class Model:
    """Guesses the same for everything and remembers what it was asked."""

    def __init__(self):
        self.asked: list[list[Masked]] = []

    def __call__(self, texts):
        self.asked.append(list(texts))
        return [list(GUESSES) for _ in texts]


def test_the_word_itself_and_impossible_ones_are_never_taken():
    found = {fill_words(["a Film ."], [Draw(seed)], [1], Model(), 10)[0] for seed in range(60)}
    assert found == {"a Book .", "a Game ."}
    assert {fill_words(["a film"], [Draw(seed)], [1], Model(), 1)[0] for seed in range(20)} == {"a book"}


def test_all_texts_are_asked_at_once_and_later_guesses_see_the_earlier_ones():
    model = Model()
    new = fill_words(
        ["the play", "great songs here", "of a"], [Draw(0), Draw(1), Draw(2)], [1, 2, 1], model, 1
    )
    assert new == ["the film", "film film here", None]
    assert model.asked == [
        [Masked("the ", ""), Masked("", " songs here")],
        [Masked("film ", " here")],
    ]


def test_sides_of_pairs_and_questions():
    def results(text, side):
        settings = MaskedReplacement(name="masked_lm", model="m", side=side, candidates=1)
        change = settings.build(Resources(fills={"m": Model()}))
        return set(change([text] * 20, [Draw(seed) for seed in range(20)]))

    pair = Text("the play", "the song")
    assert results(pair, "first") == {Text("the film", "the song")}
    assert results(pair, "second") == {Text("the play", "the film")}
    assert results(pair, "both") == {Text("the film", "the film")}
    assert results(pair, "either") == results(pair, "first") | results(pair, "second")
    asked = Text("the play", "the song", (Answer("song", 4),))
    assert results(asked, "either") == {Text("the film", "the song", (Answer("song", 4),))}
    assert results(Text("of a", "the song"), "both") == {None}


def test_a_model_that_was_not_loaded_is_named():
    settings = MaskedReplacement(name="masked_lm", model="some/model")
    assert settings.needs_model == "some/model"
    with pytest.raises(SettingError, match="some/model"):
        settings.build(Resources())

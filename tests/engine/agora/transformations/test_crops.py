"""Crops by words and by sentences."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.agora.draws import Draw
from engine.agora.transformations.crops import crop_sentences, crop_span, drawn_run
from engine.agora.words import split, word_places

TEXT = "One two, three. Four five! Six?"


@given(st.integers(0, 30), st.floats(0, 0.99), st.integers())
def test_a_run_has_its_least_length_and_is_never_all(count, keep, seed):
    run = drawn_run(count, keep, Draw(seed))
    if run is None:
        assert count < 2 or keep * count > count - 1
        return
    start, end = run
    assert 0 <= start < end <= count
    assert keep * count - 1e-6 <= end - start < count


def test_every_run_is_drawn():
    runs = {drawn_run(3, 0.3, Draw(seed)) for seed in range(100)}
    assert runs == {(0, 1), (1, 2), (2, 3), (0, 2), (1, 3)}


@given(st.integers())
def test_a_span_is_a_part_of_the_text_between_two_words(seed):
    new = crop_span(TEXT, Draw(seed), 0.5)
    assert new is not None
    assert new in TEXT
    assert 3 <= len(word_places(split(new))) < 6


def test_sentences_that_stay_are_whole():
    found = {crop_sentences(TEXT, Draw(seed), 0.5) for seed in range(50)}
    assert found == {"One two, three. Four five!", "Four five! Six?"}
    assert crop_sentences("One alone.", Draw(0), 0.1) is None
    assert crop_span("One", Draw(0), 0.1) is None

"""Deletion, swap and insertion."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.agora.draws import Draw
from engine.agora.transformations.edits import delete_words, insert_words, swap_words
from engine.agora.words import is_word, split

TEXT = "The quick brown fox, it seems, jumps over a lazy dog."
sentences = st.lists(st.sampled_from("alpha beta, gamma delta. 12 Éta".split()), max_size=12).map(" ".join)


def words(text: str) -> list[str]:
    return [piece for piece in split(text) if is_word(piece)]


@given(sentences, st.integers(), st.floats(0.01, 0.99))
def test_deletion_keeps_the_rest_in_order_and_one_word_at_least(text, seed, rate):
    new = delete_words(text, Draw(seed), rate)
    if len(words(text)) < 2:
        assert new is None
        return
    assert new is not None
    kept = iter(words(text))
    assert all(word in kept for word in words(new))
    assert 1 <= len(words(new)) < len(words(text))


def test_deletion_removes_its_share():
    assert len(words(delete_words(TEXT, Draw(1), 0.1) or "")) == 10
    assert len(words(delete_words(TEXT, Draw(1), 0.5) or "")) == 5
    assert {delete_words("one two", Draw(seed), 0.1) for seed in range(20)} == {"one", "two"}


@given(sentences, st.integers(), st.floats(0.01, 1), st.integers(1, 4))
def test_a_swap_keeps_all_words_and_changes_their_order(text, seed, rate, distance):
    new = swap_words(text, Draw(seed), rate, distance)
    if new is not None:
        assert Counter(split(new)) == Counter(split(text))
        assert new != text


def test_a_swap_of_neighbours():
    assert {swap_words("a b, c", Draw(seed), 0.1, 1) for seed in range(20)} == {"b a, c", "a c, b"}
    assert swap_words("alone", Draw(0), 0.5, 1) is None
    assert swap_words("same same", Draw(0), 0.5, 1) is None


@given(sentences, st.integers(), st.floats(0.01, 1))
def test_an_insertion_adds_words_of_the_pool_and_keeps_the_others(text, seed, rate):
    new = insert_words(text, Draw(seed), rate, ("new", "other"))
    if not words(text):
        assert new is None
        return
    assert new is not None
    added = Counter(map(str.casefold, words(new))) - Counter(map(str.casefold, words(text)))
    assert added
    assert set(added) <= {"new", "other"}
    rest = [word for word in words(new) if word.casefold() not in ("new", "other")]
    assert [word.casefold() for word in rest] == [word.casefold() for word in words(text)]


def test_added_words_stand_behind_one_of_the_text():
    assert {insert_words("In May.", Draw(seed), 0.1, ("new",)) for seed in range(20)} == {
        "In new May.",
        "In May new.",
    }


def test_without_a_pool_there_is_no_insertion():
    assert insert_words("one two", Draw(0), 0.5, ()) is None

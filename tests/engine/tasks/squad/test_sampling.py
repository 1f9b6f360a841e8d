"""Samples keep proportions, splits keep paragraphs together, and both depend on the seed alone."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DatasetError, SettingError
from engine.tasks.squad.loading import Answer, Question
from engine.tasks.squad.sampling import sample, split_by_paragraph


def questions(kinds: list[tuple[bool, int]]) -> list[Question]:
    return [
        Question(f"q{n}", "?", f"context {paragraph}", (Answer("context", 0),) if answerable else ())
        for n, (answerable, paragraph) in enumerate(kinds)
    ]


corpora = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=60).map(questions)


@given(corpora, st.integers(0, 70), st.integers(0, 3))
def test_sample_keeps_proportions_and_order(corpus: list[Question], n: int, seed: int) -> None:
    drawn = sample(corpus, n, seed)
    size = len(corpus) if n == 0 else min(n, len(corpus))
    assert len(drawn) == size
    places = [corpus.index(item) for item in drawn]
    assert places == sorted(set(places))
    share = sum(item.answerable for item in corpus) / len(corpus)
    assert abs(sum(item.answerable for item in drawn) - share * size) < 1


@given(corpora, st.integers(1, 60), st.randoms(use_true_random=False))
def test_sample_does_not_depend_on_input_order(corpus: list[Question], n: int, rng: random.Random) -> None:
    shuffled = rng.sample(corpus, len(corpus))
    assert {item.id for item in sample(corpus, n, 5)} == {item.id for item in sample(shuffled, n, 5)}


def test_sample_of_a_seed_is_the_same_for_ever() -> None:
    corpus = questions([(n % 3 > 0, 0) for n in range(30)])
    assert [item.id for item in sample(corpus, 6, 0)] == ["q4", "q11", "q12", "q14", "q27", "q28"]
    assert sample(corpus, 6, 0) != sample(corpus, 6, 1)


def test_every_question_is_drawn_about_equally_often() -> None:
    corpus = questions([(n % 2 == 0, 0) for n in range(20)])
    drawn = [item.id for seed in range(400) for item in sample(corpus, 10, seed)]
    counts = [drawn.count(item.id) for item in corpus]
    assert min(counts) > 150
    assert max(counts) < 250


def test_negative_sample_is_refused() -> None:
    with pytest.raises(SettingError, match="-1"):
        sample(questions([(True, 0)]), -1, 0)


@given(corpora, st.floats(0, 1), st.integers(0, 3))
def test_split_shares_no_paragraph(corpus: list[Question], fraction: float, seed: int) -> None:
    sizes = [sum(other.context == item.context for other in corpus) for item in corpus]
    if 0 < fraction < 1 and max(sizes) == len(corpus):
        with pytest.raises(DatasetError, match="share one paragraph"):
            split_by_paragraph(corpus, fraction, seed)
        return
    train, evaluation = split_by_paragraph(corpus, fraction, seed)
    assert not {item.context for item in train} & {item.context for item in evaluation}
    assert sorted(item.id for item in train + evaluation) == sorted(item.id for item in corpus)
    assert abs(len(evaluation) - fraction * len(corpus)) <= max(sizes)
    if 0 < fraction < 1:
        assert train
        assert evaluation


@given(corpora, st.randoms(use_true_random=False))
def test_split_does_not_depend_on_input_order(corpus: list[Question], rng: random.Random) -> None:
    corpus = [*corpus, Question("x", "?", "one"), Question("y", "?", "two")]
    held = {item.id for item in split_by_paragraph(corpus, 0.3, 1)[1]}
    assert held == {item.id for item in split_by_paragraph(rng.sample(corpus, len(corpus)), 0.3, 1)[1]}


def test_contexts_that_differ_in_white_space_stay_together() -> None:
    pairs = [
        Question(f"{n}{gap}", "?", f"paragraph{gap}number {n}")
        for n in range(20)
        for gap in (" ", "\n", "  ")
    ]
    train, evaluation = split_by_paragraph(pairs, 0.5, 0)
    assert len(train) == len(evaluation) == 30
    assert not {item.context.split()[2] for item in train} & {item.context.split()[2] for item in evaluation}


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_fraction_out_of_range_is_refused(fraction: float) -> None:
    with pytest.raises(SettingError, match="between 0 and 1"):
        split_by_paragraph(questions([(True, 0), (True, 1)]), fraction, 0)

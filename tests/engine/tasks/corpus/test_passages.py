"""Splitting and sampling text by hashes: nothing is in two parts, and a seed draws the same everywhere."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from engine.errors import DatasetError
from engine.tasks.corpus.passages import Limit, Passages, Text, separate_texts, split_text

NONE = (Limit(), Limit())
LINES = [f"passage number {n} with some words" for n in range(2000)]


def text_of(folder: Path, *parts: list[str]) -> Text:
    files = []
    for number, lines in enumerate(parts):
        files.append(folder / f"{number}.txt")
        files[-1].write_text("\n".join(lines), encoding="utf-8")
    return Text(tuple(files))


def test_every_passage_is_in_one_part(tmp_path: Path) -> None:
    training, evaluation = split_text(text_of(tmp_path, LINES), 0.2, 1, NONE)
    assert (len(training), len(evaluation)) == (len(list(training)), len(list(evaluation)))
    assert Counter([*training, *evaluation]) == Counter(LINES)
    assert 0.16 < len(evaluation) / len(LINES) < 0.24
    learned = list(training)
    kept = set(learned)
    assert learned == [line for line in LINES if line in kept]


def test_equal_passages_are_on_the_same_side(tmp_path: Path) -> None:
    training, evaluation = split_text(text_of(tmp_path, LINES[:100], LINES[:100]), 0.3, 1, NONE)
    assert not set(training) & set(evaluation)
    assert set(Counter(training).values()) == {2}


def test_the_split_depends_on_the_seed_but_not_on_order_or_files(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    one = split_text(text_of(first, LINES), 0.2, 1, NONE)[1]
    same = split_text(text_of(second, LINES[700:][::-1], LINES[:700]), 0.2, 1, NONE)[1]
    other = split_text(text_of(first, LINES), 0.2, 2, NONE)[1]
    assert set(one) == set(same)
    assert set(one) != set(other)


def test_samples_have_the_wanted_size_and_come_from_every_file(tmp_path: Path) -> None:
    text = text_of(tmp_path, LINES[:1000], LINES[1000:])
    training, evaluation = split_text(text, 0.2, 1, (Limit(passages=200), Limit(passages=50)))
    assert (len(training), len(evaluation)) == (200, 50)
    assert len(list(training)) == 200
    from_first = len(set(training) & set(LINES[:1000]))
    assert 70 < from_first < 130
    larger = split_text(text, 0.2, 1, (Limit(passages=400), Limit(passages=50)))[0]
    assert set(training) < set(larger)


def test_a_limit_of_tokens_leaves_enough_words_but_not_many_more(tmp_path: Path) -> None:
    training, _ = split_text(text_of(tmp_path, LINES), 0.2, 1, (Limit(tokens=3000), Limit()))
    words = sum(len(passage.split()) for passage in training)
    assert 3000 <= words < 3800


def test_training_leaves_out_what_is_evaluated(tmp_path: Path) -> None:
    held = text_of(tmp_path, LINES[:30])
    other = tmp_path / "other"
    other.mkdir()
    training, evaluation = separate_texts(
        text_of(other, LINES[20:60]), held, 0, (Limit(), Limit(passages=10))
    )
    assert len(evaluation) == 10
    assert list(training) == LINES[30:60]


def test_passages_can_be_numbered(tmp_path: Path) -> None:
    training: Passages = split_text(text_of(tmp_path, LINES), 0.2, 1, NONE)[0]
    assert training[0] == next(iter(training))
    assert training[-1] == list(training)[-1]
    assert training[2:4] == list(training)[2:4]


def test_empty_sides_are_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="too few passages"):
        split_text(text_of(tmp_path, ["only one"]), 0.5, 1, NONE)
    text = text_of(tmp_path, LINES[:5])
    with pytest.raises(DatasetError, match="no passage that is not in the evaluation text"):
        separate_texts(text, text, 1, NONE)
    with pytest.raises(DatasetError, match="no passage; give other text"):
        separate_texts(text, text_of(tmp_path / "..", [""]), 1, NONE)

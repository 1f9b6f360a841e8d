"""Rows are what the tokenizer itself gives for a text or a pair, cut to length."""

from __future__ import annotations

import random

import numpy as np
import pytest

from engine.errors import DatasetError, ModelError, SettingError
from engine.tasks.sequence import encoding as sequence_encoding
from engine.tasks.sequence.encoding import encode_examples
from engine.tasks.sequence.records import Example

WORDS = "harbour lantern river granite naïve bridge-head timber. 日本 unbelievably o'clock 3.5%".split()


def examples(count: int, paired: bool) -> list[Example]:
    rng = random.Random(0)

    def text() -> str:
        return " ".join(rng.choices(WORDS, k=rng.randint(1, 30)))

    return [Example(str(n), text(), text() if paired else None, n % 2) for n in range(count)]


@pytest.mark.parametrize("paired", [False, True])
def test_rows_are_those_of_the_tokenizer(tokenizer, paired, monkeypatch):
    monkeypatch.setattr(sequence_encoding, "CHUNK", 7)
    items = examples(20, paired)
    rows = encode_examples(tokenizer, items, 32, regression=False)
    for n, item in enumerate(items):
        alone = tokenizer(
            item.text,
            item.pair,
            truncation="longest_first",
            max_length=32,
            return_token_type_ids=True,
        )
        mine = slice(rows.row_offsets[n], rows.row_offsets[n + 1])
        assert rows.input_ids[mine].tolist() == alone["input_ids"]
        assert rows.token_type_ids[mine].tolist() == alone["token_type_ids"]
    assert rows.lengths.max() == 32
    assert rows.targets["labels"].tolist() == [item.label for item in items]
    assert rows.pad_token_id == tokenizer.pad_token_id
    assert (rows.input_ids.dtype, rows.token_type_ids.dtype) == (np.int32, np.uint8)


def test_only_the_longer_text_is_cut(bert_tokenizer):
    short, long = "river granite", " ".join(["lantern"] * 50)
    whole = bert_tokenizer(short, add_special_tokens=False)["input_ids"]
    for pair in ((short, long), (long, short)):
        rows = encode_examples(bert_tokenizer, [Example("1", *pair, 0)], 24, regression=False)
        ids = rows.input_ids.tolist()
        assert len(ids) == 24
        assert ids[1 : 1 + len(whole)] == whole or ids[-1 - len(whole) : -1] == whole


def test_too_short_rows_and_slow_tokenizers_are_refused(bert_tokenizer):
    pair = [Example("1", "a", "b", 0)]
    assert len(encode_examples(bert_tokenizer, pair, 5, regression=True)) == 1
    with pytest.raises(SettingError, match="at least 5"):
        encode_examples(bert_tokenizer, pair, 4, regression=True)
    with pytest.raises(ModelError, match="not a fast one"):
        encode_examples(object(), pair, 32, regression=True)
    with pytest.raises(DatasetError, match="no examples"):
        encode_examples(bert_tokenizer, [], 32, regression=True)

"""Encoding text: every token is there once, in order, in full rows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import DatasetError, ModelError, SettingError
from engine.tasks.corpus import rows as corpus_rows
from engine.tasks.corpus.rows import encode_passages
from tests.engine.tasks.conftest import WORDS


def contents(rows: Any) -> list[list[int]]:
    """Rows without the special tokens at their ends."""
    return [
        rows.input_ids[a + 1 : b - 1].tolist()
        for a, b in zip(rows.row_offsets[:-1], rows.row_offsets[1:], strict=True)
    ]


def stream(tokenizer: Any, passages: list[str]) -> list[int]:
    """What the rows must hold one after the other: passages with a separator between them."""
    joined: list[int] = []
    for passage in passages:
        ids = tokenizer(passage, add_special_tokens=False)["input_ids"]
        joined += [*ids, tokenizer.sep_token_id] if ids else []
    return joined[:-1]


def test_rows_by_hand(bert_tokenizer: Any) -> None:
    passages = ["harbour lantern", "stone path field tower ship"]
    one, two = (bert_tokenizer(text, add_special_tokens=False)["input_ids"] for text in passages)
    cls, sep = bert_tokenizer.cls_token_id, bert_tokenizer.sep_token_id
    joined = [*one, sep, *two]
    rows = encode_passages(bert_tokenizer, passages, max_length=8)
    assert rows.input_ids[:8].tolist() == [cls, *joined[:6], sep]
    assert rows.input_ids[-1] == sep
    assert set(rows.lengths[:-1].tolist()) == {8}
    # A last row that is just full keeps the separator behind the last passage as well.
    assert [token for row in contents(rows) for token in row] in (joined, [*joined, sep])
    assert not rows.token_type_ids.any()
    assert rows.pad_token_id == bert_tokenizer.pad_token_id
    assert rows.settings["mask_token_id"] == bert_tokenizer.mask_token_id
    assert rows.settings["vocabulary"] == len(bert_tokenizer)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join), min_size=1, max_size=12),
    max_length=st.integers(8, 40),
    chunk=st.integers(1, 5),
)
def test_every_token_is_there_once_in_order(
    tokenizer: Any, monkeypatch: pytest.MonkeyPatch, texts: list[str], max_length: int, chunk: int
) -> None:
    monkeypatch.setattr(corpus_rows, "CHUNK", chunk)
    expected = stream(tokenizer, texts)
    if not expected:
        with pytest.raises(DatasetError, match="no text"):
            encode_passages(tokenizer, texts, max_length=max_length)
        return
    rows = encode_passages(tokenizer, iter(texts), max_length=max_length)
    assert [token for row in contents(rows) for token in row] in (
        expected,
        # A rest of one separator alone is left out, or ends the row before.
        [*expected, tokenizer.sep_token_id],
    )
    assert (rows.lengths[:-1] == max_length).all()
    assert 2 < rows.lengths[-1] <= max_length
    assert (rows.input_ids[rows.row_offsets[:-1]] == tokenizer.cls_token_id).all()
    assert (rows.input_ids[rows.row_offsets[1:] - 1] == tokenizer.sep_token_id).all()


@pytest.mark.parametrize(("tokens", "kept"), [(40, 40), (16, 16), (45, 45), (38, 32), (8, 8), (10_000, None)])
def test_a_limit_of_tokens_is_kept(bert_tokenizer: Any, tokens: int, kept: int | None) -> None:
    passages = [" ".join(WORDS)] * 4
    whole = encode_passages(bert_tokenizer, passages, max_length=16)
    rows = encode_passages(bert_tokenizer, passages, max_length=16, tokens=tokens)
    expected = len(whole.input_ids) if kept is None else kept
    assert len(rows.input_ids) == rows.row_offsets[-1] == expected
    assert rows.input_ids[-1] == bert_tokenizer.sep_token_id
    np.testing.assert_array_equal(rows.input_ids[:-1], whole.input_ids[: expected - 1])


def test_text_is_read_no_further_than_the_limit(bert_tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus_rows, "CHUNK", 2)
    read = []

    def endless() -> Any:
        while True:
            read.append(1)
            yield " ".join(WORDS)

    encode_passages(bert_tokenizer, endless(), max_length=16, tokens=200)
    assert len(read) < 20


def test_what_does_not_fit_is_told(bert_tokenizer: Any) -> None:
    with pytest.raises(SettingError, match="max_length is 7"):
        encode_passages(bert_tokenizer, ["x"], max_length=7)
    with pytest.raises(SettingError, match="limit of tokens is 3"):
        encode_passages(bert_tokenizer, ["x"], max_length=16, tokens=3)
    with pytest.raises(ModelError, match="not a fast one"):
        encode_passages(SimpleNamespace(is_fast=False), ["x"], max_length=16)
    with pytest.raises(ModelError, match="no classification or separator"):
        encode_passages(SimpleNamespace(is_fast=True, cls_token_id=None), ["x"], max_length=16)

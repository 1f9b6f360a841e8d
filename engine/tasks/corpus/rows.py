"""Turns passages into rows for masked LM: tokenised once, joined by separators, cut into rows of one length."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DatasetError, ModelError, SettingError
from engine.tasks.token_rows import TokenRows

CHUNK = 1000
"""Passages given to the tokenizer at once: enough to keep its threads busy, few enough to bound memory."""
LEAST_LENGTH = 8


def encode_passages(
    tokenizer: Any,  # noqa: ANN401 - transformers has no type for "any fast tokenizer"
    passages: Iterable[str],
    *,
    max_length: int,
    tokens: int = 0,
) -> TokenRows:
    """Rows of ``max_length`` tokens, the last one shorter: [CLS], then text, then [SEP].

    Passages follow each other with a separator between them, and a row ends wherever it is full, so that no place
    is lost to padding; a passage that does not fit goes on in the next row. RoBERTa's FULL-SENTENCES (Liu et al.
    2019, section 4.2) differs in that it ends rows at sentences. There is no second segment: token types are 0.

    The settings of the rows are what masking has to know of the tokenizer: ``mask_token_id`` (None where it has
    none), ``special_ids`` and ``vocabulary`` (number of ids).

    Args:
        tokenizer: a fast one with a classification and a separator token.
        passages: gone through once; neither text nor tokens are held in memory.
        max_length: tokens in a row, special ones included, at least 8.
        tokens: most tokens in all rows, special ones included; 0 takes all.

    Raises:
        SettingError: ``max_length`` or ``tokens`` is too small.
        ModelError: The tokenizer is not fast, or has no classification or separator token.
        DatasetError: There are no tokens.
    """
    _check(tokenizer, max_length, tokens)
    ids = _spooled(
        _rows(tokenizer, passages, max_length), _usable(tokens, max_length), tokenizer.sep_token_id
    )
    total = len(ids)
    rows = -(-total // max_length)
    offsets = np.minimum(np.arange(rows + 1, dtype=np.int64) * max_length, total)
    return TokenRows(
        input_ids=ids,
        token_type_ids=np.zeros(total, dtype=np.uint8),
        row_offsets=offsets,
        pad_token_id=int(tokenizer.pad_token_id or 0),
        settings={
            "mask_token_id": tokenizer.mask_token_id,
            "special_ids": sorted(tokenizer.all_special_ids),
            "vocabulary": len(tokenizer),
        },
    )


def _spooled(chunks: Iterable[NDArray[np.int32]], most: int, sep: int) -> NDArray[np.int32]:
    """Tokens of rows up to a limit, mapped from a file without a name, which goes when they do."""
    total = 0
    with tempfile.TemporaryFile() as file:
        for found in chunks:
            kept = found[: most - total]
            if len(kept) < len(found):
                kept[-1] = sep
            kept.tofile(file)
            total += len(kept)
            if total == most:
                break
        if not total:
            raise DatasetError("there is no text to encode; check the dataset and the limits")
        file.flush()
        return np.memmap(file, dtype=np.int32, mode="r", shape=(total,))


def _rows(tokenizer: Any, passages: Iterable[str], max_length: int) -> Iterator[NDArray[np.int32]]:  # noqa: ANN401
    """Whole rows, flat, some at a time; then what is left as one shorter row."""
    room = max_length - 2
    cls, sep = tokenizer.cls_token_id, tokenizer.sep_token_id
    rest = np.zeros(0, dtype=np.int32)
    for chunk in _tokenised(tokenizer, passages):
        stream = np.concatenate([rest, chunk])
        whole = len(stream) // room
        rest = stream[whole * room :]
        if whole:
            rows = np.empty((whole, max_length), dtype=np.int32)
            rows[:, 0], rows[:, -1] = cls, sep
            rows[:, 1:-1] = stream[: whole * room].reshape(whole, room)
            yield rows.ravel()
    if (rest != sep).any():
        # The separator behind the last passage is the row's own.
        yield np.concatenate([[cls], rest[:-1], [sep]]).astype(np.int32)


def _tokenised(tokenizer: Any, passages: Iterable[str]) -> Iterator[NDArray[np.int32]]:  # noqa: ANN401
    """Tokens of some passages at a time, each passage with a separator behind it."""
    texts = iter(passages)
    separator = [tokenizer.sep_token_id]
    while chunk := list(islice(texts, CHUNK)):
        encoded = tokenizer(
            chunk,
            add_special_tokens=False,
            padding=False,
            truncation=False,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )["input_ids"]
        parts = [np.array(row + separator, dtype=np.int32) for row in encoded if row]
        if parts:
            yield np.concatenate(parts)


def _usable(tokens: int, max_length: int) -> int:
    """The limit of tokens without a last row that would be too short to be worth its special tokens."""
    if not tokens:
        return int(np.iinfo(np.int64).max)
    rest = tokens % max_length
    return tokens if rest >= LEAST_LENGTH else tokens - rest


def _check(tokenizer: Any, max_length: int, tokens: int) -> None:  # noqa: ANN401
    name = getattr(tokenizer, "name_or_path", "") or type(tokenizer).__name__
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError(f"the tokenizer {name} is not a fast one; give a model folder with a tokenizer.json")
    if tokenizer.cls_token_id is None or tokenizer.sep_token_id is None:
        raise ModelError(
            f"the tokenizer {name} has no classification or separator token; a BERT-like one is needed"
        )
    if max_length < LEAST_LENGTH:
        raise SettingError(f"max_length is {max_length}; rows of text need at least {LEAST_LENGTH} tokens")
    if 0 < tokens < LEAST_LENGTH or tokens < 0:
        raise SettingError(f"the limit of tokens is {tokens}; give 0 for all, or at least {LEAST_LENGTH}")

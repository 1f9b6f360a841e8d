"""Turns examples into rows of token ids with their labels, as any BERT-like or RoBERTa tokenizer joins texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DatasetError, ModelError, SettingError
from engine.tasks.sequence.records import Example
from engine.tasks.token_rows import TokenRows

# Examples given to the tokenizer at once: enough to keep its threads busy, few enough to bound memory.
CHUNK = 1000


def encode_examples(
    tokenizer: Any,  # noqa: ANN401 - transformers has no type for "any fast tokenizer"
    examples: Sequence[Example],
    max_length: int,
    *,
    regression: bool,
) -> TokenRows:
    """Encode examples; of a pair that is too long, the longer text loses tokens from its end first.

    Args:
        tokenizer: A fast one.
        examples: At least one; all with a second text or all without.
        max_length: Most tokens in a row, special tokens included.
        regression: Whether labels are numbers (float32) instead of classes (int64).

    Raises:
        SettingError: ``max_length`` leaves no room for a token of each text.
        ModelError: The tokenizer is not fast.
        DatasetError: There are no examples.
    """
    if not examples:
        raise DatasetError("there are no examples to encode; check the dataset and the sample size")
    if not getattr(tokenizer, "is_fast", False):
        name = getattr(tokenizer, "name_or_path", "") or type(tokenizer).__name__
        raise ModelError(f"the tokenizer {name} is not a fast one; give a model folder with a tokenizer.json")
    paired = examples[0].pair is not None
    needed = tokenizer.num_special_tokens_to_add(pair=paired) + 1 + paired
    if max_length < needed:
        raise SettingError(f"max_length is {max_length}; a row needs at least {needed} tokens")
    ids, types, lengths = _tokens(tokenizer, examples, max_length, paired)
    labels = np.array([item.label for item in examples], dtype=np.float32 if regression else np.int64)
    return TokenRows(
        input_ids=ids,
        token_type_ids=types,
        row_offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        pad_token_id=int(tokenizer.pad_token_id or 0),
        targets={"labels": labels},
    )


def _tokens(
    tokenizer: Any,  # noqa: ANN401
    examples: Sequence[Example],
    max_length: int,
    paired: bool,
) -> tuple[NDArray[np.int32], NDArray[np.uint8], list[int]]:
    ids: list[NDArray[np.int32]] = []
    types: list[NDArray[np.uint8]] = []
    lengths: list[int] = []
    for first in range(0, len(examples), CHUNK):
        chunk = examples[first : first + CHUNK]
        encoded = tokenizer(
            [item.text for item in chunk],
            [item.pair for item in chunk] if paired else None,
            truncation="longest_first",
            max_length=max_length,
            padding=False,
            return_attention_mask=False,
            return_token_type_ids=True,
            verbose=False,
        )
        lengths += map(len, encoded["input_ids"])
        ids.append(np.concatenate([np.array(row, dtype=np.int32) for row in encoded["input_ids"]]))
        types.append(np.concatenate([np.array(row, dtype=np.uint8) for row in encoded["token_type_ids"]]))
    return np.concatenate(ids), np.concatenate(types), lengths

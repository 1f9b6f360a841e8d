"""Calls a fast tokenizer: tokens of many texts as flat arrays, and what it puts around a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError
from engine.tasks.squad.windows import IntArray

# Texts given to the tokenizer at once: enough to keep its threads busy, few enough to bound memory.
CHUNK = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Tokens of many texts, flat: those of text ``n`` are from ``offsets[n]`` to before ``offsets[n + 1]``.

    ``char_start`` and ``char_end`` are positions in the text, in characters.
    """

    ids: NDArray[np.int32]
    char_start: NDArray[np.int32]
    char_end: NDArray[np.int32]
    offsets: IntArray

    @property
    def lengths(self) -> IntArray:
        """Number of tokens of each text."""
        return np.diff(self.offsets)


def tokenise(tokenizer: Any, texts: Sequence[str]) -> Tokens:  # noqa: ANN401
    """Tokenise each text by itself, without special tokens."""
    ids: list[NDArray[np.int32]] = []
    spans: list[NDArray[np.int32]] = []
    lengths: list[int] = []
    for first in range(0, len(texts), CHUNK):
        chunk = tokenizer(
            list(texts[first : first + CHUNK]),
            add_special_tokens=False,
            padding=False,
            truncation=False,
            return_offsets_mapping=True,
            return_attention_mask=False,
            verbose=False,
        )
        lengths += map(len, chunk["input_ids"])
        ids += [np.array(row, dtype=np.int32) for row in chunk["input_ids"]]
        spans += [np.array(row, dtype=np.int32).reshape(-1, 2) for row in chunk["offset_mapping"]]
    span = np.concatenate(spans)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return Tokens(np.concatenate(ids), span[:, 0].copy(), span[:, 1].copy(), offsets)


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """What a tokenizer puts around a question and a context: ``ids`` are the special tokens in order.

    ``before`` of them precede the question, ``between`` stand before the context, the rest follow it.
    """

    ids: NDArray[np.int32]
    types: NDArray[np.uint8]
    before: int
    between: int
    query_type: int
    context_type: int
    cls_index: int

    @property
    def special_tokens(self) -> int:
        """Number of special tokens in a window."""
        return len(self.ids)


def read_template(tokenizer: Any) -> Template:  # noqa: ANN401
    """Learn from one joined pair what the tokenizer adds, so that any BERT-like family works.

    Raises:
        ModelError: The tokenizer is not fast, does not join pairs, or has its classification token elsewhere.
    """
    name = getattr(tokenizer, "name_or_path", "") or type(tokenizer).__name__
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError(f"the tokenizer {name} is not a fast one; give a model folder with a tokenizer.json")
    encoding = tokenizer("a", "b", padding=False, truncation=False).encodings[0]
    sequence: list[int | None] = list(encoding.sequence_ids)
    if 0 not in sequence or 1 not in sequence or sequence.index(0) > sequence.index(1):
        raise ModelError(
            f"the tokenizer {name} does not join a question and a context; a BERT-like one is needed"
        )
    query, context = sequence.index(0), sequence.index(1)
    special = [n for n, owner in enumerate(sequence) if owner is None]
    ids = [encoding.ids[n] for n in special]
    before = sum(n < query for n in special)
    if tokenizer.cls_token_id not in ids[:before]:
        raise ModelError(
            f"the tokenizer {name} does not put its classification token before the question, "
            "where the score for no answer is read; a BERT-like one is needed"
        )
    return Template(
        ids=np.array(ids, dtype=np.int32),
        types=np.array([encoding.type_ids[n] for n in special], dtype=np.uint8),
        before=before,
        between=sum(query < n < context for n in special),
        query_type=encoding.type_ids[query],
        context_type=encoding.type_ids[context],
        cls_index=ids.index(tokenizer.cls_token_id),
    )

"""Turns questions into windows of token ids, with the answer's position and the way back to characters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.errors import DatasetError
from engine.tasks.squad.feature_set import Features
from engine.tasks.squad.layout import Layout
from engine.tasks.squad.records import Question, fingerprint
from engine.tasks.squad.tokens import read_template, tokenise
from engine.tasks.squad.windows import check_lengths

__all__ = ["Features", "encode", "feature_fingerprint"]


def encode(
    tokenizer: Any,  # noqa: ANN401 - transformers has no type for "any fast tokenizer"
    questions: Sequence[Question],
    *,
    max_length: int = 384,
    doc_stride: int = 128,
    max_query_length: int = 64,
) -> Features:
    """Encode questions as BERT's SQuAD script does; each distinct context is tokenised only once.

    Args:
        tokenizer: A fast one that puts its classification token first (BERT, DistilBERT, RoBERTa and the like).
        questions: At least one.
        max_length: Most tokens in a window, special tokens included.
        doc_stride: Tokens between window starts, as in BERT's script (``stride`` of a tokenizer is the overlap).
        max_query_length: Longer questions lose their end.

    Raises:
        SettingError: The three lengths do not fit each other.
        ModelError: The tokenizer is not fast or does not put its classification token first.
        DatasetError: There are no questions.
    """
    if not questions:
        raise DatasetError("there are no questions to encode; check the dataset and the sample size")
    template = read_template(tokenizer)
    check_lengths(max_length, doc_stride, max_query_length, template.special_tokens)
    context_number = {text: n for n, text in enumerate(dict.fromkeys(item.context for item in questions))}
    of_question = np.array([context_number[item.context] for item in questions])
    asked = tokenise(tokenizer, [item.question for item in questions])
    contexts = tokenise(tokenizer, list(context_number))
    layout = Layout(template, asked, contexts, of_question, max_length, doc_stride, max_query_length)
    starts, ends = layout.answer_positions(questions)
    return Features(
        input_ids=layout.take([template.ids, asked.ids, contexts.ids]),
        token_type_ids=layout.token_types(),
        char_start=layout.take_context(contexts.char_start),
        char_end=layout.take_context(contexts.char_end),
        context_mask=layout.context_mask(),
        max_context=layout.max_context(),
        row_offsets=layout.row_offsets,
        start_positions=starts,
        end_positions=ends,
        window_question=layout.windows.question.astype(np.int32),
        question_count=len(questions),
        cls_index=template.cls_index,
        pad_token_id=int(tokenizer.pad_token_id or 0),
        max_length=max_length,
        doc_stride=doc_stride,
        max_query_length=max_query_length,
        fingerprint=_fingerprint(tokenizer, questions, (max_length, doc_stride, max_query_length)),
    )


def feature_fingerprint(
    tokenizer: Any,  # noqa: ANN401
    questions: Sequence[Question],
    *,
    max_length: int,
    doc_stride: int,
    max_query_length: int,
) -> str:
    """Return the SHA-256 of all that features depend on; known before encoding, so it can name a cache."""
    return _fingerprint(tokenizer, questions, (max_length, doc_stride, max_query_length))


def _fingerprint(tokenizer: Any, questions: Sequence[Question], lengths: tuple[int, int, int]) -> str:  # noqa: ANN401
    rules = json.loads(tokenizer.backend_tokenizer.to_str())
    # Calls leave their truncation and padding behind in the tokenizer; encoding does not depend on them.
    rules |= {"truncation": None, "padding": None}
    record = [rules, lengths, fingerprint(questions)]
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()

"""Lays tokens of questions and contexts out as windows, and finds the answers in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.tasks.squad.records import Question
from engine.tasks.squad.tokens import Template, Tokens
from engine.tasks.squad.windows import IntArray, cut, max_context, slice_index


class Layout:
    """Where the five parts of each window lie in a pool of all tokens.

    The parts are special tokens, question, special tokens, context, special tokens. The pool is the
    template's special tokens, then all questions' tokens, then all contexts'.
    """

    def __init__(
        self,
        template: Template,
        asked: Tokens,
        contexts: Tokens,
        of_question: IntArray,
        max_length: int,
        doc_stride: int,
        max_query_length: int,
    ) -> None:
        self._template, self._asked, self._contexts, self._stride = template, asked, contexts, doc_stride
        query_lengths = np.minimum(asked.lengths, max_query_length)
        self._rooms = max_length - template.special_tokens - query_lengths
        self.windows = windows = cut(contexts.lengths[of_question], self._rooms, doc_stride)
        self._of_question, self._context = of_question, of_question[windows.question]
        count, before, between = len(windows.question), template.before, template.between
        queries_at = template.special_tokens
        contexts_at = queries_at + len(asked.ids)
        starts = np.zeros((count, 5), dtype=np.int64)
        starts[:, 1] = queries_at + asked.offsets[windows.question]
        starts[:, 2] = before
        starts[:, 3] = contexts_at + contexts.offsets[self._context] + windows.start
        starts[:, 4] = before + between
        lengths = np.empty((count, 5), dtype=np.int64)
        lengths[:, 0], lengths[:, 2] = before, between
        lengths[:, 4] = template.special_tokens - before - between
        lengths[:, 1] = query_lengths[windows.question]
        lengths[:, 3] = windows.length
        self._index = slice_index(starts.ravel(), lengths.ravel())
        self.row_offsets: IntArray = np.concatenate([[0], np.cumsum(lengths.sum(axis=1))])
        # Position in its window of the first context token.
        self._context_at = lengths[:, :3].sum(axis=1)

    def take(self, parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Lay out a pool given as its three parts: special, questions, contexts."""
        return np.concatenate(parts)[self._index]

    def take_context(self, values: NDArray[np.int32]) -> NDArray[np.int32]:
        """Lay out values of the contexts' tokens; all other tokens get 0."""
        return self.take([np.zeros(self._template.special_tokens + len(self._asked.ids), np.int32), values])

    def token_types(self) -> NDArray[np.uint8]:
        """Token types as the tokenizer's own template has them."""
        template = self._template
        queries = np.full(len(self._asked.ids), template.query_type, dtype=np.uint8)
        contexts = np.full(len(self._contexts.ids), template.context_type, dtype=np.uint8)
        return self.take([template.types, queries, contexts])

    def context_mask(self) -> NDArray[np.bool_]:
        """Context tokens; those that stand for no character cannot bound an answer and are left out."""
        wide = self._contexts.char_end > self._contexts.char_start
        others = np.zeros(self._template.special_tokens + len(self._asked.ids), dtype=np.bool_)
        return self.take([others, wide])

    def max_context(self) -> NDArray[np.bool_]:
        """Context tokens for which this is the window with most context."""
        mask, windows = self.context_mask(), self.windows
        begin = self.row_offsets[:-1] + self._context_at
        for w in np.flatnonzero(windows.siblings > 1):
            context_length = self._contexts.lengths[self._context[w]]
            room = self._rooms[windows.question[w]]
            pattern = max_context(int(context_length), int(room), self._stride)
            mask[begin[w] : begin[w] + windows.length[w]] &= pattern[windows.start[w] // self._stride]
        return mask

    def answer_positions(self, questions: Sequence[Question]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """First and last token of each question's first answer in each window that holds it whole."""
        first = np.full(len(questions), -1)
        last = np.full(len(questions), -1)
        for n, item in enumerate(questions):
            if item.answerable:
                first[n], last[n] = self._answer_tokens(n, item)
        windows, question = self.windows, self.windows.question
        first, last = first[question] - windows.start, last[question] - windows.start
        inside = (first >= 0) & (first <= last) & (last < windows.length)
        cls = self._template.cls_index
        starts = np.where(inside, first + self._context_at, cls).astype(np.int32)
        return starts, np.where(inside, last + self._context_at, cls).astype(np.int32)

    def _answer_tokens(self, number: int, item: Question) -> tuple[int, int]:
        """Number in the context of the first and last token that share a character with the first answer."""
        context = self._of_question[number]
        tokens = slice(self._contexts.offsets[context], self._contexts.offsets[context + 1])
        answer = item.answers[0]
        first = int(np.searchsorted(self._contexts.char_end[tokens], answer.start, side="right"))
        last = int(np.searchsorted(self._contexts.char_start[tokens], answer.end, side="left")) - 1
        return first, last

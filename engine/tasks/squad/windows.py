"""How a long context is cut into overlapping windows, as BERT's SQuAD script does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.errors import SettingError

IntArray = NDArray[np.int64]
# BERT's tie break between windows that give a token equal context: the longer window wins.
LENGTH_BONUS = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Which context tokens each window holds; all arrays have shape (windows,) and question order.

    Attributes:
        question: Number of the window's question.
        start: First context token of the window.
        length: Number of context tokens of the window.
        siblings: Number of windows of the window's question.
    """

    question: IntArray
    start: IntArray
    length: IntArray
    siblings: IntArray


def check_lengths(max_length: int, doc_stride: int, max_query_length: int, special_tokens: int) -> None:
    """Check that windows of these settings cover every context and overlap.

    Raises:
        SettingError: A setting is below 1, no room is left for the context, or the stride leaves gaps.
    """
    settings = {"max_length": max_length, "doc_stride": doc_stride, "max_query_length": max_query_length}
    for name, value in settings.items():
        if value < 1:
            raise SettingError(f"{name} is {value}; it must be at least 1")
    room = max_length - max_query_length - special_tokens
    if room < 1:
        raise SettingError(
            f"max_length {max_length} leaves no room for the context beside max_query_length "
            f"{max_query_length} and {special_tokens} special tokens; "
            f"raise max_length above {max_query_length + special_tokens}"
        )
    if doc_stride >= room:
        raise SettingError(
            f"doc_stride {doc_stride} must be below the {room} context tokens that a window has beside "
            f"a long question (max_length {max_length} - max_query_length {max_query_length} - "
            f"{special_tokens} special tokens), or windows would not overlap; "
            "lower doc_stride or max_query_length, or raise max_length"
        )


def cut(context_lengths: IntArray, rooms: IntArray, stride: int) -> Windows:
    """Cut contexts into windows that start ``stride`` tokens apart, the last one reaching the context's end.

    Args:
        context_lengths: Tokens of each question's context; an empty context has one empty window.
        rooms: Context tokens that fit beside each question.
        stride: Tokens between window starts, below every room.
    """
    counts = 1 + np.maximum(0, -(-(context_lengths - rooms) // stride))
    question = np.repeat(np.arange(len(counts)), counts)
    first_window = np.cumsum(counts) - counts
    start = (np.arange(len(question)) - first_window[question]) * stride
    length = np.minimum(context_lengths[question] - start, rooms[question])
    return Windows(question, start, length, counts[question])


@lru_cache(maxsize=4096)
def max_context(context_length: int, room: int, stride: int) -> tuple[NDArray[np.bool_], ...]:
    """For each window of one context: which of its tokens have more context here than in the other windows.

    A token's context in a window is the smaller of the numbers of tokens to its left and right, plus 0.01
    times the window's length; the earlier of two equal windows wins (``_check_is_max_context`` of BERT's
    run_squad.py).
    """
    windows = cut(np.array([context_length]), np.array([room]), stride)
    position = np.arange(context_length)
    left = position - windows.start[:, None]
    right = (windows.start + windows.length)[:, None] - 1 - position
    context = np.minimum(left, right)
    score = np.where(context >= 0, context + LENGTH_BONUS * windows.length[:, None], -np.inf)
    best = score.argmax(axis=0)
    spans = zip(windows.start, windows.length, strict=True)
    return tuple(best[start : start + length] == number for number, (start, length) in enumerate(spans))


def slice_index(starts: IntArray, lengths: IntArray) -> IntArray:
    """Return the positions that concatenate the slices ``start : start + length``."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(total)

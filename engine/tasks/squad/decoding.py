"""Turns start and end logits into the best answer of each question and the odds that there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import DivergenceError, ModelError, SettingError
from engine.tasks.squad.feature_set import Features
from engine.tasks.squad.records import Question

FloatArray = NDArray[np.float64]
Logits = NDArray[np.float32]

# Windows decoded at once: some tens of megabytes of working memory.
CHUNK = 1024
# Score of "some span" where no span is admissible, as the placeholder in BERT's script has it.
NO_SPAN_SCORE = 0.0


@dataclass(frozen=True, slots=True)
class Decoded:
    """Best answers by question id.

    Attributes:
        best_text: The best non-empty answer, a slice of the context; "" where no span is admissible.
        null_odds: Null score minus best span score, in logits: above 0 the model prefers no answer.
        span: First character of the answer in the context and the one behind its last; (0, 0) without a span.
    """

    best_text: dict[str, str]
    null_odds: dict[str, float]
    span: dict[str, tuple[int, int]]


def decode(
    features: Features,
    questions: Sequence[Question],
    start_logits: Logits,
    end_logits: Logits,
    *,
    n_best: int = 20,
    max_answer_length: int = 30,
) -> Decoded:
    """Decode logits by the rules of BERT's SQuAD 2.0 script.

    In each window the ``n_best`` highest starts are paired with the ``n_best`` highest ends. A pair counts
    if both lie in the context, the start has its maximum context in this window, the end is not before
    the start, and the span has at most ``max_answer_length`` tokens. The highest sum of all windows wins,
    the first of equal ones. The null score is the sum at the classification token, the lowest of all windows.
    If no pair counts, the span score is 0. The answer is cut from the context by character offsets; this
    takes the place of BERT's alignment of de-tokenised text and cannot fail as that can.

    Args:
        features: As encoded from ``questions``.
        questions: In the order they were encoded.
        start_logits: Shape (tokens,), in the layout of ``features.input_ids``.
        end_logits: As ``start_logits``.
        n_best: Starts and ends considered in each window, counted over all its tokens.
        max_answer_length: In tokens.

    Raises:
        DivergenceError: A logit is not a finite number.
        ModelError: The logits or the questions are not those of the features.
        SettingError: ``n_best`` or ``max_answer_length`` is below 1.
    """
    _check_limits(n_best, max_answer_length)
    _check(features, questions, start_logits, end_logits)
    cls = features.row_offsets[:-1] + features.cls_index
    null = start_logits[cls].astype(np.float64) + end_logits[cls]
    lowest_null = np.full(len(questions), np.inf)
    np.minimum.at(lowest_null, features.window_question, null)
    parts = [
        _best_spans(features, start_logits, end_logits, low, n_best, max_answer_length)
        for low in range(0, len(features), CHUNK)
    ]
    scores = np.concatenate([part[0] for part in parts])
    first_token, last_token = (np.concatenate([part[n] for part in parts]) for n in (1, 2))
    # Windows of a question are neighbours; the stable sort brings its best window to their front.
    order = np.lexsort((-scores, features.window_question))
    best = order[np.searchsorted(features.window_question, np.arange(len(questions)))]
    found = np.isfinite(scores[best])
    starts = np.where(found, features.char_start[first_token[best]], 0)
    ends = np.where(found, features.char_end[last_token[best]], 0)
    return _collect(questions, starts, ends, lowest_null - np.where(found, scores[best], NO_SPAN_SCORE))


def _check_limits(n_best: int, max_answer_length: int) -> None:
    for name, value in (("n_best", n_best), ("max_answer_length", max_answer_length)):
        if value < 1:
            raise SettingError(f"{name} is {value}; it must be at least 1")


def _check(
    features: Features, questions: Sequence[Question], start_logits: Logits, end_logits: Logits
) -> None:
    if features.question_count != len(questions):
        raise ModelError(
            f"the features are of {features.question_count} questions, but {len(questions)} were given; "
            "decode with the questions that were encoded"
        )
    for name, logits in (("start_logits", start_logits), ("end_logits", end_logits)):
        if logits.shape != features.input_ids.shape:
            raise ModelError(
                f"{name} has shape {logits.shape}, but the features have {len(features.input_ids)} tokens"
            )
        bad = np.count_nonzero(~np.isfinite(logits))
        if bad:
            raise DivergenceError(
                f"{bad} of {logits.size} {name.replace('_', ' ')} are not finite: the model diverged. "
                "Lower the learning rate or the initializer range"
            )


def _best_spans(
    features: Features,
    start_logits: Logits,
    end_logits: Logits,
    low: int,
    n_best: int,
    max_answer_length: int,
) -> tuple[FloatArray, NDArray[np.int64], NDArray[np.int64]]:
    """Best admissible spans of a chunk of windows: score (-inf if none), first and last token (flat)."""
    rows = features.row_offsets[low : low + CHUNK + 1]
    first, lengths = rows[:-1, None], np.diff(rows)[:, None]
    start = _highest(start_logits, first, lengths, n_best)
    end = _highest(end_logits, first, lengths, n_best)
    start_score = np.where(start >= 0, start_logits[start], -np.inf).astype(np.float64)
    end_score = np.where(end >= 0, end_logits[end], -np.inf).astype(np.float64)
    may_start = (start >= 0) & features.max_context[start]
    may_end = (end >= 0) & features.context_mask[end]
    reach = end[:, None, :] - start[:, :, None]
    allowed = may_start[:, :, None] & may_end[:, None, :] & (reach >= 0) & (reach < max_answer_length)
    total = np.where(allowed, start_score[:, :, None] + end_score[:, None, :], -np.inf)
    total = total.reshape(len(total), -1)
    choice = total.argmax(axis=1)
    row = np.arange(len(total))
    width = end.shape[1]
    return total[row, choice], start[row, choice // width], end[row, choice % width]


def _highest(
    logits: Logits, first: NDArray[np.int64], lengths: NDArray[np.int64], n_best: int
) -> NDArray[np.int64]:
    """Flat positions of each window's ``n_best`` highest logits, equal ones in order; -1 beyond its end."""
    column = np.arange(lengths.max())
    inside = column < lengths
    padded = np.where(inside, -logits[np.where(inside, first + column, 0)], np.inf)
    order = np.argsort(padded, axis=1, kind="stable")[:, :n_best]
    return np.where(order < lengths, first + order, -1)


def _collect(
    questions: Sequence[Question],
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    odds: FloatArray,
) -> Decoded:
    best_text: dict[str, str] = {}
    span: dict[str, tuple[int, int]] = {}
    for item, start, end in zip(questions, starts.tolist(), ends.tolist(), strict=True):
        text = item.context[start:end]
        lead = len(text) - len(text.lstrip())
        text = text.strip()
        best_text[item.id] = text
        span[item.id] = (start + lead, start + lead + len(text))
    return Decoded(best_text, dict(zip((q.id for q in questions), odds.tolist(), strict=True)), span)

"""Encoded questions as flat arrays with row offsets, saved as one memory-mappable Arrow file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.tasks.token_rows import Columns, load_columns, save_columns

FILE_NAME = "features.arrow"
FORMAT = 1
TOKEN_COLUMNS = ("input_ids", "token_type_ids", "char_start", "char_end", "context_mask", "max_context")
TRUTH_COLUMNS = ("context_mask", "max_context")
WINDOW_COLUMNS = ("start_positions", "end_positions", "window_question")
SETTINGS = (
    "question_count",
    "cls_index",
    "pad_token_id",
    "max_length",
    "doc_stride",
    "max_query_length",
    "fingerprint",
)


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Windows of questions and contexts, unpadded.

    The tokens of window ``w`` are those from ``row_offsets[w]`` to before ``row_offsets[w + 1]``.

    Attributes:
        input_ids: int32, shape (tokens,).
        token_type_ids: uint8, shape (tokens,); all 0 for families without token types.
        char_start: int32, shape (tokens,); first character in the context of each context token, else 0.
        char_end: int32, shape (tokens,); character behind the last one of each context token, else 0.
        context_mask: bool, shape (tokens,); which tokens are of the context.
        max_context: bool, shape (tokens,); which context tokens have more context here than in any
            other window of the question.
        row_offsets: int64, shape (windows + 1,).
        start_positions: int32, shape (windows,); position in the window of the first token of the
            question's first answer, or ``cls_index`` where the window does not hold the whole answer.
        end_positions: int32, shape (windows,); the same for its last token.
        window_question: int32, shape (windows,), ascending; number of the question of each window.
        question_count: Number of questions; each has at least one window.
        cls_index: Position of the classification token, whose logits stand for "no answer".
        pad_token_id: What to pad batches with.
        max_length: Most tokens in a window.
        doc_stride: Tokens between the starts of neighbouring windows.
        max_query_length: Most tokens kept of a question.
        fingerprint: SHA-256 of questions, tokenizer and settings, see ``feature_fingerprint``.
    """

    input_ids: NDArray[np.int32]
    token_type_ids: NDArray[np.uint8]
    char_start: NDArray[np.int32]
    char_end: NDArray[np.int32]
    context_mask: NDArray[np.bool_]
    max_context: NDArray[np.bool_]
    row_offsets: NDArray[np.int64]
    start_positions: NDArray[np.int32]
    end_positions: NDArray[np.int32]
    window_question: NDArray[np.int32]
    question_count: int
    cls_index: int
    pad_token_id: int
    max_length: int
    doc_stride: int
    max_query_length: int
    fingerprint: str

    def __len__(self) -> int:
        """Number of windows."""
        return len(self.window_question)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of tokens of each window."""
        return np.diff(self.row_offsets)

    @property
    def targets(self) -> dict[str, NDArray[np.int32]]:
        """Where answers begin and end, each of shape (windows,)."""
        return {"start_positions": self.start_positions, "end_positions": self.end_positions}

    def save(self, folder: Path) -> None:
        """Write the features into ``folder``; a reader sees the old file or the new one, never a part."""
        tokens = {name: _mappable(getattr(self, name)) for name in TOKEN_COLUMNS}
        rows = {name: getattr(self, name) for name in WINDOW_COLUMNS}
        settings = {name: getattr(self, name) for name in SETTINGS} | {"format": FORMAT}
        save_columns(folder / FILE_NAME, Columns(tokens, rows, self.row_offsets, settings))

    @classmethod
    def load(cls, folder: Path) -> Features:
        """Map the features in ``folder`` into memory; the arrays are read-only and shared between processes.

        Raises:
            DatasetError: The file is missing, damaged, or of another format.
        """
        found = load_columns(folder / FILE_NAME, FORMAT)
        fields: dict[str, Any] = {**found.tokens, **found.rows, **found.settings}
        for name in TRUTH_COLUMNS:
            fields[name] = fields[name].view(np.bool_)
        return cls(row_offsets=found.row_offsets, **fields)


def _mappable(values: NDArray[Any]) -> NDArray[Any]:
    return values.view(np.uint8) if values.dtype == np.bool_ else values

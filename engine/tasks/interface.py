"""What a task is to the rest of the program: examples, their encoded rows, and scores of a model's outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.tasks.example_scores import ExampleScores
from engine.tasks.predictions import ExampleText

Head = Literal["span", "sequence", "masked_lm"]
"""What sits on top of the encoder: start and end logits per token, one vector of logits per row, or the vocabulary."""

Outputs = Mapping[str, NDArray[Any]]
"""What a model says of a part's rows, by name; see ``OUTPUT_NAMES``."""

OUTPUT_NAMES: Mapping[Head, tuple[str, ...]] = {
    "span": ("start", "end"),
    "sequence": ("logits",),
    "masked_lm": (),
}
"""Outputs of each head. ``start`` and ``end`` are flat, one number per token in the layout of ``Rows.input_ids``;
``logits`` has the shape (rows, labels)."""


class Rows(Protocol):
    """Encoded inputs, unpadded.

    The tokens of row ``r`` are from ``row_offsets[r]`` to before ``row_offsets[r + 1]``.
    """

    @property
    def input_ids(self) -> NDArray[np.int32]:
        """All tokens, shape (tokens,)."""

    @property
    def token_type_ids(self) -> NDArray[np.uint8]:
        """Token types, shape (tokens,); all 0 for families without them."""

    @property
    def row_offsets(self) -> NDArray[np.int64]:
        """Where rows begin, shape (rows + 1,)."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each row, shape (rows,)."""

    @property
    def pad_token_id(self) -> int:
        """What to pad batches with."""

    @property
    def targets(self) -> Mapping[str, NDArray[Any]]:
        """What is to be learned, one value per row: ``start_positions`` and ``end_positions``, or ``labels``."""

    def __len__(self) -> int:
        """Number of rows."""

    def save(self, folder: Path) -> None:
        """Write the rows into the folder as a file that can be memory-mapped."""


class Part(NamedTuple):
    """Examples of one part of the data (training, calibration, evaluation) with their rows."""

    examples: Sequence[Any]
    rows: Any


@dataclass(frozen=True, slots=True)
class Scores:
    """Metrics of a model on the evaluation part.

    Attributes:
        metrics: by name; what each means stands in ``engine.metric_catalogue``.
        standard_errors: of the metrics that have one, in the metric's own unit.
        predictions: what the model answered, one JSON-ready record per example, by the example's id.
        example_scores: metrics that are means over examples, example by example, the task's own metric first.
    """

    metrics: dict[str, float]
    standard_errors: dict[str, float]
    predictions: dict[str, Any] = field(default_factory=dict)
    example_scores: Mapping[str, ExampleScores] = field(default_factory=dict)


class Task(Protocol):
    """One task on one dataset, ready to be read, encoded and scored. It knows nothing of models or torch."""

    @property
    def head(self) -> Head:
        """The head a model needs for it."""

    @property
    def labels(self) -> int:
        """Outputs of the head (2 for span: start and end; 1 for regression)."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts in order: ``training`` first, ``evaluation`` last."""

    def files(self) -> tuple[Path, ...]:
        """Local files and folders behind the data; none for what is on the hub."""

    def check(self) -> None:
        """Look at local data as far as it takes to find slips; what is on the hub is looked at when it is read.

        Raises:
            DatasetError: as ``read``.
        """

    def read(self) -> dict[str, Sequence[Any]]:
        """Examples of every part, sampled by the seed; no text is in two parts.

        Raises:
            DatasetError: The data cannot be found, read, or is not in the task's form.
        """

    def encode(self, tokenizer: Any, examples: Sequence[Any], part: str) -> Rows:  # noqa: ANN401
        """Rows of the examples; what is only needed for learning may be left out of other parts."""

    def save(self, part: Part, folder: Path) -> None:
        """Write examples and rows of a part."""

    def load(self, folder: Path) -> Part:
        """Read what ``save`` wrote, rows memory-mapped."""

    def texts(self, examples: Sequence[Any]) -> list[ExampleText]:
        """Evaluation examples as people read them, by the names and in the order of a model's predictions."""

    def score(self, parts: Mapping[str, Part], outputs: Mapping[str, Outputs]) -> Scores:
        """Metrics from a model's outputs on every part but ``training``."""

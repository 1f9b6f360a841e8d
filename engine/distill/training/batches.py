"""Batches of rows: bucketed by length so that little is padding, in an order fixed by seed and epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.tasks.interface import Outputs, Rows

BUCKET_BATCHES = 16
"""Rows are sorted by length within random groups of this many batches; more means less padding, less mixing."""

PER_TOKEN = frozenset({"start", "end", "hidden"})
"""Outputs of the teacher that have a value for each token; the others have one for each row."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded rows.

    Attributes:
        inputs: ``input_ids``, ``attention_mask`` and ``token_type_ids``, each of shape (rows, length).
        rows: which rows these are, shape (rows,).
        targets: what is to be learned, by name, each of shape (rows,).
        teacher: what the teacher said of the rows, by name; shape (rows, length, ...) where it is per token, 0 at
            padding, else (rows, ...). Empty without a teacher.
    """

    inputs: dict[str, Tensor]
    rows: NDArray[np.int64]
    targets: dict[str, Tensor]
    teacher: dict[str, Tensor]

    @property
    def mask(self) -> Tensor:
        """The attention mask, shape (rows, length)."""
        return self.inputs["attention_mask"]


def training_order(rows: Rows, batch_size: int, seed: int, epoch: int) -> list[NDArray[np.int64]]:
    """Rows of every batch of an epoch, the same for the same arguments."""
    rng = np.random.default_rng([seed, epoch])
    order = rng.permutation(len(rows))
    lengths = rows.lengths
    group = batch_size * BUCKET_BATCHES
    batches: list[NDArray[np.int64]] = []
    for begin in range(0, len(order), group):
        chunk = order[begin : begin + group]
        chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
        batches += [chunk[i : i + batch_size] for i in range(0, len(chunk), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def by_length(rows: Rows, batch_size: int, max_tokens: int) -> Iterator[NDArray[np.int64]]:
    """Rows in batches from the longest to the shortest, for inference.

    Args:
        rows: what to go through.
        batch_size: rows at a time, at most.
        max_tokens: tokens at a time, padding included, at most (but always a row).
    """
    lengths = rows.lengths
    order = np.argsort(-lengths, kind="stable")
    for begin in range(0, len(order), batch_size):
        yield from within_budget(order[begin : begin + batch_size], lengths, max_tokens)


def within_budget(
    chosen: NDArray[np.int64], lengths: NDArray[np.int64], max_tokens: int
) -> Iterator[NDArray[np.int64]]:
    """The chosen rows in as few equal pieces as keep the padded tokens of each within the budget.

    A piece is a run of neighbours, so that rows sorted by length stay with their like. A row longer than the
    budget makes a piece of its own.
    """
    most = max(1, max_tokens // int(lengths[chosen].max()))
    pieces = -(-len(chosen) // most)
    yield from np.array_split(chosen, pieces)


def make_batch(
    rows: Rows, chosen: NDArray[np.int64], device: torch.device, teacher: Outputs | None = None
) -> Batch:
    """Gather rows and pad them to the longest of them."""
    begins = rows.row_offsets[chosen]
    lengths = rows.row_offsets[chosen + 1] - begins
    columns = np.arange(int(lengths.max()))
    mask = columns < lengths[:, None]
    places = np.where(mask, begins[:, None] + columns, 0)

    def moved(values: NDArray[Any]) -> Tensor:
        return torch.from_numpy(values).to(device, non_blocking=True)

    def padded(values: NDArray[Any], fill: int) -> Tensor:
        return moved(np.where(mask, values[places], fill))

    def told(name: str, values: NDArray[Any]) -> Tensor:
        if name not in PER_TOKEN:
            return moved(values[chosen]).float()
        shape = mask.shape + (1,) * (values.ndim - 1)
        return moved(np.where(mask.reshape(shape), values[places], values.dtype.type(0))).float()

    return Batch(
        inputs={
            "input_ids": padded(rows.input_ids, rows.pad_token_id).long(),
            "attention_mask": moved(mask.astype(np.int64)),
            "token_type_ids": padded(rows.token_type_ids, 0).long(),
        },
        rows=chosen,
        targets={name: moved(np.ascontiguousarray(values[chosen])) for name, values in rows.targets.items()},
        teacher={name: told(name, values) for name, values in (teacher or {}).items()},
    )

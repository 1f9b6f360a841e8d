"""Batches of windows: bucketed by length so that little is padding, in an order fixed by seed and epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.tasks.squad_features import Features

BUCKET_BATCHES = 16
"""Windows are sorted by length within random groups of this many batches; more means less padding, less mixing."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded windows.

    Attributes:
        inputs: ``input_ids``, ``attention_mask`` and ``token_type_ids``, each of shape (windows, length).
        windows: which windows these are, shape (windows,).
        start_positions: shape (windows,).
        end_positions: shape (windows,).
        teacher_start: the teacher's start logits, shape (windows, length), 0 at padding; None without a teacher.
        teacher_end: the same for ends.
    """

    inputs: dict[str, Tensor]
    windows: NDArray[np.int64]
    start_positions: Tensor
    end_positions: Tensor
    teacher_start: Tensor | None
    teacher_end: Tensor | None


@dataclass(frozen=True, slots=True)
class Logits:
    """Answer logits of every token of a feature set, flat, in the layout of ``Features.input_ids``."""

    start: NDArray[np.float32]
    end: NDArray[np.float32]


def training_order(features: Features, batch_size: int, seed: int, epoch: int) -> list[NDArray[np.int64]]:
    """Windows of every batch of an epoch, the same for the same arguments."""
    rng = np.random.default_rng([seed, epoch])
    order = rng.permutation(len(features))
    group = batch_size * BUCKET_BATCHES
    batches: list[NDArray[np.int64]] = []
    for begin in range(0, len(order), group):
        chunk = order[begin : begin + group]
        chunk = chunk[np.argsort(features.lengths[chunk], kind="stable")]
        batches += [chunk[i : i + batch_size] for i in range(0, len(chunk), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def by_length(features: Features, batch_size: int) -> Iterator[NDArray[np.int64]]:
    """Windows in batches from the longest to the shortest, for inference."""
    order = np.argsort(-features.lengths, kind="stable")
    for begin in range(0, len(order), batch_size):
        yield order[begin : begin + batch_size]


def make_batch(
    features: Features, windows: NDArray[np.int64], device: torch.device, teacher: Logits | None = None
) -> Batch:
    """Gather windows and pad them to the longest of them."""
    lengths = features.lengths[windows]
    width = int(lengths.max())
    columns = np.arange(width)
    mask = columns < lengths[:, None]
    places = np.where(mask, features.row_offsets[windows][:, None] + columns, 0)

    def moved(values: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(values).to(device, non_blocking=True)

    def padded(values: NDArray[np.generic], fill: float) -> Tensor:
        return moved(np.where(mask, values[places], fill))

    return Batch(
        inputs={
            "input_ids": padded(features.input_ids, features.pad_token_id).long(),
            "attention_mask": moved(mask.astype(np.int64)),
            "token_type_ids": padded(features.token_type_ids, 0).long(),
        },
        windows=windows,
        start_positions=moved(features.start_positions[windows].astype(np.int64)),
        end_positions=moved(features.end_positions[windows].astype(np.int64)),
        teacher_start=None if teacher is None else padded(teacher.start, 0.0).float(),
        teacher_end=None if teacher is None else padded(teacher.end, 0.0).float(),
    )

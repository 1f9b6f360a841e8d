"""Unstructured magnitude pruning during training: the smallest weights of the encoder become zero, more by and by.

The training loop wraps its optimiser step in ``sparse_step``. Nothing is kept between steps: which weights are
pruned is read off the weights themselves, so a training that is resumed from a checkpoint goes on bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from engine.distill.students.encoder_linears import encoder_linears
from engine.errors import SettingError

START, END = 0.1, 0.75
"""Shares of the training between which weights are removed; the rest lets the model recover."""
UPDATES = 50
"""Times weights are removed between start and end. Each looks at all weights, a step in between at zeros alone."""
MOST = 0.95


def sparsity_at(step: int, total: int, final: float, start: float = START, end: float = END) -> float:
    """Share of zeros in each matrix after ``step`` optimiser steps.

    The cubic schedule of Zhu and Gupta, "To prune, or not to prune" (2017), equation 1, from 0:
    ``final * (1 - (1 - (step - s) / (e - s)) ** 3)`` between the steps ``s = start * total`` and ``e = end * total``,
    0 before and ``final`` behind them. It removes many weights while there are plenty and few towards the end.

    Args:
        step: Optimiser steps done, 0 to ``total``.
        total: Optimiser steps in the training.
        final: Share of zeros in the end, 0 to 0.95.
        start: Share of the training before the first removal, 0 to ``end``.
        end: Share of the training at the last removal, at most 1.

    Raises:
        SettingError: A setting is out of its range.
    """
    if not 0 <= final <= MOST:
        raise SettingError(f"sparsity is {final}; it must be from 0 to {MOST}")
    if not 0 <= start <= end <= 1:
        raise SettingError(
            f"sparsity runs from {start} to {end} of the training; both must be 0 to 1, in order"
        )
    first, last = start * total, end * total
    if step >= last:
        return final
    if step <= first:
        return 0.0
    return final * (1 - (1 - (step - first) / (last - first)) ** 3)


def apply_sparsity(model: nn.Module, share: float) -> None:
    """Set the smallest weights of each of the encoder's matrices to zero, in place.

    Args:
        model: A model of a supported family.
        share: Share of each matrix that is zero afterwards, 0 to 1, rounded down to whole weights. Zeros there are
            count; of equally small weights those that come first go first.
    """
    with torch.no_grad():
        for weight in _matrices(model):
            count = int(share * weight.numel())
            if count:
                _remove_smallest(weight, count)


@contextmanager
def sparse_step(model: nn.Module, step: int, total: int, final: float) -> Iterator[None]:
    """Surrounds an optimiser step: pruned weights stay zero through it, and more are removed behind it when due.

    ``with sparse_step(model, step, total, settings.sparsity): optimizer.step()``. While the schedule has begun, a
    weight that is zero before the step counts as pruned. Without sparsity it does nothing.

    Args:
        model: The model that is trained.
        step: Number of this optimiser step, 1 to ``total``.
        total: Optimiser steps in the training.
        final: Share of zeros in the end, 0 to 0.95; see ``sparsity_at``.
    """
    # The step before decides, not this one: a step that removes the first weights has none to keep.
    begun = final > 0 and sparsity_at(step - 1, total, final) > 0
    kept = [(weight, weight.detach() != 0) for weight in _matrices(model)] if begun else []
    yield
    with torch.no_grad():
        for weight, mask in kept:
            weight.mul_(mask)
    if final > 0 and is_due(step, total):
        apply_sparsity(model, sparsity_at(step, total, final))


def is_due(step: int, total: int, start: float = START, end: float = END) -> bool:
    """Whether weights are removed after an optimiser step: ``UPDATES`` times, evenly spread, last at the end."""
    first, last = int(start * total), max(1, int(-(-end * total // 1)))
    every = max(1, (last - first) // UPDATES)
    return first < step <= last and (last - step) % every == 0


def nonzero_parameters(model: nn.Module) -> int:
    """Parameters of a model less the zeros in its encoder's matrices."""
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return parameters - sum(int((weight == 0).sum()) for weight in _matrices(model))


def _matrices(model: nn.Module) -> list[Tensor]:
    return [linear.weight for linear in encoder_linears(model).values()]


def _remove_smallest(weight: Tensor, count: int) -> None:
    size = weight.abs()
    limit = _kth_smallest(size.flatten(), count)
    kept = size > limit
    excess = weight.numel() - count - int(kept.sum())
    if excess:
        ties = (size == limit).flatten().nonzero().flatten()
        kept.view(-1)[ties[len(ties) - excess :]] = True
    weight.mul_(kept)


def _kth_smallest(values: Tensor, count: int) -> float:
    if values.device.type == "cpu":
        # Ten times as fast as kthvalue, which is made for GPUs.
        return float(np.partition(values.numpy(), count - 1)[count - 1])
    return float(values.kthvalue(count).values)

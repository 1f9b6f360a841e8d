"""Losses that draw a student's inner states towards its teacher's: hidden states, their direction, and attention.

All are means over attended tokens, so that they do not depend on how far a batch was padded, and are computed in
at least fp32. No gradient flows into the teacher.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from engine.errors import SettingError

LEAST_ATTENTION = 1e-9
"""Attention below this counts as this, so that a weight that rounds to 0 does not make the divergence infinite."""


def matched_layers(student_layers: int, teacher_layers: int) -> tuple[int, ...]:
    """For each student layer the teacher layer it is to resemble: evenly spread, the last one to the last one.

    The uniform rule of Jiao et al., "TinyBERT" (2020), section 3.1: layer m of M resembles layer m N / M of N,
    rounded down where it is no whole number, but at least the first. Numbers are from 0.

    Raises:
        SettingError: A number of layers is below 1.
    """
    if min(student_layers, teacher_layers) < 1:
        raise SettingError(
            f"the student has {student_layers} layers and the teacher {teacher_layers}; both need at least 1"
        )
    return tuple(
        max((layer + 1) * teacher_layers // student_layers - 1, 0) for layer in range(student_layers)
    )


def cosine_loss(student: Tensor, teacher: Tensor, mask: Tensor, units: Tensor | None = None) -> Tensor:
    """1 - cos(student, teacher), mean over attended tokens, 0 to 2.

    The third loss of Sanh et al., "DistilBERT" (2019), section 3, which aligns the directions of the last hidden
    states (``CosineEmbeddingLoss`` with target 1).

    Args:
        student: Hidden states, shape (batch, length, width).
        teacher: The teacher's, of the same shape, or of any width where ``units`` is given.
        mask: Shape (batch, length), true where a token is attended.
        units: For each of the student's units the number of the teacher's behind it, shape (width,), for a student of
            another width; below 0 where there is none, and then the unit is left out.

    Raises:
        SettingError: The widths differ.
    """
    own, told, _ = _side_by_side(student, teacher, units)
    return _mean(1 - functional.cosine_similarity(own, told, dim=-1), mask)


def hidden_loss(
    student: Sequence[Tensor],
    teacher: Sequence[Tensor],
    layers: Sequence[int],
    mask: Tensor,
    units: Tensor | None = None,
) -> Tensor:
    """Mean squared difference of hidden states, over student layers, attended tokens and units.

    TinyBERT's hidden-state loss, section 3.1, without its learned projection: a student of another width is
    compared with the units it was cut from.

    Args:
        student: States of the student's layers, first to last, without the embeddings; each of shape
            (batch, length, width).
        teacher: The same of the teacher's layers.
        layers: For each student layer the number of the teacher's, see ``matched_layers``.
        mask: Shape (batch, length), true where a token is attended.
        units: As for ``cosine_loss``.

    Raises:
        SettingError: The widths differ, or ``layers`` does not fit the states.
    """
    _check_layers(len(student), len(teacher), layers)
    parts = []
    for state, layer in zip(student, layers, strict=True):
        own, told, width = _side_by_side(state, teacher[layer], units)
        parts.append(_mean((own - told).square().sum(dim=-1) / width, mask))
    return torch.stack(parts).mean()


def attention_loss(
    student: Sequence[Tensor], teacher: Sequence[Tensor], layers: Sequence[int], mask: Tensor
) -> Tensor:
    """KL(teacher || student) of the attention of each query, mean over student layers, heads and attended queries.

    The divergence of Wang et al., "MiniLM" (2020), section 3.1, here over any layers. TinyBERT's squared error of
    raw scores is not used: transformers gives probabilities, and those do not depend on a scale that a student
    with other head widths has no reason to share. Where the numbers of heads differ (or heads were removed, so that
    none has a counterpart) the maps are averaged over heads first.

    Args:
        student: Attention probabilities of the student's layers, each of shape (batch, heads, length, length).
            They must be free of dropout.
        teacher: The same of the teacher's layers.
        layers: For each student layer the number of the teacher's, see ``matched_layers``.
        mask: Shape (batch, length), true where a token is attended.

    Raises:
        SettingError: ``layers`` does not fit the maps.
    """
    _check_layers(len(student), len(teacher), layers)
    keys = mask.bool()[:, None, None, :]
    parts = []
    for own, layer in zip(student, layers, strict=True):
        maps, told = _full(own), _full(teacher[layer].detach())
        if maps.shape[1] != told.shape[1]:
            maps, told = maps.mean(dim=1, keepdim=True), told.mean(dim=1, keepdim=True)
        ratio = told.clamp_min(LEAST_ATTENTION).log() - maps.clamp_min(LEAST_ATTENTION).log()
        divergence = (told * ratio).masked_fill(~keys, 0.0).sum(dim=-1)
        parts.append(_mean(divergence.mean(dim=1), mask))
    return torch.stack(parts).mean()


def _mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean over attended tokens; what stands at the others may be anything."""
    attended = mask.bool()
    return values.masked_fill(~attended, 0.0).sum() / attended.sum()


def _full(values: Tensor) -> Tensor:
    return values.float() if values.dtype in (torch.float16, torch.bfloat16) else values


def _side_by_side(
    student: Tensor, teacher: Tensor, units: Tensor | None
) -> tuple[Tensor, Tensor, Tensor | int]:
    """States of both in the student's width, 0 at units that are left out, and how many units are compared."""
    own, told = _full(student), _full(teacher.detach())
    if units is not None:
        told = told.index_select(-1, units.clamp_min(0))
    if told.shape != own.shape:
        raise SettingError(
            f"the student's hidden states are {own.shape[-1]} wide and the teacher's {told.shape[-1]}; "
            "to compare them cut the student from the teacher's units, or set alpha_cos and alpha_hidden to 0"
        )
    if units is None:
        return own, told, own.shape[-1]
    known = units >= 0
    return own * known, told * known, known.sum()


def _check_layers(student: int, teacher: int, layers: Sequence[int]) -> None:
    if len(layers) != student or not all(0 <= layer < teacher for layer in layers):
        raise SettingError(
            f"layers to match are {tuple(layers)}; give one number from 0 to {teacher - 1} (the teacher's last layer) "
            f"for each of the student's {student} layers"
        )

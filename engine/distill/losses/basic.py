"""Losses on a model's answers: soft targets from a teacher, and the true spans, classes and values."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from engine.errors import SettingError


def soft_target_loss(
    student_logits: Tensor, teacher_logits: Tensor, temperature: float, mask: Tensor | None = None
) -> Tensor:
    """T^2 KL(teacher || student) of the distributions softened by the temperature T, mean over the batch.

    Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015), section 2.1: the factor T^2
    keeps the size of the gradients when T changes.

    Args:
        student_logits: Shape (batch, classes); for spans the classes are the token positions.
        teacher_logits: The same shape; no gradient flows into them.
        temperature: T, above 0.
        mask: Shape (batch, classes), true where a position counts. Padding is left out of both distributions, so
            the loss does not depend on how far a batch was padded. Values at masked positions may be anything,
            infinities included.

    Raises:
        SettingError: The temperature is not above 0.
    """
    if not temperature > 0:
        raise SettingError(f"temperature is {temperature}; it must be above 0")
    student = functional.log_softmax(_scores(student_logits, mask, temperature), dim=-1)
    teacher = functional.log_softmax(_scores(teacher_logits.detach(), mask, temperature), dim=-1)
    return functional.kl_div(student, teacher, log_target=True, reduction="batchmean") * temperature**2


def span_loss(
    start_logits: Tensor,
    end_logits: Tensor,
    start_positions: Tensor,
    end_positions: Tensor,
    mask: Tensor | None = None,
) -> Tensor:
    """Mean of the cross-entropies of the start and of the end, each a mean over the batch.

    Args:
        start_logits: Shape (batch, length).
        end_logits: Shape (batch, length).
        start_positions: Shape (batch,), 0 to length - 1; unanswerable questions point to the first token.
        end_positions: Shape (batch,), likewise.
        mask: Shape (batch, length), true where a token counts; positions must not point at a masked token.
    """
    start = functional.cross_entropy(_scores(start_logits, mask), start_positions)
    end = functional.cross_entropy(_scores(end_logits, mask), end_positions)
    return (start + end) / 2


def classification_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy of the true classes, in at least fp32.

    Args:
        logits: Shape (batch, classes).
        labels: Shape (batch,), 0 to classes - 1.
    """
    return functional.cross_entropy(_scores(logits, None), labels)


def regression_loss(values: Tensor, targets: Tensor) -> Tensor:
    """Mean squared error, the hard loss of regression, and its soft loss where the targets are the teacher's values.

    With a teacher of the same variance as the labels' noise this is the divergence of two normal distributions up
    to a constant, so it stands where the divergence of classes stands, without a temperature.

    Args:
        values: Shape (batch,).
        targets: Shape (batch,); no gradient flows into them.

    Raises:
        SettingError: The shapes differ, which would compare every value with every target.
    """
    if values.shape != targets.shape:
        raise SettingError(
            f"regression values have the shape {tuple(values.shape)} and their targets {tuple(targets.shape)}; "
            "give one value per row"
        )
    return functional.mse_loss(_scores(values, None), _scores(targets.detach(), None))


def _scores(logits: Tensor, mask: Tensor | None, temperature: float = 1.0) -> Tensor:
    """Softened logits in at least fp32 whose masked positions get no probability."""
    logits = logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits
    logits = logits / temperature
    if mask is None:
        return logits
    # The lowest finite number rather than -inf: 0 * (-inf - -inf) would be nan in the divergence and its gradient.
    return logits.masked_fill(~mask.bool(), torch.finfo(logits.dtype).min)

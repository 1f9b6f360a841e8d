"""Optimiser and learning-rate schedule of a training."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from engine.distill.hyperparameters import Hyperparameters
from engine.evaluation_shares import evaluation_shares


def make_optimizer(model: nn.Module, settings: Hyperparameters) -> torch.optim.Optimizer:
    """AdamW with the searched betas, or SGD without momentum; biases and layer norms are not decayed.

    SigOpt's released script excluded names containing ``LayerNorm.weight``, which DistilBERT's norms escape;
    here every layer norm is excluded.
    """
    norms = {
        id(p) for module in model.modules() if isinstance(module, nn.LayerNorm) for p in module.parameters()
    }
    decayed: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        (free if id(parameter) in norms or name.endswith("bias") else decayed).append(parameter)
    groups: list[dict[str, Any]] = [
        {"params": decayed, "weight_decay": settings.weight_decay},
        {"params": free, "weight_decay": 0.0},
    ]
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=settings.learning_rate)
    return torch.optim.AdamW(
        groups,
        lr=settings.learning_rate,
        betas=(settings.beta_1, settings.beta_2),
        eps=settings.adam_epsilon,
        fused=True,
    )


def learning_rate(settings: Hyperparameters, step: int, total_steps: int) -> float:
    """Rate of optimiser step ``step`` (from 0): linear warm-up to the peak, then as ``settings.schedule`` says.

    * linear: to 0 behind the last step.
    * noam: falls as the inverse square root of the step from the end of the warm-up on (Vaswani et al., "Attention
      Is All You Need", 2017, section 5.3), scaled so that the peak is ``learning_rate`` whatever the width.
    * constant: stays at the peak.
    """
    warm_up = warm_up_steps(settings, total_steps)
    if step < warm_up:
        return settings.learning_rate * step / warm_up
    match settings.schedule:
        case "linear":
            share = max(0.0, (total_steps - step) / max(1, total_steps - warm_up))
        case "noam":
            share = float((max(1, warm_up) / max(1, step)) ** 0.5)
        case "constant":
            share = 1.0
    return settings.learning_rate * share


def warm_up_steps(settings: Hyperparameters, total_steps: int) -> int:
    """Optimiser steps of warm-up: as set, or the set share of all steps if that is longer."""
    return max(settings.warm_up_steps, round(settings.warm_up_share * total_steps))


def total_steps(rows: int, settings: Hyperparameters) -> int:
    """Optimiser steps of a training over ``rows`` training rows."""
    per_epoch = -(-rows // settings.train_batch_size)
    return max(1, round(per_epoch * settings.epochs))


def evaluation_steps(total: int, evaluations: int, first: float = 0.0) -> tuple[int, ...]:
    """Steps after which to evaluate, the last one included, without repeats.

    There are as many as asked for, or one for each step where there are fewer steps.

    Args:
        total: optimiser steps of the training.
        evaluations: how many.
        first: share of the training after which the first is due; 0 spreads them evenly.
    """
    shares = evaluation_shares(min(evaluations, total), first)
    steps = [0]
    for left, share in zip(range(len(shares) - 1, -1, -1), shares, strict=True):
        # Where shares fall on the same step, room is left for all that follow.
        steps.append(min(max(round(total * share), steps[-1] + 1), total - left))
    return tuple(steps[1:])

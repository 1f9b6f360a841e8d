"""Attention for training on a CPU: PyTorch's own leaves its fast path there as soon as attention weights are dropped.

With dropout ``scaled_dot_product_attention`` falls back to plain operators that keep several maps of the size of the
attention weights; in bf16 its fast path is slow in the backward pass even without. This function keeps one map in the
model's own precision and one byte per weight for the dropout. ``tests/benchmarks/attention_speed.py`` measures it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, AttentionMaskInterface

NAME = "bert_frontier_cpu"
"""Under which transformers knows the function."""

PLAIN = "sdpa"
LEVELS = 256
"""Dropout rates are multiples of 1 / LEVELS: a random byte decides over each weight."""
MASKED = -1e30


def train_fast_on_cpu(model: Any) -> None:  # noqa: ANN401 - transformers is untyped
    """Let a model on the CPU train with this module's attention; elsewhere, and in evaluation, nothing changes."""
    if next(model.parameters()).device.type == "cpu" and model.config._attn_implementation == PLAIN:
        model.set_attn_implementation(NAME)


def as_before(model: Any) -> None:  # noqa: ANN401
    """Give a model back the attention that everybody knows, before it is saved or exported."""
    if model.config._attn_implementation == NAME:
        model.set_attn_implementation(PLAIN)


def dropped_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, dropout: float, scale: float
) -> Tensor:
    """softmax(scale Q K^T) V with dropout on the attention weights, and its gradients.

    Args:
        query: shape (batch, heads, length, width).
        key: the same shape.
        value: the same shape.
        mask: bool, shape (batch, 1, 1 or length, length), true where a key is attended, the same for every query of
            a row; None attends to all.
        dropout: rate, 0 to 1, rounded to multiples of 1 / ``LEVELS``; what is kept is scaled up by 1 / (1 - rate).
        scale: of the scores.

    Returns:
        Shape (batch, heads, length, width).
    """
    result: Tensor = _DroppedAttention.apply(query, key, value, mask, dropout, scale)  # type: ignore[no-untyped-call]
    return result


class _DroppedAttention(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401
        query: Tensor,
        key: Tensor,
        value: Tensor,
        mask: Tensor | None,
        dropout: float,
        scale: float,
    ) -> Tensor:
        with torch.autocast("cpu", enabled=False):
            key = key * scale
            scores = query @ key.transpose(-1, -2)
            if mask is not None:
                scores.masked_fill_(~mask[:, :, :1], MASKED)
            weights = scores.softmax(-1)
            kept, gain = _kept(weights, dropout)
            value = value * gain
            output = (weights if kept is None else weights * kept) @ value
        ctx.save_for_backward(query, key, value, weights, kept)
        ctx.gain, ctx.scale = gain, scale
        return output

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        query, key, value, weights, kept = ctx.saved_tensors
        with torch.autocast("cpu", enabled=False):
            dropped = weights if kept is None else weights * kept
            of_value = (dropped.transpose(-1, -2) @ gradient) * ctx.gain
            of_weights = gradient @ value.transpose(-1, -2)
            if kept is not None:
                of_weights.mul_(kept)
            of_scores = torch._softmax_backward_data(of_weights, weights, -1, weights.dtype)
            return (
                of_scores @ key,
                (of_scores.transpose(-1, -2) @ query) * ctx.scale,
                of_value,
                None,
                None,
                None,
            )


def _kept(weights: Tensor, dropout: float) -> tuple[Tensor | None, float]:
    """Which weights are kept, one byte each, and by what the kept ones grow; None keeps all."""
    cut = round(dropout * LEVELS)
    if cut == 0:
        return None, 1.0
    count = weights.numel()
    # Eight decisions from each random number: drawing them is what dropout costs.
    numbers = torch.empty((count + 7) // 8, dtype=torch.int64).random_(-(2**63), None)
    kept = numbers.view(torch.uint8)[:count].view(weights.shape) >= cut
    return kept, LEVELS / (LEVELS - cut) if cut < LEVELS else 0.0


def _attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None = None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **options: Any,  # noqa: ANN401 - transformers passes more than is needed
) -> tuple[Tensor, Tensor | None]:
    """What transformers calls; shapes as in its own attention functions.

    PyTorch's own is at least as fast in evaluation, and in fp32 without dropout.
    """
    if not module.training or (dropout == 0.0 and query.dtype is torch.float32):
        result: tuple[Tensor, Tensor | None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=0.0, scaling=scaling, **options
        )
        return result
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    output = dropped_attention(query, key, value, attention_mask, dropout, scale)
    return output.transpose(1, 2).contiguous(), None


AttentionInterface.register(NAME, _attention)
AttentionMaskInterface.register(NAME, ALL_MASK_ATTENTION_FUNCTIONS[PLAIN])

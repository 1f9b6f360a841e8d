"""Attention for training on a CPU: the same function and gradients as PyTorch's, and honest dropout."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from engine.distill.training.cpu_attention import (
    LEVELS,
    NAME,
    as_before,
    dropped_attention,
    train_fast_on_cpu,
)
from tests.engine.distill.tiny_teachers import tiny_bert

SCALE = 0.3


def inputs(dtype=torch.float64, length=7):
    generator = torch.Generator().manual_seed(3)
    tensors = [torch.randn(2, 3, length, 5, generator=generator, dtype=dtype) for _ in range(3)]
    return [tensor.requires_grad_() for tensor in tensors]


def padding(length=7, kept=5):
    mask = torch.ones(2, 1, length, length, dtype=torch.bool)
    mask[1, :, :, kept:] = False
    return mask


@pytest.mark.parametrize("mask", [None, padding()], ids=["whole", "padded"])
def test_without_dropout_it_is_pytorchs_attention_with_its_gradients(mask):
    query, key, value = inputs()
    ours = dropped_attention(query, key, value, mask, 0.0, SCALE)
    theirs = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=SCALE)
    assert torch.allclose(ours, theirs, atol=1e-12)
    weight = torch.randn(ours.shape, dtype=ours.dtype)
    for own, other in zip(
        torch.autograd.grad((ours * weight).sum(), (query, key, value)),
        torch.autograd.grad((theirs * weight).sum(), (query, key, value)),
        strict=True,
    ):
        assert torch.allclose(own, other, atol=1e-12)


@pytest.mark.parametrize("mask", [None, padding()], ids=["whole", "padded"])
def test_gradients_with_dropout_are_those_of_the_function(mask):
    def again(query, key, value):
        torch.manual_seed(11)
        return dropped_attention(query, key, value, mask, 0.4, SCALE)

    assert torch.autograd.gradcheck(again, inputs())


def test_dropout_leaves_the_mean_and_drops_the_share_it_says():
    zero = torch.zeros(1, 1, 400, 4, dtype=torch.float64)
    torch.manual_seed(0)
    # Even attention over 400 keys of value 1: each output is the share that was kept, times the gain.
    outputs = dropped_attention(zero, zero, zero + 1, None, 0.1, 1.0)
    rate = round(0.1 * LEVELS) / LEVELS
    deviation = (rate / (1 - rate) / 400) ** 0.5
    assert outputs.mean().item() == pytest.approx(1.0, abs=4 * deviation / 400**0.5)
    assert outputs[..., 0].std().item() == pytest.approx(deviation, rel=0.2)


@pytest.mark.parametrize(("rate", "expected"), [(0.0005, 1.0), (1.0, 0.0)])
def test_extreme_rates_keep_all_or_nothing(rate, expected):
    value = torch.ones(1, 1, 8, 2)
    output = dropped_attention(torch.zeros_like(value), torch.zeros_like(value), value, None, rate, 1.0)
    assert torch.equal(output, torch.full_like(output, expected))


def test_the_same_random_state_gives_the_same_bits():
    query, key, value = inputs(torch.float32)
    torch.manual_seed(5)
    first = dropped_attention(query, key, value, None, 0.3, SCALE)
    torch.manual_seed(5)
    assert torch.equal(first, dropped_attention(query, key, value, None, 0.3, SCALE))
    assert not torch.equal(first, dropped_attention(query, key, value, None, 0.3, SCALE))


def test_a_model_trains_with_it_and_is_given_back_as_it_was():
    model = tiny_bert()
    model.train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    tokens = torch.arange(12).view(2, 6)
    mask = torch.tensor([[1] * 6, [1] * 4 + [0] * 2])
    plain = model(input_ids=tokens, attention_mask=mask).start_logits
    train_fast_on_cpu(model)
    assert model.config._attn_implementation == NAME
    trained = model(input_ids=tokens, attention_mask=mask).start_logits
    assert torch.allclose(plain, trained, atol=1e-5)
    evaluated = model.eval()(input_ids=tokens, attention_mask=mask).start_logits
    assert torch.allclose(plain, evaluated, atol=1e-5)
    as_before(model)
    assert model.config._attn_implementation == "sdpa"

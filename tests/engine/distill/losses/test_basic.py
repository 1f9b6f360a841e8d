"""Losses against values worked out by hand, and their behaviour under padding."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.distill.losses.basic import (
    SpanLogits,
    classification_loss,
    question_answering_loss,
    regression_loss,
    soft_target_loss,
    span_loss,
)
from engine.errors import SettingError

LN3 = math.log(3)


def random_logits(*shape, seed=0):
    return 3 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_soft_loss_by_hand():
    # Student (1/2, 1/2), teacher (3/4, 1/4): KL = 3/4 ln(3/2) + 1/4 ln(1/2).
    student, teacher = torch.zeros(1, 2), torch.tensor([[LN3, 0.0]])
    assert soft_target_loss(student, teacher, 1.0).item() == pytest.approx(0.130812, abs=1e-6)


def test_soft_loss_with_temperature_by_hand():
    # At T = 2 logits of 2 ln 3 are (3/4, 1/4) again, and the loss is 4 times the divergence.
    student, teacher = torch.zeros(1, 2), torch.tensor([[2 * LN3, 0.0]])
    assert soft_target_loss(student, teacher, 2.0).item() == pytest.approx(4 * 0.130812, abs=4e-6)


def test_soft_loss_is_a_mean_over_the_batch():
    student, teacher = torch.zeros(2, 2), torch.tensor([[LN3, 0.0], [0.0, 0.0]])
    assert soft_target_loss(student, teacher, 1.0).item() == pytest.approx(0.130812 / 2, abs=1e-6)


def test_span_loss_by_hand():
    # -ln(3/4) for the start, -ln(1/4) for the end.
    start, end = torch.tensor([[LN3, 0.0]]), torch.tensor([[LN3, 0.0]])
    loss = span_loss(start, end, torch.tensor([0]), torch.tensor([1]))
    assert loss.item() == pytest.approx((math.log(4 / 3) + math.log(4)) / 2)


@pytest.mark.parametrize("alpha", [0.0, 0.25, 1.0])
def test_alpha_weighs_the_soft_loss(alpha):
    student = SpanLogits(torch.zeros(1, 2), torch.zeros(1, 2))
    teacher = SpanLogits(torch.tensor([[LN3, 0.0]]), torch.tensor([[0.0, 0.0]]))
    losses = question_answering_loss(student, teacher, torch.tensor([0]), torch.tensor([1]), alpha=alpha)
    soft, hard = 0.130812 / 2, math.log(2)
    assert losses.soft.item() == pytest.approx(soft, abs=1e-6)
    assert losses.hard.item() == pytest.approx(hard)
    assert losses.total.item() == pytest.approx(alpha * soft + (1 - alpha) * hard, abs=1e-6)


def test_without_teacher_the_loss_is_the_hard_one():
    student = SpanLogits(random_logits(3, 5), random_logits(3, 5, seed=1))
    positions = torch.tensor([0, 2, 4])
    losses = question_answering_loss(student, None, positions, positions, alpha=0.0)
    assert losses.total == losses.hard
    assert losses.soft == 0
    with pytest.raises(SettingError, match="no teacher"):
        question_answering_loss(student, None, positions, positions, alpha=0.5)


@given(st.integers(0, 1000), st.integers(1, 9), st.floats(0.05, 10), st.floats(0, 1))
def test_padding_changes_neither_losses_nor_gradients(seed, padding, temperature, alpha):
    length = 6
    mask = torch.ones(2, length)
    positions = torch.tensor([1, 5])
    wide_mask = torch.cat([mask, torch.zeros(2, padding)], dim=1)
    results = []
    for garbage in (None, 40.0, float("inf"), float("-inf")):
        logits = [random_logits(2, length, seed=seed + k) for k in range(4)]
        if garbage is not None:
            logits = [torch.cat([x, torch.full((2, padding), garbage).to(x)], dim=1) for x in logits]
        leaves = [x.requires_grad_() for x in logits[:2]]
        losses = question_answering_loss(
            SpanLogits(*leaves),
            SpanLogits(*logits[2:]),
            positions,
            positions,
            alpha=alpha,
            temperature=temperature,
            mask=mask if garbage is None else wide_mask,
        )
        losses.total.backward()
        assert all(not leaf.grad[:, length:].any() for leaf in leaves)
        results.append([losses.total, losses.soft, losses.hard, *(leaf.grad[:, :length] for leaf in leaves)])
    for other in results[1:]:
        torch.testing.assert_close(other, results[0])


@given(st.integers(0, 1000), st.floats(0.5, 10))
def test_soft_loss_is_zero_at_the_teacher_and_positive_elsewhere(seed, temperature):
    teacher = random_logits(3, 7, seed=seed)
    assert soft_target_loss(teacher + 2.5, teacher, temperature).item() == pytest.approx(0, abs=1e-9)
    assert soft_target_loss(random_logits(3, 7, seed=seed + 1), teacher, temperature).item() > 0


def test_gradient_of_the_soft_loss_is_the_difference_of_the_distributions():
    # d(T^2 KL)/d student = T (softmax(student / T) - softmax(teacher / T)) / batch.
    student, teacher = random_logits(4, 6).requires_grad_(), random_logits(4, 6, seed=1).requires_grad_()
    soft_target_loss(student, teacher, 3.0).backward()
    expected = 3.0 * ((student / 3).softmax(1) - (teacher / 3).softmax(1)) / 4
    torch.testing.assert_close(student.grad, expected.detach())
    assert teacher.grad is None


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_logits_are_computed_in_fp32(dtype):
    student, teacher = random_logits(2, 6).to(dtype), random_logits(2, 6, seed=1).to(dtype)
    mask = torch.tensor([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]])
    loss = soft_target_loss(student, teacher, 1.0, mask)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, soft_target_loss(student.float(), teacher.float(), 1.0, mask))


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_temperature_must_be_positive(temperature):
    with pytest.raises(SettingError, match="temperature is"):
        soft_target_loss(torch.zeros(1, 2), torch.zeros(1, 2), temperature)


@pytest.mark.parametrize("alpha", [-0.1, 1.1, float("nan")])
def test_alpha_must_be_a_share(alpha):
    logits = SpanLogits(torch.zeros(1, 2), torch.zeros(1, 2))
    with pytest.raises(SettingError, match="alpha is"):
        question_answering_loss(logits, logits, torch.tensor([0]), torch.tensor([0]), alpha=alpha)


def test_classification_loss_by_hand():
    # Probabilities (3/4, 1/4) and (1/2, 1/2): -ln(3/4) for class 0, -ln(1/2) for class 1.
    logits = torch.tensor([[LN3, 0.0], [0.0, 0.0]])
    loss = classification_loss(logits, torch.tensor([0, 1]))
    assert loss.item() == pytest.approx((math.log(4 / 3) + math.log(2)) / 2)
    assert classification_loss(logits.bfloat16(), torch.tensor([0, 1])).dtype == torch.float32


def test_regression_loss_by_hand():
    values = torch.tensor([1.0, 4.0], requires_grad=True)
    targets = torch.tensor([2.0, 1.0], requires_grad=True)
    loss = regression_loss(values, targets)
    assert loss.item() == (1 + 9) / 2
    loss.backward()
    assert values.grad.tolist() == [-1.0, 3.0]
    assert targets.grad is None


def test_regression_compares_each_value_with_its_own_target():
    with pytest.raises(SettingError, match="one value per row"):
        regression_loss(torch.zeros(3, 1), torch.zeros(3))

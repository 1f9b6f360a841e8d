"""Losses against values worked out by hand, and their behaviour under padding."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.distill.losses.basic import (
    classification_loss,
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

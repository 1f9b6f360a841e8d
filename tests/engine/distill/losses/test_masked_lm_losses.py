"""Losses of pre-training against values worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from engine.distill.losses.masked_lm_losses import masked_lm_loss, masked_lm_soft_loss
from engine.errors import ModelError, SettingError

LN3 = math.log(3)


def test_masked_lm_loss_by_hand():
    # Probabilities (3/4, 1/8, 1/8) of the hidden words 0 and 2.
    logits = torch.tensor([[math.log(6), 0.0, 0.0]] * 2)
    loss = masked_lm_loss(logits, torch.tensor([0, 2]))
    assert loss.item() == pytest.approx((math.log(4 / 3) + math.log(8)) / 2)


def test_soft_loss_is_the_divergence_by_number_of_tokens_times_the_temperature_squared():
    # At T = 2 logits of 2 ln 3 are (3/4, 1/4) against (1/2, 1/2); the other two tokens agree.
    student, teacher = torch.zeros(3, 2), torch.tensor([[2 * LN3, 0.0], [0.0, 0.0], [0.0, 0.0]])
    assert masked_lm_soft_loss(student, teacher, 2.0).item() == pytest.approx(4 * 0.130812 / 3, abs=2e-6)


def test_soft_loss_is_distilberts():
    student, teacher = torch.randn(5, 7), torch.randn(5, 7)
    script = torch.nn.KLDivLoss(reduction="batchmean")(
        (student / 2).log_softmax(-1), (teacher / 2).softmax(-1)
    )
    torch.testing.assert_close(masked_lm_soft_loss(student, teacher, 2.0), script * 4)


def test_nothing_hidden_is_no_loss():
    logits = torch.zeros(0, 4, requires_grad=True)
    loss = masked_lm_loss(logits, torch.zeros(0, dtype=torch.long)) + masked_lm_soft_loss(logits, logits, 1.0)
    loss.backward()
    assert loss.item() == 0


def test_other_vocabularies_and_temperatures_are_told():
    with pytest.raises(ModelError, match="7 words and the teacher's 8"):
        masked_lm_soft_loss(torch.zeros(1, 7), torch.zeros(1, 8), 1.0)
    with pytest.raises(SettingError, match="temperature"):
        masked_lm_soft_loss(torch.zeros(1, 7), torch.zeros(1, 7), 0.0)

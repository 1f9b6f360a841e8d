"""What question answering minimises: known weights, no teacher where none is needed, padding that changes nothing."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.losses.objectives import task_objective
from engine.distill.training.batches import Batch
from engine.errors import SettingError

LN3 = math.log(3)


def losses_of(student, teacher, starts, ends, *, alpha, temperature=1.0, mask=None):
    """Losses of a batch for a model that answers with the given start and end logits."""

    def model(**inputs):
        return SimpleNamespace(start_logits=student[0], end_logits=student[1])

    model.config = SimpleNamespace(model_type="bert", type_vocab_size=2)
    mask = torch.ones(student[0].shape) if mask is None else mask
    batch = Batch(
        inputs={"input_ids": torch.zeros_like(mask).long(), "attention_mask": mask},
        rows=np.arange(len(mask)),
        targets={"start_positions": starts, "end_positions": ends},
        teacher={} if teacher is None else {"start": teacher[0], "end": teacher[1]},
    )
    settings = Hyperparameters(alpha=alpha, temperature=temperature)
    return task_objective("span", 2, settings, "fp32")(model, batch, 0)


def random_logits(rows, length, seed=0):
    return torch.randn(rows, length, generator=torch.Generator().manual_seed(seed), dtype=torch.float32)


@pytest.mark.parametrize("alpha", [0.0, 0.25, 1.0])
def test_alpha_weighs_the_soft_loss(alpha):
    student = (torch.zeros(1, 2), torch.zeros(1, 2))
    teacher = (torch.tensor([[LN3, 0.0]]), torch.tensor([[0.0, 0.0]]))
    losses = losses_of(student, teacher, torch.tensor([0]), torch.tensor([1]), alpha=alpha)
    soft, hard = 0.130812 / 2, math.log(2)
    assert losses["soft"].item() == pytest.approx(soft, abs=1e-6)
    assert losses["hard"].item() == pytest.approx(hard)
    assert losses["total"].item() == pytest.approx(alpha * soft + (1 - alpha) * hard, abs=1e-6)


def test_without_teacher_the_loss_is_the_hard_one():
    student = (random_logits(3, 5), random_logits(3, 5, seed=1))
    positions = torch.tensor([0, 2, 4])
    losses = losses_of(student, None, positions, positions, alpha=0.0)
    assert losses["total"] == losses["hard"]
    assert "soft" not in losses
    with pytest.raises(SettingError, match="no teacher"):
        losses_of(student, None, positions, positions, alpha=0.5)


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
            logits = [torch.cat([x, torch.full((2, padding), garbage)], dim=1) for x in logits]
        leaves = [x.requires_grad_() for x in logits[:2]]
        losses = losses_of(
            leaves,
            logits[2:],
            positions,
            positions,
            alpha=alpha,
            temperature=temperature,
            mask=mask if garbage is None else wide_mask,
        )
        losses["total"].backward()
        assert all(not leaf.grad[:, length:].any() for leaf in leaves)
        results.append([*losses.values(), *(leaf.grad[:, :length] for leaf in leaves)])
    for other in results[1:]:
        torch.testing.assert_close(other, results[0])

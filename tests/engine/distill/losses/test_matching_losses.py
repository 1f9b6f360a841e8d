"""Losses on inner states against values worked out by hand and other implementations, and under padding."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from engine.distill.losses.matching_losses import attention_loss, cosine_loss, hidden_loss, matched_layers
from engine.errors import SettingError


def random_states(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_cosine_loss_by_hand():
    # Tokens at 0, 90 and 180 degrees lose 0, 1 and 2; the fourth is padding.
    student = torch.tensor([[[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [9.0, 9.0]]])
    teacher = torch.tensor([[[2.0, 0.0], [0.0, 3.0], [-1.0, 0.0], [-9.0, -9.0]]])
    assert cosine_loss(student, teacher, torch.tensor([[1, 1, 1, 0]])).item() == pytest.approx(1.0)
    assert cosine_loss(student, teacher, torch.tensor([[1, 1, 0, 0]])).item() == pytest.approx(0.5)


def test_cosine_loss_is_torchs_with_target_1():
    student, teacher = random_states(2, 3, 5), random_states(2, 3, 5, seed=1)
    mask = torch.tensor([[1, 1, 1], [1, 0, 0]])
    kept = mask.bool()
    expected = functional.cosine_embedding_loss(student[kept], teacher[kept], torch.ones(4))
    torch.testing.assert_close(cosine_loss(student, teacher, mask), expected)


def test_hidden_loss_by_hand():
    # Differences 1 and 3 at the first token, 2 and 0 at the second: (1 + 9) / 2 = 5 and 4 / 2 = 2.
    student = [torch.zeros(1, 2, 2)]
    teacher = [torch.full((1, 2, 2), 99.0), torch.tensor([[[1.0, 3.0], [2.0, 0.0]]])]
    assert hidden_loss(student, teacher, (1,), torch.tensor([[1, 1]])).item() == 3.5
    assert hidden_loss(student, teacher, (1,), torch.tensor([[1, 0]])).item() == 5.0


def test_hidden_loss_is_a_mean_over_layers():
    student = [torch.zeros(1, 1, 2), torch.ones(1, 1, 2)]
    teacher = [torch.full((1, 1, 2), 3.0), torch.zeros(1, 1, 2)]
    assert hidden_loss(student, teacher, (0, 1), torch.ones(1, 1)).item() == (9 + 1) / 2
    assert hidden_loss(student, teacher, (1, 0), torch.ones(1, 1)).item() == (0 + 4) / 2


def test_units_choose_what_a_student_of_another_width_is_compared_with():
    teacher = random_states(2, 3, 6)
    units = torch.tensor([4, 0, 5])
    mask = torch.ones(2, 3)
    assert hidden_loss([teacher[..., units]], [teacher], (0,), mask, units).item() == 0
    assert cosine_loss(2 * teacher[..., units], teacher, mask, units).item() == pytest.approx(0, abs=1e-12)
    assert hidden_loss([teacher[..., units]], [teacher], (0,), mask, torch.tensor([0, 1, 2])).item() > 0.1


def test_units_without_a_counterpart_are_left_out():
    student, teacher = random_states(2, 3, 4), random_states(2, 3, 2, seed=1)
    units, mask = torch.tensor([1, -1, 0, -1]), torch.ones(2, 3)
    own, told = student[..., [0, 2]], teacher[..., [1, 0]]
    torch.testing.assert_close(
        hidden_loss([student], [teacher], (0,), mask, units), functional.mse_loss(own, told)
    )
    torch.testing.assert_close(cosine_loss(student, teacher, mask, units), cosine_loss(own, told, mask))


def test_other_widths_are_told():
    with pytest.raises(SettingError, match="4 wide and the teacher's 6"):
        cosine_loss(torch.zeros(1, 2, 4), torch.zeros(1, 2, 6), torch.ones(1, 2))


def test_attention_loss_by_hand():
    # Teacher (3/4, 1/4) against student (1/2, 1/2) for the first query, the same for the second.
    student = torch.tensor([[[[0.5, 0.5], [0.5, 0.5]]]])
    teacher = torch.tensor([[[[0.75, 0.25], [0.5, 0.5]]]])
    divergence = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    mask = torch.ones(1, 2)
    assert attention_loss([student], [teacher], (0,), mask).item() == pytest.approx(divergence / 2)
    other = torch.cat([student, student], dim=1)
    heads = torch.cat([teacher, student], dim=1)
    assert attention_loss([other], [heads], (0,), mask).item() == pytest.approx(divergence / 4)


def test_heads_are_averaged_where_their_numbers_differ():
    maps = torch.tensor([[[[0.8, 0.2], [0.0, 1.0]], [[0.4, 0.6], [1.0, 0.0]]]])
    mean = torch.tensor([[[[0.6, 0.4], [0.5, 0.5]]]])
    assert attention_loss([mean], [maps], (0,), torch.ones(1, 2)).item() == pytest.approx(0, abs=1e-7)


def test_attention_of_zero_is_no_infinite_loss():
    student = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]]]], requires_grad=True)
    teacher = torch.tensor([[[[0.5, 0.5], [0.5, 0.5]]]])
    loss = attention_loss([student], [teacher], (0,), torch.ones(1, 2))
    loss.backward()
    assert math.isfinite(loss.item())
    assert torch.isfinite(student.grad).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.integers(1, 6))
def test_padding_changes_neither_losses_nor_gradients(seed, padding):
    length, mask = 4, torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
    wide = torch.cat([mask, torch.zeros(2, padding, dtype=torch.long)], dim=1)
    results = []
    for extra, used in ((0, mask), (padding, wide)):
        size = length + extra
        states, maps = [], []
        for k in range(2):
            hidden = torch.full((2, size, 3), 7.0 + k, dtype=torch.float64)
            hidden[:, :length] = random_states(2, length, 3, seed=seed + k)
            scores = torch.zeros(2, 2, size, size, dtype=torch.float64)
            scores[..., :length, :length] = random_states(2, 2, length, length, seed=seed + 9 + k)
            scores = scores.masked_fill(~used.bool()[:, None, None, :], -1e9)
            states.append(hidden.requires_grad_())
            maps.append(scores.softmax(-1).detach().requires_grad_())
        losses = [
            cosine_loss(states[0], states[1], used),
            hidden_loss(states[:1], states[1:], (0,), used),
            attention_loss(maps[:1], maps[1:], (0,), used),
        ]
        sum(losses).backward()
        assert states[1].grad is None
        assert maps[1].grad is None
        assert not states[0].grad[:, length:].any()
        results.append([*losses, states[0].grad[:, :length], maps[0].grad[..., :length, :length]])
    torch.testing.assert_close(results[1], results[0])


@pytest.mark.parametrize(
    ("student", "teacher", "expected"),
    [(4, 12, (2, 5, 8, 11)), (12, 12, tuple(range(12))), (1, 6, (5,)), (4, 2, (0, 0, 0, 1)), (2, 5, (1, 4))],
)
def test_layers_are_matched_evenly_and_the_last_to_the_last(student, teacher, expected):
    assert matched_layers(student, teacher) == expected


def test_layers_that_do_not_fit_are_told():
    states = [torch.zeros(1, 1, 2)] * 2
    for layers in ((0,), (0, 2), (-1, 0)):
        with pytest.raises(SettingError, match="layers to match"):
            hidden_loss(states, states, layers, torch.ones(1, 1))
    with pytest.raises(SettingError, match="at least 1"):
        matched_layers(0, 2)

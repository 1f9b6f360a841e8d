"""Known learning rates, steps and evaluations; AdamW gets the searched settings, and norms and biases no decay."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    DistilBertConfig,
    DistilBertForQuestionAnswering,
    get_constant_schedule_with_warmup,
    get_linear_schedule_with_warmup,
)

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.training.schedule import (
    evaluation_steps,
    learning_rate,
    make_optimizer,
    total_steps,
    warm_up_steps,
)


@pytest.mark.parametrize(
    ("warm_up", "expected"),
    [
        (0, [1.0, 0.75, 0.5, 0.25, 0.0]),
        (2, [0.0, 0.5, 1.0, 0.5, 0.0]),
        (4, [0.0, 0.25, 0.5, 0.75, 0.0]),
        (8, [0.0, 0.125, 0.25, 0.375, 0.5]),
    ],
)
def test_known_rates_of_four_steps(warm_up, expected):
    settings = Hyperparameters(learning_rate=1.0, warm_up_steps=warm_up)
    assert [learning_rate(settings, step, 4) for step in range(5)] == expected


@pytest.mark.parametrize(
    ("schedule", "warm_up", "expected"),
    [
        # Noam falls as the inverse square root from the end of the warm-up on: (4 / 16) ** 0.5 at step 16.
        ("noam", 4, {0: 0.0, 2: 0.5, 4: 1.0, 9: 2 / 3, 16: 0.5, 36: 1 / 3, 64: 0.25}),
        ("noam", 0, {0: 1.0, 1: 1.0, 4: 0.5, 16: 0.25, 64: 0.125}),
        ("constant", 4, {0: 0.0, 1: 0.25, 4: 1.0, 16: 1.0, 99: 1.0}),
        ("constant", 0, {0: 1.0, 99: 1.0}),
    ],
)
def test_known_rates_of_the_other_schedules(schedule, warm_up, expected):
    settings = Hyperparameters(learning_rate=1.0, warm_up_steps=warm_up, schedule=schedule)
    assert {step: learning_rate(settings, step, 100) for step in expected} == pytest.approx(expected)


@given(st.integers(1, 400), st.integers(1, 2000))
def test_noam_is_vaswanis_formula_scaled_to_its_peak(warm_up, step):
    """``width^-0.5 min(step^-0.5, step warm_up^-1.5)`` (2017, section 5.3) over its value at the end of the warm-up."""
    settings = Hyperparameters(learning_rate=1.0, warm_up_steps=warm_up, schedule="noam")
    formula = min(step**-0.5, step * warm_up**-1.5) / warm_up**-0.5
    assert learning_rate(settings, step, 2000) == pytest.approx(formula)


@pytest.mark.parametrize(
    ("steps", "share", "total", "expected"),
    [
        (0, 0.0, 100, 0),
        (0, 0.1, 100, 10),
        (7, 0.1, 100, 10),
        (12, 0.1, 100, 12),
        (0, 0.06, 40, 2),
        (0, 1.0, 9, 9),
    ],
)
def test_known_warm_ups(steps, share, total, expected):
    settings = Hyperparameters(learning_rate=1.0, warm_up_steps=steps, warm_up_share=share)
    assert warm_up_steps(settings, total) == expected
    if expected:
        assert learning_rate(settings, expected - 1, total) == pytest.approx((expected - 1) / expected)


@pytest.mark.parametrize(
    ("schedule", "theirs"),
    [("linear", get_linear_schedule_with_warmup), ("constant", get_constant_schedule_with_warmup)],
)
@given(st.integers(0, 40), st.integers(1, 60))
def test_rates_are_those_of_transformers(schedule, theirs, warm_up, total):
    settings = Hyperparameters(learning_rate=3e-4, warm_up_steps=warm_up, schedule=schedule)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=3e-4)
    more = {"num_training_steps": total} if schedule == "linear" else {}
    reference = theirs(optimizer, num_warmup_steps=warm_up, **more)
    for step in range(total):
        assert learning_rate(settings, step, total) == pytest.approx(reference.get_last_lr()[0], abs=1e-12)
        optimizer.step()
        reference.step()


@pytest.mark.parametrize(
    ("rows", "size", "epochs", "expected"),
    [(96, 16, 2.0, 12), (97, 16, 2.0, 14), (10, 16, 3.0, 3), (100, 10, 0.5, 5), (100, 10, 0.01, 1)],
)
def test_known_numbers_of_steps(rows, size, epochs, expected):
    assert total_steps(rows, Hyperparameters(train_batch_size=size, epochs=epochs)) == expected


@pytest.mark.parametrize(
    ("total", "evaluations", "expected"),
    [(12, 3, (4, 8, 12)), (10, 3, (3, 7, 10)), (5, 1, (5,)), (2, 5, (1, 2)), (1, 3, (1,))],
)
def test_known_evaluation_steps(total, evaluations, expected):
    assert evaluation_steps(total, evaluations) == expected


@pytest.mark.parametrize(
    ("total", "evaluations", "first", "expected"),
    [
        (160, 5, 1 / 16, (10, 20, 40, 80, 160)),
        (100, 3, 0.01, (1, 10, 100)),
        (6, 6, 0.9, (1, 2, 3, 4, 5, 6)),
        (4, 3, 0.01, (1, 2, 4)),
        (9, 1, 0.1, (9,)),
    ],
)
def test_early_evaluations_follow_at_equal_ratios(total, evaluations, first, expected):
    assert evaluation_steps(total, evaluations, first) == expected


@given(st.integers(1, 5000), st.integers(1, 50), st.sampled_from([0.0]) | st.floats(0.001, 0.99))
def test_evaluations_are_spread_and_end_at_the_end(total, evaluations, first):
    steps = evaluation_steps(total, evaluations, first)
    assert steps[-1] == total
    assert list(steps) == sorted(set(steps))
    assert steps[0] >= 1
    assert len(steps) == min(total, evaluations)


def bert():
    return BertForQuestionAnswering(
        BertConfig(
            vocab_size=20,
            hidden_size=8,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=12,
            max_position_embeddings=16,
        )
    )


def distilbert():
    return DistilBertForQuestionAnswering(
        DistilBertConfig(
            vocab_size=20, dim=8, n_layers=2, n_heads=2, hidden_dim=12, max_position_embeddings=16
        )
    )


# Of each layer two norms (weight and bias) and six linear biases; of the embeddings one norm; of the head one bias.
FREE_OF_DECAY = 2 * (2 * 2 + 6) + 2 + 1


@pytest.mark.parametrize("make", [bert, distilbert])
def test_no_decay_on_any_norm_or_bias(make):
    model = make()
    optimizer = make_optimizer(model, Hyperparameters(weight_decay=0.3))
    decay = {id(p): group["weight_decay"] for group in optimizer.param_groups for p in group["params"]}
    assert len(decay) == len(list(model.parameters())), "every parameter is in one group"
    free = {name for name, parameter in model.named_parameters() if decay[id(parameter)] == 0.0}
    named = {
        name for name, _ in model.named_parameters() if name.endswith("bias") or "layer_norm" in name.lower()
    } | {name for name, _ in model.named_parameters() if "LayerNorm" in name}
    assert free == named
    assert len(free) == FREE_OF_DECAY
    assert all(decay[id(p)] == 0.3 for name, p in model.named_parameters() if name not in free)


def test_adamw_gets_the_searched_settings():
    settings = Hyperparameters(learning_rate=0.1, beta_1=0.7, beta_2=0.8, adam_epsilon=1e-3)
    for group in make_optimizer(bert(), settings).param_groups:
        assert (group["lr"], group["betas"], group["eps"]) == (0.1, (0.7, 0.8), 1e-3)


def test_sgd_is_plain():
    """One step is the gradient times the rate, and nothing is remembered."""
    model = bert()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizer = make_optimizer(model, Hyperparameters(optimizer="sgd", learning_rate=0.5))
    for _ in range(2):
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter)
        optimizer.step()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.detach(), before[name] - 1.0)


@pytest.mark.parametrize("make", [bert, distilbert])
def test_decay_shrinks_weights_and_nothing_else(make):
    """With zero gradients AdamW only decays: by the factor 1 - rate * decay."""
    model = make()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizer = make_optimizer(model, Hyperparameters(learning_rate=0.5, weight_decay=0.2))
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    for name, parameter in model.named_parameters():
        free = name.endswith("bias") or "layer_norm" in name.lower() or "LayerNorm" in name
        torch.testing.assert_close(parameter.detach(), before[name] * (1.0 if free else 0.9))

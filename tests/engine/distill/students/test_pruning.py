"""Heads sliced out of attention: shapes, outputs, gradients, and back again as zeros."""

from __future__ import annotations

import copy
import random

import pytest
import torch

from engine.distill.students.anatomy import ANATOMIES, layers_of
from engine.distill.students.pruning import choose_heads, dense_state, prune_heads, removed_heads
from engine.errors import ModelError, SettingError
from tests.engine.distill.tiny_teachers import (
    known_inputs,
    logits_of,
    tiny,
    tiny_bert,
    tiny_distilbert,
    tiny_inputs,
    tiny_roberta,
)

MAKERS = pytest.mark.parametrize("make", [tiny_bert, tiny_distilbert, tiny_roberta])
REMOVED = ((1,), (0, 3), (), (0, 1, 2))


def with_silent_heads(model, removed):
    """A full copy whose removed heads put nothing into the output."""
    silent = copy.deepcopy(model)
    path = ANATOMIES[model.config.model_type].parts["attention_output"]
    with torch.no_grad():
        for layer, heads in zip(layers_of(silent), removed, strict=True):
            for head in heads:
                layer.get_submodule(path).weight[:, head * 8 : (head + 1) * 8] = 0
    return silent


def test_choice_follows_one_seeded_sequence_layer_by_layer():
    random.seed(17)
    expected = [set(random.sample(range(12), 5)) for _ in range(6)]
    assert [set(heads) for heads in choose_heads(6, 12, 7, 17)] == expected


def test_choice_depends_on_the_seed_alone():
    assert choose_heads(6, 12, 7, 1) == choose_heads(6, 12, 7, 1)
    assert choose_heads(6, 12, 7, 1) != choose_heads(6, 12, 7, 2)
    assert choose_heads(3, 12, 12, 1) == ((), (), ())


@pytest.mark.parametrize("n_heads", [0, -1, 13])
def test_impossible_head_counts_are_refused(n_heads):
    with pytest.raises(SettingError, match=f"n_heads is {n_heads}; it must be from 1 to 12"):
        choose_heads(6, 12, n_heads, 1)


@MAKERS
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_pruned_model_equals_the_full_one_with_silent_heads(make, attention):
    model = make()
    expected = logits_of(with_silent_heads(model, REMOVED), tiny_inputs())
    assert not torch.allclose(expected, logits_of(model, tiny_inputs()), atol=1e-2)
    prune_heads(model, REMOVED)
    model.set_attn_implementation(attention)
    torch.testing.assert_close(logits_of(model, tiny_inputs()), expected, rtol=1e-4, atol=1e-4)
    assert removed_heads(model) == REMOVED


@MAKERS
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_gradients_reach_every_parameter(make, attention):
    model = make()
    prune_heads(model, REMOVED)
    model.set_attn_implementation(attention)
    output = model.train()(**known_inputs(model, tiny_inputs()))
    (output.start_logits.square().sum() + output.end_logits.square().sum()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.requires_grad
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        # The softmax does not change when every key of a query moves alike.
        if not name.endswith(("key.bias", "k_lin.bias")):
            assert parameter.grad.abs().sum() > 0, name


@MAKERS
def test_restored_heads_are_zero_and_give_the_same_outputs(make):
    model = make()
    full = make()
    prune_heads(model, REMOVED)
    expected = logits_of(model, tiny_inputs())
    full.load_state_dict(dense_state(model))
    torch.testing.assert_close(logits_of(full, tiny_inputs()), expected, rtol=1e-5, atol=1e-5)
    prune_heads(full, REMOVED)
    for name, value in model.state_dict().items():
        assert torch.equal(full.state_dict()[name], value), name


@MAKERS
def test_dense_state_of_a_full_model_is_its_own(make):
    model = make()
    state = dense_state(model)
    assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())


def test_tied_weights_stay_one_tensor_in_the_dense_state():
    state = dense_state(tiny("bert", "masked_lm"))
    words, output = "bert.embeddings.word_embeddings.weight", "cls.predictions.decoder.weight"
    assert state[words] is state[output]


def test_pruning_survives_a_copy():
    model = tiny_bert()
    prune_heads(model, REMOVED)
    assert removed_heads(copy.deepcopy(model)) == REMOVED


@pytest.mark.parametrize(
    ("removed", "words"),
    [
        (((0,),), "given for 1 layers; the model has 4"),
        (((0, 1, 2, 3), (), (), ()), "must keep one"),
        (((4,), (), (), ()), "heads 0 to 3"),
        (((1, 1), (), (), ()), "cannot remove"),
    ],
)
def test_lists_that_do_not_fit_are_refused_and_change_nothing(removed, words):
    model = tiny_bert()
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(ModelError, match=words):
        prune_heads(model, removed)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_a_pruned_model_is_not_pruned_again():
    model = tiny_bert()
    prune_heads(model, REMOVED)
    with pytest.raises(ModelError, match="pruned already"):
        prune_heads(model, ((), (), (), ()))

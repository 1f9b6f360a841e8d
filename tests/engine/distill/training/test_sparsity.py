"""Sparsity: the schedule's known values, what is removed, and that it holds through steps and interruptions."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.distill.students.encoder_linears import encoder_linears
from engine.distill.training.sparsity import (
    END,
    START,
    UPDATES,
    apply_sparsity,
    is_due,
    nonzero_parameters,
    sparse_step,
    sparsity_at,
)
from engine.errors import SettingError
from tests.engine.distill.tiny_teachers import tiny, tiny_inputs

TOTAL = 40


def zero_shares(model):
    return [float((linear.weight == 0).float().mean()) for linear in encoder_linears(model).values()]


def test_the_schedule_has_the_values_of_its_formula():
    assert [sparsity_at(step, 1000, 0.8, start=0.2, end=0.6) for step in (0, 200, 600, 1000)] == [
        0,
        0,
        0.8,
        0.8,
    ]
    # Half-way between 200 and 600: 0.8 * (1 - 0.5 ** 3); a quarter of the way: 0.8 * (1 - 0.75 ** 3).
    assert sparsity_at(400, 1000, 0.8, start=0.2, end=0.6) == pytest.approx(0.7)
    assert sparsity_at(300, 1000, 0.8, start=0.2, end=0.6) == pytest.approx(0.4625)
    assert sparsity_at(3, 10, 0.5, start=0.3, end=0.3) == 0.5, "start and end may be one"


@given(total=st.integers(1, 3000), final=st.floats(0, 0.95))
def test_it_grows_from_nothing_to_the_final_share(total, final):
    shares = [sparsity_at(step, total, final) for step in range(total + 1)]
    assert shares[0] == 0
    assert shares[-1] == final
    assert shares == sorted(shares)


@given(total=st.integers(1, 3000))
def test_weights_are_removed_a_bounded_number_of_times_and_last_at_the_end(total):
    due = [step for step in range(1, total + 1) if is_due(step, total)]
    assert 1 <= len(due) <= 2 * UPDATES
    assert due[0] > START * total - 1
    assert END * total <= due[-1] < max(1, END * total) + 1
    assert sparsity_at(due[-1], total, 0.9) == 0.9, "nothing is left to remove behind the last update"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"final": 0.96}, "sparsity is 0.96; it must be from 0 to 0.95"),
        ({"final": -0.1}, "sparsity is -0.1"),
        ({"final": 0.5, "start": 0.7, "end": 0.6}, "from 0.7 to 0.6"),
        ({"final": 0.5, "end": 1.1}, "from 0.1 to 1.1"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(SettingError, match=message):
        sparsity_at(1, 10, **settings)


def test_the_smallest_weights_of_each_matrix_go():
    model = tiny("bert", n_layers=1)
    weight = model.bert.encoder.layer[0].attention.self.query.weight
    before = {name: linear.weight.detach().clone() for name, linear in encoder_linears(model).items()}
    untouched = model.bert.embeddings.word_embeddings.weight.detach().clone()
    apply_sparsity(model, 0.3)
    for name, linear in encoder_linears(model).items():
        old, gone = before[name], linear.weight == 0
        assert int(gone.sum()) == int(0.3 * old.numel())
        assert old[gone].abs().max() < old[~gone].abs().min()
        assert torch.equal(linear.weight[~gone], old[~gone])
    assert len(before) == 6
    assert torch.equal(model.bert.embeddings.word_embeddings.weight, untouched)
    with torch.no_grad():
        weight.fill_(-0.25)
    apply_sparsity(model, 0.3)
    flat = weight.flatten()
    assert int((flat == 0).sum()) == int(0.3 * flat.numel()), "equal weights are not removed together"
    assert not flat[: int(0.3 * flat.numel())].any()


def test_removing_nothing_and_removing_again_change_nothing():
    model = tiny("distilbert", n_layers=2)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    apply_sparsity(model, 0.0)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    apply_sparsity(model, 0.5)
    half = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    apply_sparsity(model, 0.5)
    assert all(torch.equal(tensor, half[name]) for name, tensor in model.state_dict().items())


@pytest.mark.parametrize("family", ["bert", "distilbert", "roberta"])
def test_parameters_other_than_zero_are_counted(family):
    model = tiny(family, n_layers=2)
    everything = sum(parameter.numel() for parameter in model.parameters())
    assert nonzero_parameters(model) == everything
    apply_sparsity(model, 0.5)
    # Per layer four 32 x 32 matrices and two 32 x 48 ones.
    assert nonzero_parameters(model) == everything - 2 * (4 * 512 + 2 * 768)
    with torch.no_grad():
        model.qa_outputs.weight.zero_()
    assert nonzero_parameters(model) == everything - 2 * (4 * 512 + 2 * 768), "the head is not pruned"


def optimise(model, optimizer, first, last, final):
    """Steps with gradients and momentum that would move every weight, zero or not."""
    inputs = tiny_inputs()
    shares = []
    for step in range(first, last + 1):
        torch.manual_seed(step)
        output = model(**inputs)
        (output.start_logits.square().mean() + output.end_logits.sin().mean()).backward()
        with sparse_step(model, step, TOTAL, final):
            optimizer.step()
        optimizer.zero_grad()
        shares.append(zero_shares(model))
    return shares


def trained(final, interrupted_after=None):
    model = tiny("bert", n_layers=2).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    if interrupted_after is None:
        return optimise(model, optimizer, 1, TOTAL, final), model
    shares = optimise(model, optimizer, 1, interrupted_after, final)
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    other = tiny("bert", n_layers=2, seed=99).train()
    again = torch.optim.AdamW(other.parameters(), lr=1e-2)
    other.load_state_dict(state["model"])
    again.load_state_dict(state["optimizer"])
    return shares + optimise(other, again, interrupted_after + 1, TOTAL, final), other


def test_zeros_stay_and_become_more_along_the_schedule():
    shares, model = trained(0.6)
    for step, found in enumerate(shares, start=1):
        wanted = sparsity_at(step, TOTAL, 0.6)
        assert found == pytest.approx([wanted] * len(found), abs=1e-3), f"after step {step}"
    assert zero_shares(model) == pytest.approx([0.6] * 12, abs=1e-3)


@pytest.mark.parametrize("step", [2, 7, 15, 29, 30, 37])
def test_a_training_that_was_interrupted_ends_with_the_same_bits(step):
    _, whole = trained(0.6)
    _, resumed = trained(0.6, interrupted_after=step)
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name


def test_without_sparsity_the_training_is_what_it_was():
    _, model = trained(0.0)
    plain = tiny("bert", n_layers=2).train()
    optimizer = torch.optim.AdamW(plain.parameters(), lr=1e-2)
    for step in range(1, TOTAL + 1):
        torch.manual_seed(step)
        output = plain(**tiny_inputs())
        (output.start_logits.square().mean() + output.end_logits.sin().mean()).backward()
        optimizer.step()
        optimizer.zero_grad()
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), plain.parameters(), strict=True))


def test_weights_that_start_as_zeros_learn_until_pruning_begins():
    model = tiny("bert", n_layers=1).train()
    with torch.no_grad():
        model.bert.encoder.layer[0].output.dense.weight.zero_()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    optimise(model, optimizer, 1, 1, 0.5)
    assert (model.bert.encoder.layer[0].output.dense.weight != 0).all()

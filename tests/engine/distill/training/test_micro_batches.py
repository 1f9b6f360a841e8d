"""Batches taken in pieces: the same gradients as the whole, within the budget; and trainings that end early."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.distill.training.loop import _gradients, train
from engine.distill.training.parallel import Peers
from engine.tasks.interface import Scores
from tests.engine.distill.training_runs import (
    NO_DROPOUT,
    evaluations,
    run_to_end,
    run_until,
    run_with_cost,
    same_weights,
    steps,
)


def gradients_of(training, model, chosen):
    model.zero_grad(set_to_none=True)
    losses = _gradients(model, model, training.run, chosen, training.run.rows.lengths, 0)
    return {name: loss.item() for name, loss in losses.items()}, torch.cat(
        [parameter.grad.flatten().clone() for parameter in model.parameters()]
    )


@pytest.mark.parametrize("max_tokens", [16, 130, 300, 700])
def test_gradients_of_the_pieces_add_up_to_those_of_the_whole(small_training, max_tokens):
    """Also where the pieces are not of one size: 13 rows in 2, 3, 5 or 13 pieces."""
    model = small_training.student(**NO_DROPOUT)
    chosen = np.arange(13)
    whole_losses, whole = gradients_of(small_training, model, chosen)
    losses, parts = gradients_of(small_training.changed(max_tokens=max_tokens), model, chosen)
    assert losses == pytest.approx(whole_losses, rel=1e-5)
    # Sums in another order: rounding of fp32, seen against the largest gradient.
    torch.testing.assert_close(parts, whole, rtol=1e-4, atol=1e-6 * whole.abs().max().item())


def test_no_piece_holds_more_tokens_than_the_budget_unless_it_is_one_row(small_training):
    longest = int(small_training.run.rows.lengths.max())
    shapes = []
    model = small_training.student()
    model.register_forward_pre_hook(
        lambda module, args, inputs: shapes.append(tuple(inputs["input_ids"].shape)), with_kwargs=True
    )
    training = small_training.changed(max_tokens=3 * longest, evaluate=None)
    _, events = run_to_end(training, model)
    assert all(rows * length <= 3 * longest for rows, length in shapes)
    assert sum(rows for rows, _ in shapes) == 2 * len(training.run.rows)
    assert [event.step for event in steps(events)] == list(range(1, 13)), "pieces are no steps of their own"
    shapes.clear()
    run_to_end(small_training.changed(max_tokens=1, evaluate=None), model)
    assert {rows for rows, _ in shapes} == {1}


def test_a_training_in_pieces_resumes_to_the_same_bits(small_training, tmp_path):
    small = {"max_tokens": 300}
    whole, _ = run_to_end(small_training.changed(**small))
    training = small_training.changed(checkpoint=tmp_path, **small)
    run_until(training, 7)
    torch.manual_seed(0)
    resumed, _ = run_to_end(training)
    assert same_weights(resumed, whole)


def test_costs_are_those_of_every_row_in_every_epoch_over_all_attempts(small_training, tmp_path):
    training = small_training.changed(checkpoint=tmp_path)
    lengths = training.run.rows.lengths
    before = run_until(training, 13)
    assert 0 < evaluations(before)[4].metrics["train_tokens"] < lengths.sum()
    events, cost = run_with_cost(training, training.student())
    assert cost["train_tokens"] == 2 * lengths.sum()
    assert cost["train_flops"] == 2 * (lengths**2).sum()
    last = evaluations(events)[12].metrics
    assert (last["train_tokens"], last["train_flops"]) == (cost["train_tokens"], cost["train_flops"])


def collapsing(answers):
    """An evaluation that says the given things in turn."""
    left = iter(answers)
    return lambda model: Scores({"exact": 10.0, "collapsed": next(left)}, {})


@pytest.mark.parametrize(
    ("limit", "answers", "last"),
    [
        (1, [1.0], 2),
        (2, [0.0, 1.0, 1.0], 6),
        (2, [1.0, 0.0, 1.0, 0.0, 1.0, 1.0], 12),
        (3, [1.0, 1.0, 0.0, 1.0, 1.0, 0.0], 12),
        (0, [1.0] * 6, 12),
    ],
)
def test_a_collapsed_model_is_not_trained_on(small_training, limit, answers, last):
    training = small_training.changed(
        evaluations=6, evaluate=collapsing(answers), collapsed_evaluations=limit
    )
    events, cost = run_with_cost(training, training.student())
    assert steps(events)[-1].step == last
    assert list(evaluations(events)) == list(range(2, last + 1, 2))
    assert cost["train_tokens"] == evaluations(events)[last].metrics["train_tokens"]


def test_a_collapse_is_remembered_over_a_stop(small_training, tmp_path):
    """Stopped after the first collapsed evaluation, the second ends it; once ended it does not go on."""
    settings = {"evaluations": 6, "collapsed_evaluations": 2, "checkpoint": tmp_path}
    first = train(
        small_training.student(), small_training.changed(evaluate=collapsing([1.0]), **settings).run
    )
    for event in first:
        if event.kind == "evaluation":
            break
    first.close()
    events = run_to_end(small_training.changed(evaluate=collapsing([1.0]), **settings))[1]
    assert steps(events)[-1].step == 4
    assert run_to_end(small_training.changed(evaluate=collapsing([]), **settings))[1] == []


def test_shares_of_peers_cover_a_batch_with_weights_that_add_up():
    for size in (1, 2, 5, 16):
        chosen = np.arange(100, 100 + size)
        shares = [Peers(rank, 3).share(chosen) for rank in range(3)]
        assert sum(weight for _, weight in shares) == pytest.approx(1.0)
        counted = np.concatenate([rows for rows, weight in shares if weight > 0])
        assert sorted(counted.tolist()) == chosen.tolist()
        assert all(len(rows) >= 1 for rows, _ in shares), "all take part in every step"
        assert all(weight == len(rows) / size for rows, weight in shares if weight > 0)
    seeds = {Peers(rank, 3).seed(5, step) for rank in (1, 2) for step in (0, 7)}
    assert len(seeds | {Peers().seed(5, 7)}) == 5
    assert Peers(0, 3).seed(5, 9) == 5

"""Inner states in a training: each loss counts with its weight, and kept hidden states are as good as the teacher."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.losses.matching import (
    MatchWeights,
    States,
    TeacherMatch,
    match_weights,
    matches,
    show_attention,
)
from engine.distill.losses.matching_losses import attention_loss, cosine_loss, hidden_loss
from engine.distill.measuring.inference import predict
from engine.distill.models.folder import load_teacher
from engine.distill.prepared import load_prepared
from engine.distill.students.architecture import Architecture, flops
from engine.distill.training.batches import make_batch
from engine.distill.trial import student_trial
from engine.errors import SettingError
from tests.engine.distill.training_runs import NO_DROPOUT, run_to_end, steps

CPU = torch.device("cpu")


def states(layers, width=6, seed=0):
    generator = torch.Generator().manual_seed(seed)
    hidden = [torch.randn(2, 5, width, generator=generator) for _ in range(layers)]
    maps = [torch.softmax(torch.randn(2, 3, 5, 5, generator=generator), -1) for _ in range(layers)]
    return States(hidden[-1], hidden, maps)


def test_weights_are_those_of_the_settings():
    weights = match_weights(Hyperparameters(alpha_cos=0.5, alpha_hidden=2.0))
    assert weights == MatchWeights(0.5, 2.0, 0.0)
    assert [MatchWeights(*w).any for w in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1))] == [
        False,
        True,
        True,
        True,
    ]
    assert [MatchWeights(*w).layerwise for w in ((1, 0, 0), (0, 1, 0), (0, 0, 1))] == [False, True, True]


def test_losses_without_weight_are_not_computed():
    mask = torch.ones(2, 5)
    student, teacher = states(2), states(4, seed=1)
    assert matches(student, teacher, mask, MatchWeights()) == {}
    found = matches(student, teacher, mask, MatchWeights(0.5, 2.0, 3.0))
    assert {name: weight for name, (weight, _) in found.items()} == {
        "cosine": 0.5,
        "hidden": 2.0,
        "attention": 3.0,
    }
    # Two layers of four: the second and the fourth.
    torch.testing.assert_close(found["cosine"][1], cosine_loss(student.last, teacher.last, mask))
    torch.testing.assert_close(found["hidden"][1], hidden_loss(student.layers, teacher.layers, (1, 3), mask))
    expected = attention_loss(student.attentions, teacher.attentions, (1, 3), mask)
    torch.testing.assert_close(found["attention"][1], expected)
    chosen = matches(student, teacher, mask, MatchWeights(hidden=1.0), layers=(0, 3))
    torch.testing.assert_close(chosen["hidden"][1], hidden_loss(student.layers, teacher.layers, (0, 3), mask))


def test_dropped_attention_is_refused(small_training):
    with pytest.raises(SettingError, match=r"attention_dropout 0\.1; set attention_dropout to 0"):
        show_attention(small_training.student())
    model = small_training.student(**NO_DROPOUT)
    show_attention(model)
    assert model.config._attn_implementation == "eager"


@pytest.fixture
def with_hidden(small_training, tiny_teacher, tmp_path):
    """The training with the teacher's hidden states kept, and the teacher."""
    teacher, _ = load_teacher(tiny_teacher)
    rows = small_training.run.rows
    told = predict(teacher, rows, "span", batch_size=32, precision="fp32", hidden=tmp_path / "hidden.npy")
    return small_training.changed(teacher=told), teacher.eval()


def test_kept_hidden_states_give_the_loss_of_the_teacher_at_work(with_hidden):
    training, teacher = with_hidden
    model = training.student(**NO_DROPOUT)
    batch = make_batch(training.run.rows, np.arange(8), CPU, training.run.teacher)
    weights = MatchWeights(cosine=1.0)
    output = model(**batch.inputs, output_hidden_states=True)
    losses = [
        TeacherMatch(weights, source).losses(output, batch, "fp32")["cosine"][1] for source in (None, teacher)
    ]
    own, told = (
        run.hidden_states[-1] for run in (output, teacher(**batch.inputs, output_hidden_states=True))
    )
    expected = cosine_loss(own, told, batch.mask)
    torch.testing.assert_close(losses[1], expected)
    torch.testing.assert_close(losses[0], expected, rtol=1e-3, atol=1e-4)
    assert expected > 0.01


def test_training_on_kept_hidden_states_ends_where_training_beside_the_teacher_does(with_hidden):
    """As near as rounding allows, and far nearer than to a training without the loss.

    Kept states are rounded to fp16, by at most 2^-11 (5e-4) of each value, and the gradients of the cosine differ by
    about as much of theirs. AdamW moves a weight by about its rate a step, here 1e-3 or less over 12 steps, so the
    weights may differ by some 5e-4 of 1.2e-2, and by more where a gradient is small; 2e-4 leaves room for that.
    """
    training, teacher = with_hidden
    weights = MatchWeights(cosine=2.0)
    ended = {}
    for name, match in (
        ("kept", TeacherMatch(weights)),
        ("at work", TeacherMatch(weights, teacher)),
        ("without", None),
    ):
        changed = training.changed(match, alpha_cos=2.0, evaluate=None, adam_epsilon=1e-4)
        model, events = run_to_end(changed, training.student(**NO_DROPOUT))
        ended[name] = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
        if match:
            first = steps(events)[0]
            assert first.loss == pytest.approx(
                (first.soft_loss + first.hard_loss) / 2 + 2 * first.cosine_loss, rel=1e-5
            )
            assert steps(events)[-1].cosine_loss < first.cosine_loss
        else:
            assert steps(events)[0].cosine_loss is None
    apart = (ended["kept"] - ended["at work"]).norm()
    assert 0 < apart < 0.01 * (ended["kept"] - ended["without"]).norm()
    torch.testing.assert_close(ended["kept"], ended["at work"], rtol=0, atol=2e-4)


@pytest.mark.parametrize("weights", [{"alpha_hidden": 1.0}, {"alpha_attention": 1.0}, {"alpha_cos": 1.0}])
def test_a_trial_compares_inner_states_and_draws_them_together(make, tiny_spec, weights):
    spec, folder = make(
        experiment=tiny_spec.changed(fixed=tiny_spec.fixed | {"epochs": 3.0, "attention_dropout": 0.0}),
        n_layers=1,
        **weights,
    )
    events = list(student_trial(spec, folder))
    name = f"{next(iter(weights)).removeprefix('alpha_').replace('cos', 'cosine')}_loss"
    told = steps(events)
    assert all(getattr(event, name) > 0 for event in told)
    others = {"cosine_loss", "hidden_loss", "attention_loss"} - {name}
    assert all(getattr(event, other) is None for event in told for other in others)
    assert getattr(told[-1], name) < getattr(told[0], name)
    assert told[0].loss == pytest.approx(
        (told[0].soft_loss + told[0].hard_loss) / 2 + getattr(told[0], name), rel=1e-4
    )
    plain = sum(3 * flops_of(spec, length) for length in lengths_of(spec)) * 3
    assert events[-1].metrics["train_flops"] > plain, "the teacher at work in every step costs something"


def flops_of(spec, length):
    shape = Architecture(
        family="bert",
        n_layers=1,
        n_heads=spec.parameters["n_heads"],
        hidden_size=32,
        intermediate_size=64,
        heads_in_full=4,
        vocab_size=10,
        max_positions=128,
        type_vocab_size=2,
    )
    return flops(shape, int(length))


def lengths_of(spec):
    return load_prepared(spec.experiment, spec.cache).parts["training"].rows.lengths


def test_attention_cannot_be_compared_where_it_is_dropped(make):
    spec, folder = make(alpha_attention=1.0, attention_dropout=0.1)
    with pytest.raises(SettingError, match="set attention_dropout to 0"):
        list(student_trial(spec, folder))


def test_a_narrower_student_is_compared_with_the_units_it_was_cut_from(make, tiny_spec):
    teacher = tiny_spec.teacher.model_dump() | {"keep_hidden_states": True}
    first = {}
    for name, experiment in (("at work", tiny_spec), ("kept", tiny_spec.changed(teacher=teacher))):
        spec, folder = make(name, experiment=experiment, hidden_size=16, alpha_cos=1.0, **NO_DROPOUT)
        first[name] = steps(list(student_trial(spec, folder)))[0]
    assert 0 < first["at work"].cosine_loss < 2
    assert first["kept"].cosine_loss == pytest.approx(first["at work"].cosine_loss, rel=1e-3)
    assert first["kept"].hard_loss == first["at work"].hard_loss

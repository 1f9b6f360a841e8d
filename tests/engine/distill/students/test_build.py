"""Students built from teachers: which weights are copied, which are new, and that seeds decide alone."""

from __future__ import annotations

import copy

import pytest
import torch

from engine.distill.students.anatomy import ANATOMIES, architecture_of, layers_of
from engine.distill.students.architecture import num_parameters
from engine.distill.students.build import build_student
from engine.distill.students.pruning import choose_heads, prune_heads, removed_heads
from engine.distill.students.weights import fold_token_types
from engine.errors import ModelError, SettingError
from tests.engine.distill.tiny_teachers import (
    logits_of,
    tiny_bert,
    tiny_distilbert,
    tiny_inputs,
    tiny_roberta,
)


def layer_state(model, index):
    anatomy = ANATOMIES[model.config.model_type]
    layer = layers_of(model)[index]
    return {
        f"{name}.{kind}": value
        for name, path in anatomy.parts.items()
        for kind, value in layer.get_submodule(path).state_dict().items()
    }


def same(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("make", [tiny_bert, tiny_distilbert, tiny_roberta])
def test_full_depth_student_answers_as_its_teacher(make):
    teacher = make()
    student = build_student(teacher, n_layers=4, n_heads=4)
    assert student.training
    assert torch.equal(logits_of(student, tiny_inputs()), logits_of(teacher, tiny_inputs()))


@pytest.mark.parametrize("make", [tiny_bert, tiny_distilbert])
@pytest.mark.parametrize("family", ["bert", "distilbert"])
@pytest.mark.parametrize(("n_layers", "n_heads"), [(1, 1), (2, 3), (4, 4), (7, 2)])
def test_size_follows_the_formula(make, family, n_layers, n_heads):
    student = build_student(make(), n_layers=n_layers, n_heads=n_heads, family=family)
    architecture = architecture_of(student)
    assert (architecture.family, architecture.n_layers, architecture.n_heads) == (family, n_layers, n_heads)
    assert num_parameters(architecture) == sum(p.numel() for p in student.parameters())
    assert torch.isfinite(logits_of(student, tiny_inputs())).all()
    assert {p.dtype for p in student.parameters()} == {torch.float32}


@pytest.mark.parametrize("family", ["bert", "distilbert"])
def test_layers_are_copied_in_the_chosen_order_and_the_rest_is_new(family):
    teacher = tiny_bert(n_layers=3)
    student = build_student(teacher, n_layers=2, n_heads=4, family=family, layers_from="last")
    assert same(layer_state(student, 0), layer_state(teacher, 1))
    assert same(layer_state(student, 1), layer_state(teacher, 2))
    deeper = build_student(teacher, n_layers=5, n_heads=4, family=family, initializer_range=0.05)
    for index in range(3):
        assert same(layer_state(deeper, index), layer_state(teacher, index))
    new = layer_state(deeper, 4)
    assert new["feed_forward_in.weight"].std().item() == pytest.approx(0.05, rel=0.1)
    assert abs(new["feed_forward_in.weight"].mean().item()) < 0.01
    assert not new["query.bias"].any()
    assert torch.equal(new["output_norm.weight"], torch.ones(32))
    assert not new["output_norm.bias"].any()


def test_initializer_range_zero_gives_layers_of_zeros():
    student = build_student(tiny_bert(n_layers=1), n_layers=2, n_heads=4, initializer_range=0.0)
    assert not layer_state(student, 1)["query.weight"].any()


def test_pruned_student_is_the_full_student_pruned():
    teacher = tiny_bert()
    full = build_student(teacher, n_layers=3, n_heads=4)
    prune_heads(full, choose_heads(3, 4, 2, 8))
    student = build_student(teacher, n_layers=3, n_heads=2, pruning_seed=8)
    assert removed_heads(student) == choose_heads(3, 4, 2, 8)
    assert same(student.state_dict(), full.state_dict())


def test_seeds_decide_alone_and_the_global_state_is_left_alone():
    teacher = tiny_bert(n_layers=2)
    before = copy.deepcopy(teacher.state_dict())
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = build_student(teacher, n_layers=4, n_heads=2, seed=5)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert same(first.state_dict(), build_student(teacher, n_layers=4, n_heads=2, seed=5).state_dict())
    assert not same(first.state_dict(), build_student(teacher, n_layers=4, n_heads=2, seed=6).state_dict())
    assert same(teacher.state_dict(), before)


def test_student_shares_no_memory_with_its_teacher():
    teacher = tiny_bert()
    expected = logits_of(teacher, tiny_inputs())
    student = build_student(teacher, n_layers=4, n_heads=4)
    with torch.no_grad():
        for parameter in student.parameters():
            parameter.zero_()
    assert torch.equal(logits_of(teacher, tiny_inputs()), expected)


def test_half_precision_teacher_gives_an_fp32_student():
    student = build_student(tiny_bert().half(), n_layers=2, n_heads=2)
    assert {p.dtype for p in student.parameters()} == {torch.float32}


@pytest.mark.parametrize("family", ["bert", "distilbert"])
@pytest.mark.parametrize("rate", ["dropout", "attention_dropout", "qa_dropout"])
def test_each_dropout_acts_in_training_only(family, rate):
    rates = {"dropout": 0.0, "attention_dropout": 0.0, "qa_dropout": 0.0}
    teacher = tiny_bert(n_layers=2)
    inputs = tiny_inputs()
    if family == "distilbert":
        del inputs["token_type_ids"]
    silent = build_student(teacher, n_layers=2, n_heads=4, family=family, **rates)
    noisy = build_student(teacher, n_layers=2, n_heads=4, family=family, **(rates | {rate: 0.5}))
    expected = logits_of(silent, inputs)
    torch.testing.assert_close(silent(**inputs).start_logits, expected[0])
    torch.testing.assert_close(logits_of(noisy, inputs), expected)
    assert not torch.allclose(noisy(**inputs).start_logits, expected[0], atol=1e-3)


@pytest.mark.parametrize("family", ["bert", "distilbert"])
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_dropout_of_one_gives_finite_gradients(family, attention):
    student = build_student(
        tiny_bert(), n_layers=2, n_heads=2, family=family, dropout=1.0, attention_dropout=1.0, qa_dropout=1.0
    )
    student.set_attn_implementation(attention)
    ids = tiny_inputs()["input_ids"]
    output = student(input_ids=ids, attention_mask=torch.ones_like(ids))
    (output.start_logits.sum() + output.end_logits.sum()).backward()
    assert torch.isfinite(output.start_logits).all()
    assert all(p.grad is None or torch.isfinite(p.grad).all() for p in student.parameters())


def test_token_types_are_folded_by_position():
    positions = torch.zeros(64, 2)
    folded = fold_token_types(positions, torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    torch.testing.assert_close(folded.sum(1), torch.ones(64))
    torch.testing.assert_close(folded[15], torch.tensor([0.5, 0.5]))
    assert folded[0, 0] > 0.999
    assert folded[63, 1] > 0.999
    assert torch.equal(fold_token_types(positions, torch.tensor([[3.0, 4.0]]))[7], torch.tensor([3.0, 4.0]))


def test_distilbert_copy_equals_bert_where_both_types_are_alike():
    teacher = tiny_bert()
    with torch.no_grad():
        teacher.bert.embeddings.token_type_embeddings.weight[1] = (
            teacher.bert.embeddings.token_type_embeddings.weight[0]
        )
    student = build_student(teacher, n_layers=4, n_heads=4, family="distilbert")
    torch.testing.assert_close(
        logits_of(student, tiny_inputs()), logits_of(teacher, tiny_inputs()), rtol=1e-4, atol=1e-4
    )


def test_bert_copy_of_a_distilbert_teacher_answers_alike():
    teacher = tiny_distilbert()
    student = build_student(teacher, n_layers=4, n_heads=4, family="bert")
    torch.testing.assert_close(
        logits_of(student, tiny_inputs()), logits_of(teacher, tiny_inputs()), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n_heads": 5}, "n_heads is 5; it must be from 1 to 4"),
        ({"dropout": 1.5}, "dropout is 1.5; it must be from 0 to 1"),
        ({"attention_dropout": -0.1}, "attention_dropout is -0.1"),
        ({"qa_dropout": float("nan")}, "qa_dropout is nan"),
        ({"initializer_range": -1.0}, "initializer_range is -1.0"),
        ({"family": "gpt2"}, "family is 'gpt2'; use one of: bert, distilbert, roberta"),
        ({"hidden_size": 64}, "hidden_size is 64; .* at most as wide as the teacher"),
    ],
)
def test_bad_settings_are_named(change, words):
    with pytest.raises(SettingError, match=words):
        build_student(tiny_bert(), **({"n_layers": 2, "n_heads": 2} | change))


@pytest.mark.parametrize("nothing", [0, None])
def test_sizes_left_out_are_the_teachers(nothing):
    student = build_student(tiny_bert(), hidden_size=nothing, intermediate_size=nothing)
    assert architecture_of(student) == architecture_of(tiny_bert())


def test_pruned_teacher_is_refused():
    teacher = tiny_bert()
    prune_heads(teacher, ((0,), (), (), ()))
    with pytest.raises(ModelError, match="teacher's heads are pruned"):
        build_student(teacher, n_layers=1, n_heads=1)


def test_teacher_without_head_is_refused():
    with pytest.raises(ModelError, match="no head on top of its encoder"):
        build_student(tiny_bert().bert, n_layers=1, n_heads=1)

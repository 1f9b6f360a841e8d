"""Plans of students: the strongest parts are taken, the same teacher gives the same plan, and weights follow it."""

from __future__ import annotations

import pytest
import torch

from engine.distill.students.anatomy import (
    ANATOMIES,
    architecture_of,
    embeddings_of,
    family_of,
    head_parts,
    layers_of,
)
from engine.distill.students.architecture import num_parameters
from engine.distill.students.build import build_planned, build_student
from engine.distill.students.plan import NEW, plan_student
from engine.distill.students.pruning import choose_heads, removed_heads
from engine.distill.students.shape import StudentShape
from tests.engine.distill.tiny_teachers import logits_of, tiny, tiny_bert, tiny_inputs

FAMILIES = pytest.mark.parametrize("family", ["bert", "distilbert", "roberta"])
HEADS = pytest.mark.parametrize("head", ["span", "sequence", "masked_lm"])


def part(model, layer, name):
    return layers_of(model)[layer].get_submodule(ANATOMIES[family_of(model)].parts[name])


def plan(teacher, **shape):
    return plan_student(teacher, StudentShape(**shape))


def strengthen_hidden(model, units, factor=20.0):
    """Makes residual units large behind every norm, so that they dominate what every layer reads."""
    norms = [embeddings_of(model).LayerNorm]
    norms += [
        part(model, index, name)
        for index in range(len(layers_of(model)))
        for name in ("attention_norm", "output_norm")
    ]
    with torch.no_grad():
        for norm in norms:
            norm.weight[units] = factor


@FAMILIES
def test_plan_of_the_teachers_own_shape_takes_everything_in_its_place(family):
    teacher = tiny(family, n_layers=3)
    made = plan(teacher)
    assert made.architecture == architecture_of(teacher)
    assert made.hidden_units == tuple(range(32))
    assert made.teacher_layers == (0, 1, 2)
    for layer in made.layers:
        assert layer.copied
        assert layer.removed == ()
        assert layer.heads == (0, 1, 2, 3)
        assert layer.query_rows == layer.value_rows == tuple(range(32))
        assert layer.units == tuple(range(48))


@FAMILIES
def test_narrower_student_keeps_the_strongest_residual_units_everywhere(family):
    teacher = tiny(family, n_layers=2)
    strong = [1, 4, 5, 9, 12, 13, 14, 20, 21, 22, 25, 27, 28, 29, 30, 31]
    strengthen_hidden(teacher, strong)
    made = plan(teacher, hidden_size=16, n_layers=2)
    assert made.hidden_units == tuple(strong)
    student = build_planned(teacher, made)
    assert torch.equal(
        embeddings_of(student).word_embeddings.weight,
        embeddings_of(teacher).word_embeddings.weight[:, strong],
    )
    for index, layer in enumerate(made.layers):
        rows, units = list(layer.value_rows), list(layer.units)
        value, out = part(teacher, index, "value"), part(teacher, index, "attention_output")
        assert torch.equal(part(student, index, "value").weight, value.weight[rows][:, strong])
        assert torch.equal(part(student, index, "attention_output").weight, out.weight[strong][:, rows])
        assert torch.equal(part(student, index, "attention_output").bias, out.bias[strong])
        up = part(teacher, index, "feed_forward_in")
        assert torch.equal(part(student, index, "feed_forward_in").weight, up.weight[units][:, strong])
        norm = part(teacher, index, "output_norm")
        assert torch.equal(part(student, index, "output_norm").weight, norm.weight[strong])
    head, own = head_parts(student)["output"], head_parts(teacher)["output"]
    assert torch.equal(head.weight, own.weight[:, strong])


def test_only_the_layers_that_are_copied_decide_on_residual_units():
    teacher = tiny_bert(n_layers=2)
    strengthen_hidden(teacher, list(range(16)))
    with torch.no_grad():
        part(teacher, 1, "query").weight[:, 16:] *= 1e6
    assert plan(teacher, hidden_size=16, n_layers=1, layers_from="first").hidden_units == tuple(range(16))


def test_each_layer_keeps_its_own_strongest_units():
    teacher = tiny_bert(n_layers=2)
    strong = ([3, 17, 40], [0, 1, 47])
    with torch.no_grad():
        for index, units in enumerate(strong):
            part(teacher, index, "feed_forward_in").weight[units] *= 10
            part(teacher, index, "feed_forward_out").weight[:, units] *= 10
    made = plan(teacher, intermediate_size=3)
    assert [layer.units for layer in made.layers] == [tuple(units) for units in strong]


def test_units_are_judged_by_the_residual_units_that_are_kept():
    teacher = tiny_bert(n_layers=1)
    strengthen_hidden(teacher, list(range(16)))
    with torch.no_grad():
        part(teacher, 0, "feed_forward_in").weight[5, 16:] = 300
        part(teacher, 0, "feed_forward_in").weight[5, :16] = 0
        part(teacher, 0, "feed_forward_in").bias[5] = -5
    assert 5 in plan(teacher, intermediate_size=8).layers[0].units
    assert 5 not in plan(teacher, intermediate_size=8, hidden_size=16).layers[0].units


def test_heads_by_importance_keep_those_that_write_most():
    teacher = tiny_bert(n_layers=2)
    with torch.no_grad():
        part(teacher, 0, "attention_output").weight[:, 0:8] = 0
        part(teacher, 0, "attention_output").weight[:, 16:24] = 0
        part(teacher, 1, "value").weight[24:32] = 0
        part(teacher, 1, "value").weight[8:16] *= 0.01
    student = build_student(teacher, n_heads=2, heads_by="importance")
    assert removed_heads(student) == ((0, 2), (1, 3))


def test_heads_by_seed_are_drawn_as_ever():
    made = plan(tiny_bert(n_layers=3), n_heads=1, pruning_seed=11)
    assert tuple(layer.removed for layer in made.layers) == choose_heads(3, 4, 1, 11)


def test_narrower_pruned_student_takes_the_drawn_heads_of_the_teacher():
    teacher = tiny_bert(n_layers=2)
    made = plan(teacher, hidden_size=24, n_heads=2, pruning_seed=5)
    drawn = choose_heads(2, 4, 2, 5)
    for layer, gone in zip(made.layers, drawn, strict=True):
        kept = tuple(head for head in range(4) if head not in gone)
        assert layer.heads == (*kept, NEW)
        assert layer.removed == (2,)
        rows = [row for head in kept for row in range(8 * head, 8 * head + 8)]
        assert layer.value_rows == (*rows, *[NEW] * 8)
    student = build_planned(teacher, made)
    value = part(teacher, 1, "value").weight[list(made.layers[1].value_rows[:16])]
    assert torch.equal(part(student, 1, "value").weight, value[:, list(made.hidden_units)])


def test_layers_behind_are_known_for_new_layers_too():
    teacher = tiny_bert(n_layers=3)
    assert plan(teacher, n_layers=5).teacher_layers == (0, 1, 2, None, None)
    assert plan(teacher, n_layers=2, layers_from=(2, 0)).teacher_layers == (2, 0)
    fresh = plan(teacher, n_layers=2, initialise="embeddings")
    assert fresh.teacher_layers == (0, 2)
    assert not any(layer.copied for layer in fresh.layers)


def test_plans_repeat():
    shape = {"hidden_size": 16, "n_heads": 1, "intermediate_size": 20, "layers_from": "random", "seed": 3}
    assert plan(tiny_bert(), **shape) == plan(tiny_bert(), **shape)
    assert plan(tiny_bert(), **shape) != plan(tiny_bert(seed=1), **shape)


@FAMILIES
@HEADS
def test_wider_feed_forward_changes_nothing_and_learns(family, head):
    teacher = tiny(family, head, n_layers=2)
    student = build_student(teacher, intermediate_size=70, dropout=0.0, attention_dropout=0.0, qa_dropout=0.0)
    expected = logits_of(teacher, tiny_inputs())
    torch.testing.assert_close(logits_of(student, tiny_inputs()), expected, rtol=1e-4, atol=1e-4)
    new_in = part(student, 0, "feed_forward_in").weight[48:]
    new_out = part(student, 0, "feed_forward_out").weight[:, 48:]
    assert new_in.std().item() == pytest.approx(0.02, rel=0.1)
    assert not new_out.any()
    ids = tiny_inputs()["input_ids"]
    output = student(input_ids=ids)
    sum(value.square().sum() for value in output.values()).backward()
    assert part(student, 0, "feed_forward_out").weight.grad[:, 48:].abs().sum() > 0


@FAMILIES
def test_fewer_and_wider_heads_keep_the_function_if_the_lost_ones_are_silent(family):
    teacher = tiny(family, n_layers=2)
    with torch.no_grad():
        for index in range(2):
            part(teacher, index, "attention_output").weight[:, :16] = 0
    student = build_student(teacher, n_heads=2, head_shape="resize", heads_by="importance")
    assert not any(removed_heads(student))
    assert architecture_of(student).head_width == 16
    expected = logits_of(teacher, tiny_inputs())
    torch.testing.assert_close(logits_of(student, tiny_inputs()), expected, rtol=1e-4, atol=1e-4)


@FAMILIES
def test_more_and_narrower_heads_keep_the_function_if_the_lost_units_are_silent(family):
    teacher = tiny(family, n_layers=2)
    silent = [unit for unit in range(32) if unit % 8 in (0, 3, 4, 6)]
    with torch.no_grad():
        for index in range(2):
            for name in ("query", "key", "value"):
                part(teacher, index, name).weight[silent] = 0
                part(teacher, index, name).bias[silent] = 0
    student = build_student(teacher, n_heads=8, head_shape="resize")
    assert architecture_of(student).head_width == 4
    expected = logits_of(teacher, tiny_inputs())
    torch.testing.assert_close(logits_of(student, tiny_inputs()), expected, rtol=1e-4, atol=1e-4)


@FAMILIES
@HEADS
@pytest.mark.parametrize(
    "shape",
    [
        {"hidden_size": 16, "n_heads": 1, "intermediate_size": 7, "n_layers": 2},
        {"hidden_size": 20, "n_heads": 5, "head_shape": "resize", "intermediate_size": 60, "n_layers": 6},
        {"hidden_size": 40, "n_heads": 3, "initialise": "random", "n_layers": 1},
        {"hidden_size": 36, "n_heads": 6, "initialise": "random", "head_shape": "resize", "n_layers": 1},
        {"hidden_size": 16, "n_heads": 2, "initialise": "embeddings", "heads_by": "importance"},
    ],
)
def test_built_students_have_the_planned_architecture(family, head, shape):
    teacher = tiny(family, head)
    student = build_student(teacher, **shape)
    arch = plan(teacher, **shape).architecture
    assert architecture_of(student) == arch
    assert num_parameters(arch) == sum(p.numel() for p in student.parameters())
    assert torch.isfinite(logits_of(student, tiny_inputs())).all()
    again = build_student(teacher, **shape)
    assert all(torch.equal(a, b) for a, b in zip(student.parameters(), again.parameters(), strict=True))


def test_units_of_a_wider_student_beyond_the_teachers_are_new():
    made = plan(tiny_bert(), hidden_size=40, initialise="random")
    assert made.hidden_units == (*range(32), *[NEW] * 8)


@FAMILIES
@HEADS
def test_embeddings_alone_leave_the_layers_new(family, head):
    teacher = tiny(family, head)
    student = build_student(teacher, initialise="embeddings")
    for name, value in embeddings_of(student).state_dict().items():
        assert torch.equal(value, embeddings_of(teacher).state_dict()[name])
    for name, module in head_parts(student).items():
        assert torch.equal(module.weight, head_parts(teacher)[name].weight)
    assert part(student, 0, "query").weight.std().item() == pytest.approx(0.02, rel=0.1)
    assert not part(student, 3, "query").bias.any()


@FAMILIES
@HEADS
def test_random_takes_nothing_from_the_teacher(family, head):
    shape = {"initialise": "random", "initializer_range": 0.05, "seed": 8}
    first = build_student(tiny(family, head, seed=1), **shape)
    second = build_student(tiny(family, head, seed=2), **shape)
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name]), name
    words = embeddings_of(first).word_embeddings
    assert not words.weight[words.padding_idx].any()
    assert words.weight.std().item() == pytest.approx(0.05, rel=0.1)
    assert not head_parts(first)["output"].bias.any()
    other = build_student(tiny(family, head), **(shape | {"seed": 9}))
    assert not torch.equal(embeddings_of(other).word_embeddings.weight, words.weight)

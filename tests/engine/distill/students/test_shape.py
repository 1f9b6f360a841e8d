"""What a student is asked to look like: which layers are taken, which architecture comes of it, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.distill.students.architecture import Architecture
from engine.distill.students.shape import LAYER_RULES, StudentShape, choose_layers, student_architecture
from engine.errors import SettingError

BERT_BASE = Architecture("bert", 12, 12, 768, 3072, 12, 30_522, 512, 2)
ROBERTA_BASE = Architecture("roberta", 12, 12, 768, 3072, 12, 50_265, 512, 1, position_offset=2)


@pytest.mark.parametrize(
    ("rule", "teacher_layers", "n_layers", "expected"),
    [
        ("every_other", 12, 6, (0, 2, 4, 7, 9, 11)),
        ("every_other", 12, 1, (0,)),
        ("every_other", 12, 2, (0, 11)),
        ("every_other", 6, 3, (0, 3, 5)),
        ("first", 12, 3, (0, 1, 2)),
        ("last", 12, 3, (9, 10, 11)),
        ("every_other", 3, 5, (0, 1, 2)),
        ("last", 3, 3, (0, 1, 2)),
    ],
)
def test_known_layer_choices(rule, teacher_layers, n_layers, expected):
    assert choose_layers(rule, teacher_layers, n_layers) == expected


@given(st.sampled_from(LAYER_RULES), st.integers(1, 48), st.integers(1, 60), st.integers(0, 99))
def test_chosen_layers_are_distinct_ascending_and_exist(rule, teacher_layers, n_layers, seed):
    chosen = choose_layers(rule, teacher_layers, n_layers, seed)
    assert len(chosen) == min(n_layers, teacher_layers)
    assert list(chosen) == sorted(set(chosen))
    assert set(chosen) <= set(range(teacher_layers))
    if rule == "every_other" and n_layers > 1:
        assert (chosen[0], chosen[-1]) == (0, teacher_layers - 1)


@pytest.mark.parametrize(
    ("n_layers", "expected"), [(1, (7,)), (3, (7, 2, 2)), (4, (7, 2, 2, 11)), (9, (7, 2, 2, 11))]
)
def test_of_given_layers_the_first_are_taken(n_layers, expected):
    assert choose_layers((7, 2, 2, 11), 12, n_layers) == expected


@pytest.mark.parametrize(
    ("rule", "n_layers", "words"),
    [
        ((12,), 1, r"layers_from is \(12,\); it must name layers from 0 to 11"),
        ((-1,), 1, "layers_from is"),
        ((), 1, r"layers_from is \(\)"),
        ("middle", 1, "layers_from is 'middle'; use one of: every_other, first, last, random"),
        ("first", 0, "n_layers is 0; it must be at least 1"),
    ],
)
def test_impossible_layers_are_refused(rule, n_layers, words):
    with pytest.raises(SettingError, match=words):
        choose_layers(rule, 12, n_layers)


def test_zeros_mean_the_teachers():
    assert student_architecture(BERT_BASE, StudentShape()) == BERT_BASE
    assert student_architecture(ROBERTA_BASE, StudentShape()) == ROBERTA_BASE


@pytest.mark.parametrize(
    ("shape", "layers", "heads", "full", "hidden", "inner"),
    [
        ({"n_layers": 4, "n_heads": 5}, 4, 5, 12, 768, 3072),
        ({"hidden_size": 512}, 12, 8, 8, 512, 3072),
        ({"hidden_size": 512, "n_heads": 3}, 12, 3, 8, 512, 3072),
        ({"hidden_size": 512, "n_heads": 16, "head_shape": "resize"}, 12, 16, 16, 512, 3072),
        ({"hidden_size": 600, "head_shape": "resize"}, 12, 12, 12, 600, 3072),
        ({"hidden_size": 1024, "initialise": "random"}, 12, 12, 16, 1024, 3072),
        ({"intermediate_size": 4096, "n_layers": 20}, 20, 12, 12, 768, 4096),
    ],
)
def test_architectures_of_shapes(shape, layers, heads, full, hidden, inner):
    arch = student_architecture(BERT_BASE, StudentShape(**shape))
    assert (arch.n_layers, arch.n_heads, arch.heads_in_full) == (layers, heads, full)
    assert (arch.hidden_size, arch.intermediate_size) == (hidden, inner)


def test_families_have_their_own_token_types():
    distilbert = student_architecture(BERT_BASE, StudentShape(family="distilbert"))
    assert distilbert.type_vocab_size == 0
    assert student_architecture(distilbert, StudentShape(family="bert")).type_vocab_size == 2


@pytest.mark.parametrize(
    ("teacher", "shape", "words"),
    [
        (BERT_BASE, {"family": "roberta"}, "family is 'roberta' and the teacher is bert"),
        (ROBERTA_BASE, {"family": "bert"}, "family is 'bert' and the teacher is roberta"),
        (BERT_BASE, {"hidden_size": 832}, r"hidden_size is 832; .* at most as wide as the teacher \(768\)"),
        (BERT_BASE, {"hidden_size": 832, "initialise": "embeddings"}, "hidden_size is 832"),
        (BERT_BASE, {"hidden_size": 500}, "hidden_size is 500; it must be a multiple of 64.*'resize'"),
        (BERT_BASE, {"hidden_size": 512, "n_heads": 9}, "n_heads is 9; it must be from 1 to 8"),
        (BERT_BASE, {"n_heads": 13}, "n_heads is 13; it must be from 1 to 12"),
        (
            BERT_BASE,
            {"hidden_size": 512, "n_heads": 12, "head_shape": "resize"},
            r"hidden_size is 512; it must be a multiple of n_heads \(12\)",
        ),
        (BERT_BASE, {"n_layers": -1}, "n_layers is -1; it must be at least 1, or 0 for the teacher's"),
        (BERT_BASE, {"heads_by": "luck"}, "heads_by is 'luck'; use one of: seed, importance"),
        (BERT_BASE, {"head_shape": "cut"}, "head_shape is 'cut'; use one of: prune, resize"),
        (BERT_BASE, {"initialise": "zero"}, "initialise is 'zero'; use one of: teacher, embeddings, random"),
        (BERT_BASE, {"layers_from": "odd"}, "layers_from is 'odd'"),
    ],
)
def test_impossible_shapes_are_refused(teacher, shape, words):
    with pytest.raises(SettingError, match=words):
        student_architecture(teacher, StudentShape(**shape))

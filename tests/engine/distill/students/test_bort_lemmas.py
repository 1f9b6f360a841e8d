"""The Bort paper's counts: Lemma 1 against published sizes and built models, Lemma 2 against counted operations."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers.models.bert.configuration_bert import BertConfig
from transformers.models.bert.modeling_bert import BertModel

from engine.distill.students.architecture import Architecture, flops, head_parameters, num_parameters
from engine.distill.students.bort_lemmas import (
    GELU_OPERATIONS,
    lemma_operations,
    lemma_parameters,
    lemma_sizes,
)
from engine.errors import SettingError

UNCASED = {"vocabulary": 30_522, "token_types": 2}
UNEXPLAINED = 1028
"""Times H: what the published sizes of Bort and its runners-up have beyond Lemma 1."""


def pretraining_heads(hidden, vocabulary):
    """BERT's two: masked words (dense layer, norm, biases) and next sentence (two outputs)."""
    return hidden**2 + hidden + 2 * hidden + vocabulary + 2 * (hidden + 1)


def test_check_values():
    assert lemma_parameters(12, 12, 768, 3072) == 124_644_096
    assert lemma_parameters(24, 16, 1024, 4096) == 355_357_696
    assert lemma_parameters(24, 16, 1024, 4096, **UNCASED) == 335_141_888


@pytest.mark.parametrize(
    ("architecture", "published"),
    [((4, 8, 768, 1024), 56.14), ((4, 8, 512, 1024), 35.20), ((4, 16, 512, 1024), 35.20)],
)
def test_sizes_of_table_1(architecture, published):
    total = lemma_parameters(*architecture) + UNEXPLAINED * architecture[2]
    assert total / 1e6 == pytest.approx(published, abs=0.005)


def test_the_largest_of_table_1_is_roberta_large():
    assert lemma_parameters(24, 16, 1024, 4096, positions=514) / 1e6 == pytest.approx(355.36, abs=0.005)


def test_the_released_bort_is_another_one_than_the_papers():
    assert lemma_parameters(4, 8, 1024, 768) / 1e6 == pytest.approx(76.16, abs=0.005)
    assert lemma_parameters(4, 8, 768, 1024) / 1e6 == pytest.approx(55.35, abs=0.005)


@pytest.mark.parametrize(
    ("architecture", "published"),
    [
        ((4, 12, 312, 1200), 14.5),
        ((4, 4, 256, 1024), 11.3),
        ((4, 8, 512, 2048), 29.1),
        ((12, 12, 768, 3072), 110.1),
    ],
)
def test_sizes_of_table_2_are_those_with_the_pretraining_heads(architecture, published):
    hidden = architecture[2]
    total = lemma_parameters(*architecture, **UNCASED) + pretraining_heads(hidden, 30_522)
    assert total / 1e6 == pytest.approx(published, abs=0.05)


def test_bert_of_theseus_has_66_million_and_a_rest():
    assert lemma_parameters(6, 12, 768, 3072, **UNCASED) == 66_955_008


sizes = st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 9), st.integers(1, 40))


@settings(max_examples=30, deadline=None)
@given(sizes, st.integers(2, 50), st.integers(1, 30), st.integers(1, 3))
def test_lemma_1_equals_the_built_encoder(size, vocabulary, positions, types):
    depth, heads, width, inner = size
    with torch.device("meta"):
        model = BertModel(
            BertConfig(
                vocab_size=vocabulary,
                hidden_size=heads * width,
                num_hidden_layers=depth,
                num_attention_heads=heads,
                intermediate_size=inner,
                max_position_embeddings=positions,
                type_vocab_size=types,
            )
        )
    expected = sum(parameter.numel() for parameter in model.parameters())
    counts = {"vocabulary": vocabulary, "positions": positions, "token_types": types}
    assert lemma_parameters(depth, heads, heads * width, inner, **counts) == expected


@given(sizes, st.integers(1, 512))
def test_lemma_2_is_the_counted_products_and_the_activations(size, length):
    depth, heads, width, inner = size
    hidden = heads * width
    counted = flops(
        Architecture("bert", depth, heads, hidden, inner, heads, 10, 512, 2, "sequence", 3), length
    )
    classifier = 2 * 3 * hidden
    gelu = depth * length * inner * GELU_OPERATIONS
    assert lemma_operations(depth, heads, hidden, inner, length=length) == counted - classifier + gelu


@given(st.integers(1, 12), st.integers(1, 64), st.integers(1, 4096))
def test_heads_drop_out(depth, width, inner):
    hidden = 12 * width
    for heads in (1, 3, 12):
        assert lemma_parameters(depth, heads, hidden, inner) == lemma_parameters(depth, 12, hidden, inner)
        assert lemma_operations(depth, heads, hidden, inner, length=9) == lemma_operations(
            depth, 12, hidden, inner, length=9
        )


@pytest.mark.parametrize(
    ("architecture", "words"),
    [
        ((0, 8, 768, 1024), "depth is 0"),
        ((4, 7, 768, 1024), "hidden is 768; it must be a multiple of heads"),
        ((4, 8, 768, -1), "inner is -1"),
    ],
)
def test_impossible_sizes_are_refused(architecture, words):
    with pytest.raises(SettingError, match=words):
        lemma_parameters(*architecture)
    with pytest.raises(SettingError, match=words):
        lemma_operations(*architecture, length=8)


def test_length_must_be_positive():
    with pytest.raises(SettingError, match="length is 0"):
        lemma_operations(4, 8, 768, 1024, length=0)


@pytest.mark.parametrize("family", ["bert", "distilbert", "roberta"])
def test_sizes_of_an_architecture_are_those_of_the_bare_encoder_with_a_pooler(family):
    types = {"bert": 2, "distilbert": 0, "roberta": 1}[family]
    offset = 2 if family == "roberta" else 0
    arch = Architecture(family, 3, 4, 48, 80, 4, 100, 32, types, "masked_lm", 2, position_offset=offset)
    found = lemma_sizes(arch, 16)
    pooler = 48 * 48 + 48
    assert found["lemma_parameters"] == num_parameters(arch) - head_parameters(arch) + pooler
    assert found["lemma_operations"] == lemma_operations(3, 4, 48, 80, length=16)

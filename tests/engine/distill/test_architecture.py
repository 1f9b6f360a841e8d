"""Formulas for sizes against published counts and against built models."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode
from transformers.models.bert.configuration_bert import BertConfig
from transformers.models.bert.modeling_bert import BertForQuestionAnswering
from transformers.models.distilbert.configuration_distilbert import DistilBertConfig
from transformers.models.distilbert.modeling_distilbert import DistilBertForQuestionAnswering

from engine.distill.anatomy import architecture_of
from engine.distill.architecture import Architecture, encoder_parameters, flops, model_mb, num_parameters
from engine.distill.pruning import choose_heads, prune_heads
from engine.errors import ModelError, SettingError
from tests.engine.distill.tiny_teachers import tiny_bert, tiny_distilbert

DISTILBERT = {
    "family": "distilbert",
    "hidden_size": 768,
    "intermediate_size": 3072,
    "heads_in_full": 12,
    "vocab_size": 30522,
    "max_positions": 512,
}


@pytest.mark.parametrize(
    ("n_layers", "n_heads", "expected"),
    [
        (6, 12, 66_364_418),
        (4, 12, 52_188_674),
        (4, 11, 51_401_474),
        (5, 4, 51_404_546),
        (5, 12, 59_276_546),
        (6, 11, 65_183_618),
        (7, 12, 73_452_290),
        (20, 12, 165_594_626),
        (1, 1, 28_760_258),
    ],
)
def test_published_parameter_counts(n_layers, n_heads, expected):
    assert num_parameters(Architecture(n_layers=n_layers, n_heads=n_heads, **DISTILBERT)) == expected


def test_megabytes_are_four_bytes_per_parameter():
    assert model_mb(Architecture(n_layers=6, n_heads=12, **DISTILBERT)) == pytest.approx(265.457672)


def test_encoder_of_bert_base_is_85_million():
    bert_base = Architecture("bert", 12, 12, 768, 3072, 12, 30522, 512, 2)
    assert encoder_parameters(bert_base) == 12 * 7_087_872
    assert num_parameters(bert_base) == 108_893_186


@st.composite
def architectures(draw):
    family = draw(st.sampled_from(["bert", "distilbert"]))
    heads = draw(st.integers(1, 6))
    return Architecture(
        family=family,
        n_layers=draw(st.integers(1, 4)),
        n_heads=draw(st.integers(1, heads)),
        hidden_size=heads * draw(st.integers(1, 9)),
        intermediate_size=draw(st.integers(1, 40)),
        heads_in_full=heads,
        vocab_size=draw(st.integers(2, 60)),
        max_positions=draw(st.integers(4, 40)),
        type_vocab_size=draw(st.integers(1, 3)) if family == "bert" else 0,
    )


def build_on_meta(arch):
    common = {
        "vocab_size": arch.vocab_size,
        "max_position_embeddings": arch.max_positions,
        "pad_token_id": 0,
    }
    with torch.device("meta"):
        if arch.family == "bert":
            model = BertForQuestionAnswering(
                BertConfig(
                    hidden_size=arch.hidden_size,
                    num_hidden_layers=arch.n_layers,
                    num_attention_heads=arch.heads_in_full,
                    intermediate_size=arch.intermediate_size,
                    type_vocab_size=arch.type_vocab_size,
                    **common,
                )
            )
        else:
            model = DistilBertForQuestionAnswering(
                DistilBertConfig(
                    dim=arch.hidden_size,
                    n_layers=arch.n_layers,
                    n_heads=arch.heads_in_full,
                    hidden_dim=arch.intermediate_size,
                    **common,
                )
            )
    prune_heads(model, choose_heads(arch.n_layers, arch.heads_in_full, arch.n_heads, 3))
    return model.eval()


@settings(max_examples=60, deadline=None)
@given(architectures(), st.data())
def test_formulas_equal_the_built_model(arch, data):
    model = build_on_meta(arch)
    assert num_parameters(arch) == sum(p.numel() for p in model.parameters())
    encoder = sum(p.numel() for n, p in model.named_parameters() if ".layer." in n)
    assert encoder_parameters(arch) == encoder
    assert architecture_of(model) == arch
    length = data.draw(st.integers(1, arch.max_positions))
    with FlopCounterMode(display=False) as counter:
        model(input_ids=torch.zeros(1, length, dtype=torch.long, device="meta"))
    assert flops(arch, length) == counter.get_total_flops()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n_heads": 13}, "n_heads is 13; it must be from 1 to 12"),
        ({"n_heads": 0}, "n_heads is 0"),
        ({"n_layers": 0}, "n_layers is 0; it must be at least 1"),
        ({"hidden_size": 770}, "hidden_size is 770; it must be a multiple of heads_in_full"),
        ({"family": "roberta"}, "family is 'roberta'"),
        ({"type_vocab_size": 2}, "type_vocab_size is 2"),
        ({"family": "bert"}, "type_vocab_size is 0"),
    ],
)
def test_impossible_shapes_are_refused(change, words):
    with pytest.raises(SettingError, match=words):
        Architecture(**({"n_layers": 6, "n_heads": 12} | DISTILBERT | change))


@pytest.mark.parametrize("length", [0, 513])
def test_flops_outside_the_positions_are_refused(length):
    with pytest.raises(SettingError, match=f"length is {length}"):
        flops(Architecture(n_layers=6, n_heads=12, **DISTILBERT), length)


@pytest.mark.parametrize("make", [tiny_bert, tiny_distilbert])
def test_layers_with_different_heads_have_no_single_architecture(make):
    model = make(n_layers=2)
    prune_heads(model, ((0,), ()))
    with pytest.raises(ModelError, match="different numbers of heads"):
        architecture_of(model)

"""Formulas for sizes against published counts and against built models."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoConfig

from engine.distill.models.pretrained import AUTO_MODELS
from engine.distill.students.anatomy import ANATOMIES, architecture_of, head_parts, layers_of, max_positions
from engine.distill.students.architecture import (
    FAMILIES,
    HEADS,
    Architecture,
    encoder_parameters,
    flops,
    head_parameters,
    model_mb,
    num_parameters,
)
from engine.distill.students.pruning import choose_heads, prune_heads
from engine.errors import ModelError, SettingError
from tests.engine.distill.tiny_teachers import POSITIONS, tiny, tiny_bert, tiny_distilbert, tiny_roberta

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


BASE = {"bert": (30_522, 512, 2, 0), "distilbert": (30_522, 512, 0, 0), "roberta": (50_265, 512, 1, 2)}


@pytest.mark.parametrize(
    ("family", "n_layers", "head", "expected"),
    [
        ("bert", 12, "sequence", 109_483_778),
        ("bert", 12, "masked_lm", 109_514_298),
        ("distilbert", 6, "sequence", 66_955_010),
        ("distilbert", 6, "masked_lm", 66_985_530),
        ("roberta", 12, "sequence", 124_647_170),
        ("roberta", 12, "masked_lm", 124_697_433),
    ],
)
def test_counts_of_the_base_models(family, n_layers, head, expected):
    vocabulary, positions, types, offset = BASE[family]
    arch = Architecture(
        family, n_layers, 12, 768, 3072, 12, vocabulary, positions, types, head, position_offset=offset
    )
    assert num_parameters(arch) == expected


@st.composite
def architectures(draw):
    family = draw(st.sampled_from(FAMILIES))
    head = draw(st.sampled_from(HEADS))
    heads = draw(st.integers(1, 6))
    offset = draw(st.integers(1, 3)) if family == "roberta" else 0
    return Architecture(
        family=family,
        n_layers=draw(st.integers(1, 4)),
        n_heads=draw(st.integers(1, heads)),
        hidden_size=heads * draw(st.integers(1, 9)),
        intermediate_size=draw(st.integers(1, 40)),
        heads_in_full=heads,
        vocab_size=draw(st.integers(4, 60)),
        max_positions=draw(st.integers(4, 40)),
        type_vocab_size=0 if family == "distilbert" else draw(st.integers(1, 3)),
        head=head,
        labels=draw(st.integers(1, 5)) if head == "sequence" else 2,
        position_offset=offset,
    )


def build_on_meta(arch):
    names = ANATOMIES[arch.family].fields
    settings = {
        names["hidden_size"]: arch.hidden_size,
        names["n_layers"]: arch.n_layers,
        names["n_heads"]: arch.heads_in_full,
        names["intermediate_size"]: arch.intermediate_size,
        "vocab_size": arch.vocab_size,
        "max_position_embeddings": arch.max_positions + arch.position_offset,
        "pad_token_id": max(arch.position_offset - 1, 0),
        "num_labels": arch.labels,
    }
    if arch.family != "distilbert":
        settings["type_vocab_size"] = arch.type_vocab_size
    with torch.device("meta"):
        model = AUTO_MODELS[arch.head].from_config(AutoConfig.for_model(arch.family, **settings))
    prune_heads(model, choose_heads(arch.n_layers, arch.heads_in_full, arch.n_heads, 3))
    return model.eval()


@settings(max_examples=120, deadline=None)
@given(architectures(), st.data())
def test_formulas_equal_the_built_model(arch, data):
    model = build_on_meta(arch)
    assert num_parameters(arch) == sum(p.numel() for p in model.parameters())
    encoder = sum(p.numel() for layer in layers_of(model) for p in layer.parameters())
    assert encoder_parameters(arch) == encoder
    head = {p for part in head_parts(model).values() for p in part.parameters()}
    tied = arch.vocab_size * arch.hidden_size if arch.head == "masked_lm" else 0
    assert head_parameters(arch) == sum(p.numel() for p in head) - tied
    assert architecture_of(model) == arch
    length = data.draw(st.integers(1, arch.max_positions))
    with FlopCounterMode(display=False) as counter:
        model(input_ids=torch.zeros(1, length, dtype=torch.long, device="meta"))
    assert flops(arch, length) == counter.get_total_flops()


def test_roberta_takes_fewer_tokens_than_its_position_table_has_rows():
    model = tiny_roberta(pad_token_id=4)
    assert max_positions(model) == architecture_of(model).max_positions == POSITIONS - 5
    longest = torch.full((1, POSITIONS - 5), 7)
    assert model(input_ids=longest).start_logits.shape == (1, POSITIONS - 5)
    with pytest.raises((IndexError, RuntimeError)):
        model(input_ids=torch.full((1, POSITIONS - 4), 7))


@pytest.mark.parametrize("kind", ["xlm-roberta", "camembert"])
def test_relatives_of_roberta_are_of_its_family(kind):
    assert architecture_of(tiny(kind, "sequence")) == architecture_of(tiny("roberta", "sequence"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n_heads": 13}, "n_heads is 13; it must be from 1 to 12"),
        ({"n_heads": 0}, "n_heads is 0"),
        ({"n_layers": 0}, "n_layers is 0; it must be at least 1"),
        ({"hidden_size": 770}, "hidden_size is 770; it must be a multiple of heads_in_full"),
        ({"family": "gpt2"}, "family is 'gpt2'; use one of: bert, distilbert, roberta"),
        ({"family": "roberta", "type_vocab_size": 1}, "position_offset is 0"),
        ({"position_offset": 2}, "position_offset is 2"),
        ({"head": "regression"}, "head is 'regression'; use one of: span, sequence, masked_lm"),
        ({"labels": 3}, "labels is 3; a span head has 2"),
        ({"head": "sequence", "labels": 0}, "labels is 0; it must be at least 1"),
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


@pytest.mark.parametrize("make", [tiny_bert, tiny_distilbert, tiny_roberta])
def test_layers_with_different_heads_have_no_single_architecture(make):
    model = make(n_layers=2)
    prune_heads(model, ((0,), ()))
    with pytest.raises(ModelError, match="different numbers of heads"):
        architecture_of(model)

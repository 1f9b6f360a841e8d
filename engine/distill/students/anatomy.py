"""Where the parts of a BERT, DistilBERT or RoBERTa-like model are, so that other modules need not know the family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from torch import nn

from engine.distill.students.architecture import HEADS, SPAN_OUTPUTS, Architecture, Family
from engine.errors import ModelError
from engine.tasks.interface import Head

FAMILY_OF_TYPE: Mapping[str, Family] = {
    "bert": "bert",
    "distilbert": "distilbert",
    "roberta": "roberta",
    "xlm-roberta": "roberta",
    "camembert": "roberta",
}
"""The families by the ``model_type`` of a configuration."""

HEAD_NAMES: Mapping[Head, str] = {
    "span": "question answering",
    "sequence": "sequence classification",
    "masked_lm": "masked language model",
}


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Names one family uses.

    Args:
        embeddings: Path of the embedding block in the model.
        layers: Path of the list of transformer layers in the model.
        attention: Path of the self-attention module in a layer.
        parts: Paths of the modules with weights in a layer, by a name common to all families.
        heads: Paths of the modules with weights on top of the encoder, by head and a name common to all families;
            "output" gives the logits.
        fields: Names in the configuration, by a name common to all families.
        head_count: Attribute of the self-attention module that holds its number of heads.
    """

    embeddings: str
    layers: str
    attention: str
    parts: Mapping[str, str]
    heads: Mapping[Head, Mapping[str, str]]
    fields: Mapping[str, str]
    head_count: str


BERT = Anatomy(
    embeddings="bert.embeddings",
    layers="bert.encoder.layer",
    attention="attention.self",
    parts={
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attention_output": "attention.output.dense",
        "attention_norm": "attention.output.LayerNorm",
        "feed_forward_in": "intermediate.dense",
        "feed_forward_out": "output.dense",
        "output_norm": "output.LayerNorm",
    },
    heads={
        "span": {"output": "qa_outputs"},
        "sequence": {"dense": "bert.pooler.dense", "output": "classifier"},
        "masked_lm": {
            "dense": "cls.predictions.transform.dense",
            "norm": "cls.predictions.transform.LayerNorm",
            "output": "cls.predictions.decoder",
        },
    },
    fields={
        "n_layers": "num_hidden_layers",
        "n_heads": "num_attention_heads",
        "hidden_size": "hidden_size",
        "intermediate_size": "intermediate_size",
        "activation": "hidden_act",
        "dropout": "hidden_dropout_prob",
        "attention_dropout": "attention_probs_dropout_prob",
        "head_dropout": "classifier_dropout",
    },
    head_count="num_attention_heads",
)

ANATOMIES: Mapping[Family, Anatomy] = {
    "bert": BERT,
    "distilbert": Anatomy(
        embeddings="distilbert.embeddings",
        layers="distilbert.transformer.layer",
        attention="attention",
        parts={
            "query": "attention.q_lin",
            "key": "attention.k_lin",
            "value": "attention.v_lin",
            "attention_output": "attention.out_lin",
            "attention_norm": "sa_layer_norm",
            "feed_forward_in": "ffn.lin1",
            "feed_forward_out": "ffn.lin2",
            "output_norm": "output_layer_norm",
        },
        heads={
            "span": {"output": "qa_outputs"},
            "sequence": {"dense": "pre_classifier", "output": "classifier"},
            "masked_lm": {
                "dense": "vocab_transform",
                "norm": "vocab_layer_norm",
                "output": "vocab_projector",
            },
        },
        fields={
            "n_layers": "n_layers",
            "n_heads": "n_heads",
            "hidden_size": "dim",
            "intermediate_size": "hidden_dim",
            "activation": "activation",
            "dropout": "dropout",
            "attention_dropout": "attention_dropout",
            "head_dropout": "seq_classif_dropout",
        },
        head_count="n_heads",
    ),
    "roberta": replace(
        BERT,
        embeddings="roberta.embeddings",
        layers="roberta.encoder.layer",
        heads={
            "span": {"output": "qa_outputs"},
            "sequence": {"dense": "classifier.dense", "output": "classifier.out_proj"},
            "masked_lm": {
                "dense": "lm_head.dense",
                "norm": "lm_head.layer_norm",
                "output": "lm_head.decoder",
            },
        },
    ),
}


def config_of(model: nn.Module) -> Any:  # noqa: ANN401 - transformers' configurations have no static types
    """The transformers configuration of a model."""
    return cast("Any", model).config


def family_of(model: nn.Module) -> Family:
    """Family of a model.

    Raises:
        ModelError: The model is of another family.
    """
    found = str(getattr(config_of(model), "model_type", None))
    if found not in FAMILY_OF_TYPE:
        raise ModelError(
            f"models of type {found!r} are not supported; use one of: {', '.join(FAMILY_OF_TYPE)}"
        )
    return FAMILY_OF_TYPE[found]


def head_of(model: nn.Module) -> Head:
    """What sits on top of a model's encoder.

    Raises:
        ModelError: The model is of another family, or has none of the heads.
    """
    heads = ANATOMIES[family_of(model)].heads
    modules = dict(model.named_modules())
    for head in HEADS:
        if all(path in modules for path in heads[head].values()):
            return head
    known = ", ".join(HEAD_NAMES.values())
    raise ModelError(
        f"{type(model).__name__} has no head on top of its encoder; load it with one of: {known}"
    )


def head_parts(model: nn.Module) -> dict[str, nn.Module]:
    """The modules with weights on top of the encoder, by a name common to all families (see ``Anatomy.heads``)."""
    paths = ANATOMIES[family_of(model)].heads[head_of(model)]
    return {name: model.get_submodule(path) for name, path in paths.items()}


def field_of(model: nn.Module, name: str) -> Any:  # noqa: ANN401
    """A value of the model's configuration by its common name (see ``Anatomy.fields``)."""
    return getattr(config_of(model), ANATOMIES[family_of(model)].fields[name])


def embeddings_of(model: nn.Module) -> nn.Module:
    """The embedding block."""
    return model.get_submodule(ANATOMIES[family_of(model)].embeddings)


def layers_of(model: nn.Module) -> list[nn.Module]:
    """The transformer layers, first to last."""
    return list(model.get_submodule(ANATOMIES[family_of(model)].layers).children())


def takes_token_types(model: nn.Module) -> bool:
    """Whether a model tells the parts of its input apart by token types; RoBERTa has a table of them but does not."""
    return family_of(model) == "bert" and int(config_of(model).type_vocab_size) > 1


def position_offset(model: nn.Module) -> int:
    """Rows of the position embedding before the first that a token can have (see ``Architecture``)."""
    return int(config_of(model).pad_token_id) + 1 if family_of(model) == "roberta" else 0


def max_positions(model: nn.Module) -> int:
    """Tokens the longest input of a model may have; for RoBERTa fewer than its position embedding has rows."""
    return int(config_of(model).max_position_embeddings) - position_offset(model)


def architecture_of(model: nn.Module) -> Architecture:
    """Shape of a built model, pruned heads taken into account.

    Raises:
        ModelError: The family is not supported, there is no head, or the layers have different numbers of heads.
    """
    family, head = family_of(model), head_of(model)
    config = config_of(model)
    anatomy = ANATOMIES[family]
    heads = {
        getattr(layer.get_submodule(anatomy.attention), anatomy.head_count) for layer in layers_of(model)
    }
    if len(heads) != 1:
        raise ModelError(f"the layers have different numbers of heads: {sorted(heads)}")
    return Architecture(
        family=family,
        n_layers=field_of(model, "n_layers"),
        n_heads=heads.pop(),
        hidden_size=field_of(model, "hidden_size"),
        intermediate_size=field_of(model, "intermediate_size"),
        heads_in_full=field_of(model, "n_heads"),
        vocab_size=config.vocab_size,
        max_positions=max_positions(model),
        type_vocab_size=0 if family == "distilbert" else config.type_vocab_size,
        head=head,
        labels=SPAN_OUTPUTS if head == "masked_lm" else cast("Any", head_parts(model)["output"]).out_features,
        position_offset=position_offset(model),
    )

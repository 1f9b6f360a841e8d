"""Where the parts of a BERT or DistilBERT model are, so that other modules need not know the family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from torch import nn

from engine.distill.architecture import FAMILIES, Architecture, Family
from engine.errors import ModelError


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Names one family uses.

    Args:
        embeddings: Path of the embedding block in the model.
        layers: Path of the list of transformer layers in the model.
        attention: Path of the self-attention module in a layer.
        parts: Paths of the modules with weights in a layer, by a name common to all families.
        fields: Names in the configuration, by a name common to all families.
        head_count: Attribute of the self-attention module that holds its number of heads.
    """

    embeddings: str
    layers: str
    attention: str
    parts: Mapping[str, str]
    fields: Mapping[str, str]
    head_count: str


ANATOMIES: Mapping[Family, Anatomy] = {
    "bert": Anatomy(
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
        fields={
            "n_layers": "num_hidden_layers",
            "n_heads": "num_attention_heads",
            "hidden_size": "hidden_size",
            "intermediate_size": "intermediate_size",
            "activation": "hidden_act",
            "dropout": "hidden_dropout_prob",
            "attention_dropout": "attention_probs_dropout_prob",
        },
        head_count="num_attention_heads",
    ),
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
        fields={
            "n_layers": "n_layers",
            "n_heads": "n_heads",
            "hidden_size": "dim",
            "intermediate_size": "hidden_dim",
            "activation": "activation",
            "dropout": "dropout",
            "attention_dropout": "attention_dropout",
        },
        head_count="n_heads",
    ),
}


def config_of(model: nn.Module) -> Any:  # noqa: ANN401 - transformers' configurations have no static types
    """The transformers configuration of a model."""
    return cast("Any", model).config


def family_of(model: nn.Module) -> Family:
    """Family of a question answering model.

    Raises:
        ModelError: The model is of another family, or has no question answering head.
    """
    found = getattr(config_of(model), "model_type", None)
    for family in FAMILIES:
        if found == family:
            if not isinstance(getattr(model, "qa_outputs", None), nn.Linear):
                raise ModelError(f"{type(model).__name__} has no question answering head (qa_outputs)")
            return family
    raise ModelError(f"models of type {found!r} are not supported; use one of: {', '.join(FAMILIES)}")


def field_of(model: nn.Module, name: str) -> Any:  # noqa: ANN401
    """A value of the model's configuration by its common name (see ``Anatomy.fields``)."""
    return getattr(config_of(model), ANATOMIES[family_of(model)].fields[name])


def embeddings_of(model: nn.Module) -> nn.Module:
    """The embedding block."""
    return model.get_submodule(ANATOMIES[family_of(model)].embeddings)


def layers_of(model: nn.Module) -> list[nn.Module]:
    """The transformer layers, first to last."""
    return list(model.get_submodule(ANATOMIES[family_of(model)].layers).children())


def architecture_of(model: nn.Module) -> Architecture:
    """Shape of a built model, pruned heads taken into account.

    Raises:
        ModelError: The family is not supported, or the layers have different numbers of heads.
    """
    family = family_of(model)
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
        max_positions=config.max_position_embeddings,
        type_vocab_size=config.type_vocab_size if family == "bert" else 0,
    )

"""A masked-LM model in two halves, so that the vocabulary is only predicted for the tokens that need it.

The vocabulary is most of the work of a small model: of 30,522 words at width 384 it is as much as six layers. With
15 % of the tokens masked, predicting those alone saves nearly all of it, and the memory of the logits likewise.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from engine.distill.measuring.inference import model_inputs
from engine.errors import ModelError

HEAD_MODULES: dict[str, tuple[str, ...]] = {
    "bert": ("cls",),
    "distilbert": ("vocab_transform", "activation", "vocab_layer_norm", "vocab_projector"),
    "roberta": ("lm_head",),
}
"""Modules behind the encoder, in order, by model type."""


def check_masked_lm(model: Any) -> None:  # noqa: ANN401 - transformers is untyped
    """See that the model has a masked-LM head of a known form.

    Raises:
        ModelError: It has none.
    """
    kind = getattr(model.config, "model_type", "unknown")
    if kind not in HEAD_MODULES or not all(hasattr(model, name) for name in HEAD_MODULES[kind]):
        raise ModelError(
            f"the model ({type(model).__name__}) has no masked-LM head that is known; give a BERT, DistilBERT or "
            "RoBERTa model saved with its masked-LM head"
        )


def encode(
    model: Any,  # noqa: ANN401
    inputs: dict[str, Tensor],
    *,
    states: bool = False,
    attention: bool = False,
) -> Any:  # noqa: ANN401
    """The encoder's output: ``last_hidden_state``, and ``hidden_states`` and ``attentions`` where asked for.

    Args:
        model: a masked-LM model, see ``check_masked_lm``.
        inputs: ``input_ids``, ``attention_mask`` and ``token_type_ids``, each of shape (rows, length).
        states: whether the states of all layers are wanted.
        attention: whether attention probabilities are wanted, which only eager attention gives.
    """
    return model.base_model(
        **model_inputs(model, inputs), output_hidden_states=states, output_attentions=attention
    )


def vocabulary_logits(model: Any, hidden: Tensor, places: Tensor) -> Tensor:  # noqa: ANN401
    """Logits over the vocabulary of chosen tokens, shape (places, vocabulary).

    Args:
        model: a masked-LM model, see ``check_masked_lm``.
        hidden: its encoder's last hidden states, shape (rows, length, width).
        places: which tokens, numbered row by row as in ``input_ids.flatten()``.
    """
    return head_logits(model, hidden.flatten(0, 1).index_select(0, places))


def head_logits(model: Any, states: Tensor) -> Tensor:  # noqa: ANN401
    """Logits over the vocabulary that the model's head makes of last hidden states.

    Args:
        model: a masked-LM model, see ``check_masked_lm``.
        states: shape (tokens, width).

    Returns:
        Shape (tokens, vocabulary).
    """
    found = states
    for name in HEAD_MODULES[model.config.model_type]:
        found = getattr(model, name)(found)
    return found

"""Everything of a training that a search may tune, with the defaults that make up the usual baseline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_origin

from pydantic import BaseModel, ConfigDict, Field


class Hyperparameters(BaseModel):
    """Settings of one training; each may be a parameter of the search space or fixed.

    Defaults are those of SigOpt's baseline (the DistilBERT configuration of its SQuAD study). The weights of the
    losses add up as ``alpha * soft + (1 - alpha) * hard + alpha_cos * cosine + alpha_hidden * hidden +
    alpha_attention * attention``; pre-training (the task masked_lm) has weights of its own, see ``method``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    learning_rate: float = Field(default=5e-5, gt=0, description="Peak learning rate.")
    optimizer: Literal["adamw", "sgd"] = Field(
        default="adamw",
        description="adamw, or sgd without momentum, which the betas and epsilon say nothing to: for extractions.",
    )
    beta_1: float = Field(default=0.9, ge=0, lt=1, description="AdamW's decay of the gradient mean.")
    beta_2: float = Field(
        default=0.999, ge=0, lt=1, description="AdamW's decay of the squared gradient mean."
    )
    adam_epsilon: float = Field(default=1e-8, gt=0, description="AdamW's epsilon.")
    weight_decay: float = Field(
        default=0.0, ge=0, description="Decoupled weight decay; none on biases, norms."
    )
    max_grad_norm: float = Field(default=1.0, gt=0, description="Gradients are clipped to this norm.")
    schedule: Literal["linear", "noam", "constant"] = Field(
        default="linear",
        description="Learning rate after warm-up: linear decay to 0, noam (inverse square root), or constant.",
    )
    warm_up_steps: int = Field(default=0, ge=0, description="Optimiser steps of linear warm-up.")
    warm_up_share: float = Field(
        default=0.0, ge=0, le=1, description="Warm-up as a share of all steps; the longer of the two counts."
    )
    train_batch_size: int = Field(default=8, ge=1, description="Rows in a training batch.")
    eval_batch_size: int = Field(default=8, ge=1, description="Rows in an evaluation batch.")
    epochs: float = Field(default=3.0, gt=0, description="Passes over the training sample.")
    alpha: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Weight of the soft (teacher) loss; 1 - alpha weighs the hard loss. "
        "The DistilBERT article uses the letter the other way round.",
    )
    temperature: float = Field(default=1.0, gt=0, description="Softens teacher and student in the soft loss.")
    alpha_cos: float = Field(
        default=0.0, ge=0, description="Weight of the cosine loss between the last hidden states."
    )
    alpha_hidden: float = Field(
        default=0.0, ge=0, description="Weight of the hidden-state loss, layer by layer."
    )
    alpha_attention: float = Field(
        default=0.0, ge=0, description="Weight of the attention loss, layer by layer."
    )
    method: Literal["distilbert", "bort", "mlm", "custom"] = Field(
        default="distilbert",
        description="Pre-training losses: DistilBERT's three, Bort's last layer and masked LM, masked LM alone, or "
        "the weights alpha_ce, alpha_mlm and alpha_cos as given.",
    )
    alpha_ce: float = Field(
        default=5.0, ge=0, description="Pre-training: weight of the soft loss (custom only)."
    )
    alpha_mlm: float = Field(
        default=2.0, ge=0, description="Pre-training: weight of the masked-LM loss (custom only)."
    )
    mask_probability: float = Field(
        default=0.15, gt=0, lt=1, description="Pre-training: share of tokens hidden."
    )
    mask_smoothing: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Pre-training: tokens are hidden in proportion to their count to the power of minus this.",
    )
    n_layers: int = Field(
        default=6, ge=0, description="Transformer layers of the student; 0 takes the teacher's."
    )
    n_heads: int = Field(
        default=12, ge=0, description="Attention heads kept in each layer; 0 takes the teacher's."
    )
    hidden_size: int = Field(
        default=0, ge=0, description="Width of the student's hidden states; 0 takes the teacher's."
    )
    intermediate_size: int = Field(
        default=0, ge=0, description="Width of the student's feed-forward blocks; 0 takes the teacher's."
    )
    pruning_seed: int = Field(default=42, ge=0, description="Seed of the choice of heads to remove.")
    initializer_range: float = Field(default=0.02, ge=0, description="Standard deviation of new weights.")
    dropout: float = Field(default=0.1, ge=0, le=1, description="Dropout of embeddings and layers.")
    attention_dropout: float = Field(default=0.1, ge=0, le=1, description="Dropout of attention weights.")
    qa_dropout: float = Field(default=0.1, ge=0, le=1, description="Dropout before the head of the task.")
    sparsity: float = Field(
        default=0.0, ge=0, le=0.95, description="Share of the encoder's weights that training sets to zero."
    )


HYPERPARAMETER_NAMES = tuple(Hyperparameters.model_fields)


def default_of(name: str) -> Any:  # noqa: ANN401 - each setting has its own type
    """The default value of a hyperparameter."""
    return Hyperparameters.model_fields[name].default


def kind_of(name: str) -> Literal["int", "float", "choice"]:
    """What values a hyperparameter takes: whole numbers, any numbers, or one of a few words."""
    annotation = Hyperparameters.model_fields[name].annotation
    if get_origin(annotation) is Literal:
        return "choice"
    return "int" if annotation is int else "float"


def hyperparameters(fixed: Mapping[str, Any], parameters: Mapping[str, Any]) -> Hyperparameters:
    """Defaults, overridden by the fixed settings of the experiment, overridden by the trial's parameters."""
    return Hyperparameters(**{**fixed, **parameters})

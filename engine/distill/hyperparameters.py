"""Everything of a training that a search may tune, with the defaults that make up the usual baseline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Hyperparameters(BaseModel):
    """Settings of one training; each may be a parameter of the search space or fixed.

    Defaults are those of SigOpt's baseline (the DistilBERT configuration of its SQuAD study).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    learning_rate: float = Field(default=5e-5, gt=0, description="Peak learning rate of AdamW.")
    beta_1: float = Field(default=0.9, ge=0, lt=1, description="AdamW's decay of the gradient mean.")
    beta_2: float = Field(
        default=0.999, ge=0, lt=1, description="AdamW's decay of the squared gradient mean."
    )
    adam_epsilon: float = Field(default=1e-8, gt=0, description="AdamW's epsilon.")
    weight_decay: float = Field(
        default=0.0, ge=0, description="Decoupled weight decay; none on biases, norms."
    )
    max_grad_norm: float = Field(default=1.0, gt=0, description="Gradients are clipped to this norm.")
    warm_up_steps: int = Field(default=0, ge=0, description="Optimiser steps of linear warm-up.")
    train_batch_size: int = Field(default=8, ge=1, description="Windows in a training batch.")
    eval_batch_size: int = Field(default=8, ge=1, description="Windows in an evaluation batch.")
    epochs: float = Field(default=3.0, gt=0, description="Passes over the training sample.")
    alpha: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Weight of the soft (teacher) loss; 1 - alpha weighs the hard loss. "
        "The DistilBERT article uses the letter the other way round.",
    )
    temperature: float = Field(default=1.0, gt=0, description="Softens teacher and student in the soft loss.")
    n_layers: int = Field(default=6, ge=1, description="Transformer layers of the student.")
    n_heads: int = Field(default=12, ge=1, description="Attention heads kept in each layer.")
    pruning_seed: int = Field(default=42, ge=0, description="Seed of the choice of heads to remove.")
    initializer_range: float = Field(default=0.02, ge=0, description="Standard deviation of new weights.")
    dropout: float = Field(default=0.1, ge=0, le=1, description="Dropout of embeddings and layers.")
    attention_dropout: float = Field(default=0.1, ge=0, le=1, description="Dropout of attention weights.")
    qa_dropout: float = Field(default=0.1, ge=0, le=1, description="Dropout before the answer head.")


HYPERPARAMETER_NAMES = tuple(Hyperparameters.model_fields)


def default_of(name: str) -> Any:  # noqa: ANN401 - each setting has its own type
    """The default value of a hyperparameter."""
    return Hyperparameters.model_fields[name].default


def is_whole(name: str) -> bool:
    """Whether a hyperparameter takes whole numbers only."""
    return Hyperparameters.model_fields[name].annotation is int


def hyperparameters(fixed: Mapping[str, Any], parameters: Mapping[str, Any]) -> Hyperparameters:
    """Defaults, overridden by the fixed settings of the experiment, overridden by the trial's parameters."""
    return Hyperparameters(**{**fixed, **parameters})

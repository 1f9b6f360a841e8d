"""Dropout before the question answering head of BERT and RoBERTa, which transformers has for DistilBERT only."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.distill.students.anatomy import config_of, family_of, head_of


class DroppingLinear(nn.Linear):
    """A linear layer with dropout on its input; its weights have the names of a plain one.

    The question answering models of BERT and RoBERTa have no dropout before their head, DistilBERT's has. This
    gives their students the same ``qa_dropout``.
    """

    def __init__(self, in_features: int, out_features: int, dropout: float) -> None:
        super().__init__(in_features, out_features)
        self.dropout = dropout

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - the name in nn.Linear
        """Applies dropout in training, then the linear map."""
        return super().forward(functional.dropout(input, self.dropout, self.training))


def install_head_dropout(model: nn.Module) -> None:
    """Gives a question answering model the dropout before its head that its configuration asks for (``qa_dropout``)."""
    rate = getattr(config_of(model), "qa_dropout", 0.0)
    if family_of(model) == "distilbert" or head_of(model) != "span" or not rate:
        return
    plain = cast("nn.Linear", model.get_submodule("qa_outputs"))
    with torch.device("meta"):
        head = DroppingLinear(plain.in_features, plain.out_features, rate)
    head.to_empty(device=plain.weight.device)
    head.load_state_dict(plain.state_dict())
    model.set_submodule("qa_outputs", head.train(plain.training))

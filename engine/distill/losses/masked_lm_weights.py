"""How the losses of pre-training are weighed: as DistilBERT does, as Bort does, or masked LM alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.distill.hyperparameters import Hyperparameters


@dataclass(frozen=True, slots=True)
class MaskedLMWeights:
    """Weights of the losses, which are added as they are: they need not sum to 1.

    Attributes:
        alpha_ce: of the soft loss over the vocabulary.
        alpha_mlm: of the hidden words.
        alpha_cos: of the cosine of the last hidden states.
        alpha_hidden: of the hidden states, layer by layer.
        alpha_attention: of the attention, layer by layer.
        temperature: of the soft loss.
        everywhere: whether the soft loss is over all attended tokens, or over the masked ones alone.
    """

    alpha_ce: float = 0.0
    alpha_mlm: float = 1.0
    alpha_cos: float = 0.0
    alpha_hidden: float = 0.0
    alpha_attention: float = 0.0
    temperature: float = 2.0
    everywhere: bool = True

    @property
    def soft_everywhere(self) -> bool:
        """Whether vocabulary logits of all attended tokens are needed, or of the masked ones alone."""
        return self.everywhere and self.alpha_ce > 0

    @property
    def need_teacher(self) -> bool:
        """Whether any loss compares with a teacher."""
        return max(self.alpha_ce, self.alpha_cos, self.alpha_hidden, self.alpha_attention) > 0


METHODS: Mapping[str, MaskedLMWeights] = {
    "distilbert": MaskedLMWeights(alpha_ce=5.0, alpha_mlm=2.0, alpha_cos=1.0),
    "bort": MaskedLMWeights(alpha_ce=0.5, alpha_mlm=0.1, everywhere=False),
    "mlm": MaskedLMWeights(),
}
"""Weights of the published methods: DistilBERT's single-GPU command, and Bort's ``run_pretraining_distillation.sh``."""


def method_weights(settings: Hyperparameters) -> MaskedLMWeights:
    """Weights of a trial: those of its method, or with "custom" its own, soft loss over all attended tokens.

    ``alpha_hidden`` and ``alpha_attention`` are no part of the published methods and count beside any of them.
    """
    if settings.method == "custom":
        weights = MaskedLMWeights(
            alpha_ce=settings.alpha_ce,
            alpha_mlm=settings.alpha_mlm,
            alpha_cos=settings.alpha_cos,
            temperature=settings.temperature,
        )
    else:
        weights = METHODS[settings.method]
    return replace(weights, alpha_hidden=settings.alpha_hidden, alpha_attention=settings.alpha_attention)

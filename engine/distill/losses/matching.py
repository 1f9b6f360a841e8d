"""Compares a student's inner states with its teacher's during training, weighed as the settings say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.losses.matching_losses import attention_loss, cosine_loss, hidden_loss, matched_layers
from engine.distill.measuring.inference import model_inputs
from engine.distill.training.batches import Batch
from engine.distill.training.precision import Precision, autocast
from engine.errors import SettingError

Weighted = dict[str, tuple[float, Tensor]]
"""Losses by name, each with its weight."""


class States(NamedTuple):
    """Inner states of a model on a batch.

    Attributes:
        last: last hidden states, shape (rows, length, width).
        layers: states of the layers, first to last, without the embeddings; empty where nobody asked.
        attentions: attention probabilities of the layers; empty where nobody asked.
    """

    last: Tensor
    layers: Sequence[Tensor] = ()
    attentions: Sequence[Tensor] = ()


@dataclass(frozen=True, slots=True)
class MatchWeights:
    """What is compared and how much it counts."""

    cosine: float = 0.0
    hidden: float = 0.0
    attention: float = 0.0

    @property
    def any(self) -> bool:
        """Whether anything is compared."""
        return max(self.cosine, self.hidden, self.attention) > 0

    @property
    def layerwise(self) -> bool:
        """Whether more is compared than the last hidden states, which can be kept beside the teacher's logits."""
        return max(self.hidden, self.attention) > 0


def match_weights(settings: Hyperparameters) -> MatchWeights:
    """The weights among a trial's settings."""
    return MatchWeights(settings.alpha_cos, settings.alpha_hidden, settings.alpha_attention)


def matches(
    student: States,
    teacher: States,
    mask: Tensor,
    weights: MatchWeights,
    layers: Sequence[int] | None = None,
    units: Tensor | None = None,
) -> Weighted:
    """The losses whose weights are above 0.

    Args:
        student: the student's states.
        teacher: the teacher's, on the same input.
        mask: shape (rows, length), true where a token is attended.
        weights: of the losses.
        layers: the teacher layer behind each student layer; None spreads them evenly (``matched_layers``).
        units: the teacher's units behind a narrower student's (``cosine_loss``).
    """
    found: Weighted = {}
    if weights.cosine > 0:
        found["cosine"] = (weights.cosine, cosine_loss(student.last, teacher.last, mask, units))
    if weights.hidden > 0:
        pairs = layers or matched_layers(len(student.layers), len(teacher.layers))
        found["hidden"] = (weights.hidden, hidden_loss(student.layers, teacher.layers, pairs, mask, units))
    if weights.attention > 0:
        pairs = layers or matched_layers(len(student.attentions), len(teacher.attentions))
        loss = attention_loss(student.attentions, teacher.attentions, pairs, mask)
        found["attention"] = (weights.attention, loss)
    return found


def show_attention(model: Any) -> None:  # noqa: ANN401 - transformers is untyped
    """Make a model give its attention.

    Raises:
        SettingError: it drops attention in training; of dropped weights no divergence can be had.
    """
    rates = [
        getattr(model.config, name, 0.0) for name in ("attention_probs_dropout_prob", "attention_dropout")
    ]
    if model.training and max(rates) > 0:
        raise SettingError(
            f"alpha_attention is above 0 with attention_dropout {max(rates)}; set attention_dropout to 0, since "
            "dropped attention cannot be compared with the teacher's"
        )
    if model.config._attn_implementation != "eager":
        model.set_attn_implementation("eager")


@dataclass(frozen=True, slots=True)
class TeacherMatch:
    """A teacher to compare with: at work in every step, or its last hidden states as they were kept.

    Attributes:
        weights: what is compared.
        teacher: a model on the batches' device in evaluation mode; None takes the batch's ``hidden``, which is
            enough for ``cosine`` alone.
        layers: the teacher layer behind each student layer, see ``matches``.
        units: the teacher's units behind the student's, see ``matches``.
    """

    weights: MatchWeights
    teacher: Any | None = None
    layers: Sequence[int] | None = None
    units: Tensor | None = None

    @property
    def wanted(self) -> dict[str, bool]:
        """What a model has to be asked for."""
        return {
            "output_hidden_states": True,
            "output_attentions": self.weights.attention > 0,
        }

    def prepare(self, model: Any) -> None:  # noqa: ANN401
        """Make a model, student or teacher, able to answer what is ``wanted``.

        Raises:
            SettingError: as ``show_attention``.
        """
        if self.weights.attention > 0:
            show_attention(model)

    def losses(self, output: Any, batch: Batch, precision: Precision) -> Weighted:  # noqa: ANN401
        """Losses of a student's output, asked for with ``wanted``."""
        told = self._ask(batch, precision)
        return matches(_states(output), told, batch.mask, self.weights, self.layers, self.units)

    def _ask(self, batch: Batch, precision: Precision) -> States:
        if self.teacher is None:
            return States(batch.teacher["hidden"])
        self.prepare(self.teacher)
        # Not inference mode: its tensors cannot be kept for the student's backward pass.
        with torch.no_grad(), autocast(batch.mask.device, precision):
            return _states(self.teacher(**model_inputs(self.teacher, batch.inputs), **self.wanted))


def _states(output: Any) -> States:  # noqa: ANN401
    hidden: tuple[Tensor, ...] = output.hidden_states
    return States(hidden[-1], hidden[1:], output.attentions or ())

"""The parts of a trial's training loss, in words and with the weights they had."""

from __future__ import annotations

from typing import NamedTuple

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.losses.masked_lm_weights import method_weights
from engine.tasks.interface import Head


class Part(NamedTuple):
    """One part of the loss.

    Attributes:
        column: where its values stand, as in ``steps_frame``.
        words: what it compares the student with.
        weight: with which it is added; None where that is unknown.
    """

    column: str
    words: str
    weight: float | None


def loss_parts(head: Head, settings: Hyperparameters | None) -> list[Part]:
    """All parts a training with this head may have.

    Args:
        head: of the task.
        settings: of the trial; None where it had none, as the teacher's.
    """
    labels = "against the hidden words" if head == "masked_lm" else "against the labels"
    return [
        Part(column, words, weight)
        for (column, words), weight in zip(
            (
                ("soft_loss", "against the teacher"),
                ("hard_loss", labels),
                ("cosine_loss", "cosine of last states"),
                ("hidden_loss", "hidden states"),
                ("attention_loss", "attention"),
            ),
            [None] * 5 if settings is None else _weights(head, settings),
            strict=True,
        )
    ]


def _weights(head: Head, settings: Hyperparameters) -> list[float]:
    """Weights of the soft, hard, cosine, hidden-state and attention losses."""
    if head == "masked_lm":
        found = method_weights(settings)
        return [found.alpha_ce, found.alpha_mlm, found.alpha_cos, found.alpha_hidden, found.alpha_attention]
    return [
        settings.alpha,
        1 - settings.alpha,
        settings.alpha_cos,
        settings.alpha_hidden,
        settings.alpha_attention,
    ]

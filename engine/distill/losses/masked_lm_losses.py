"""Losses of pre-training: the hidden words, and the teacher's distributions over the vocabulary.

Both work on the logits of chosen tokens alone (shape (tokens, vocabulary)): the masked ones, or all attended ones.
A mean over the chosen tokens is then all that padding invariance asks for.
"""

from __future__ import annotations

from torch import Tensor

from engine.distill.losses.basic import classification_loss, soft_target_loss
from engine.errors import ModelError


def masked_lm_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy of the hidden words; 0 where nothing is hidden.

    Args:
        logits: Of the masked tokens, shape (tokens, vocabulary).
        labels: The words that were hidden, shape (tokens,).
    """
    if not len(labels):
        return logits.sum() * 0.0
    return classification_loss(logits, labels)


def masked_lm_soft_loss(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """T^2 KL(teacher || student) over the vocabulary, mean over the chosen tokens; 0 where none is chosen.

    Over masked tokens this is the divergence divided by the number of masks, as in Bort's pre-training script; over
    all attended tokens it is DistilBERT's (``KLDivLoss(batchmean)`` of the tokens under the attention mask).

    Args:
        student: Shape (tokens, vocabulary).
        teacher: The same shape; no gradient flows into it.
        temperature: T, above 0.

    Raises:
        ModelError: The vocabularies differ.
        SettingError: The temperature is not above 0.
    """
    if student.shape[-1] != teacher.shape[-1]:
        raise ModelError(
            f"the student's vocabulary has {student.shape[-1]:,} words and the teacher's {teacher.shape[-1]:,}; "
            "soft targets need the same tokenizer, so build the student from this teacher"
        )
    if not len(student):
        return student.sum() * 0.0
    return soft_target_loss(student, teacher, temperature)

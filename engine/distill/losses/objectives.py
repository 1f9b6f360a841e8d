"""What a training minimises, by head: a function from model and batch to named losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.losses.basic import classification_loss, regression_loss, soft_target_loss, span_loss
from engine.distill.losses.matching import TeacherMatch
from engine.distill.measuring.inference import model_inputs
from engine.distill.training.batches import Batch
from engine.distill.training.precision import Precision, autocast
from engine.errors import SettingError
from engine.tasks.interface import Head

Losses = Mapping[str, Tensor]
"""Scalar losses of a batch, means over its rows. ``total`` is what is minimised; the others are its parts."""

Objective = Callable[[Any, Batch, int], Losses]
"""Losses of a model on a batch at an optimiser step (from 0)."""


def task_objective(
    head: Head,
    labels: int,
    settings: Hyperparameters,
    precision: Precision,
    match: TeacherMatch | None = None,
) -> Objective:
    """``alpha * soft + (1 - alpha) * hard``, and the matching losses that are asked for.

    ``alpha`` weighs the soft (teacher's) loss: SigOpt's ``alpha_ce``. Some texts on distillation give the letter to
    the hard loss instead. Where ``alpha`` is 0 the teacher is not needed; its loss is given all the same where its
    outputs are there.

    Args:
        head: span (question answering) or sequence (classification, or regression where ``labels`` is 1).
        labels: outputs of the head.
        settings: weights and temperature.
        precision: arithmetic of the forward pass; losses are computed in fp32.
        match: compares hidden states and attention with a teacher; needed where those weights are above 0.
    """
    alpha = settings.alpha
    parts = _span_losses if head == "span" else _regression_losses if labels == 1 else _class_losses
    wanted = {} if match is None else match.wanted

    def objective(model: Any, batch: Batch, step: int) -> Losses:  # noqa: ANN401, ARG001 - the shape of an Objective
        if match is not None:
            match.prepare(model)
        with autocast(batch.mask.device, precision):
            output = model(**model_inputs(model, batch.inputs), **wanted)
        soft, hard = parts(output, batch, settings.temperature)
        if soft is None and alpha > 0:
            raise SettingError(f"alpha is {alpha} but there is no teacher; give one or set alpha to 0")
        losses = {"hard": hard}
        if soft is None:
            total = hard
        else:
            losses["soft"] = soft
            total = alpha * soft + (1 - alpha) * hard
        if match is not None:
            for name, (weight, loss) in match.losses(output, batch, precision).items():
                losses[name] = loss
                total = total + weight * loss
        return {"total": total, **losses}

    return objective


def _span_losses(output: Any, batch: Batch, temperature: float) -> tuple[Tensor | None, Tensor]:  # noqa: ANN401
    start, end = output.start_logits.float(), output.end_logits.float()
    targets, mask = batch.targets, batch.mask
    hard = span_loss(start, end, targets["start_positions"].long(), targets["end_positions"].long(), mask)
    if "start" not in batch.teacher:
        return None, hard
    soft = soft_target_loss(start, batch.teacher["start"], temperature, mask)
    return (soft + soft_target_loss(end, batch.teacher["end"], temperature, mask)) / 2, hard


def _class_losses(output: Any, batch: Batch, temperature: float) -> tuple[Tensor | None, Tensor]:  # noqa: ANN401
    logits = output.logits.float()
    hard = classification_loss(logits, batch.targets["labels"].long())
    if "logits" not in batch.teacher:
        return None, hard
    return soft_target_loss(logits, batch.teacher["logits"], temperature), hard


def _regression_losses(output: Any, batch: Batch, temperature: float) -> tuple[Tensor | None, Tensor]:  # noqa: ANN401, ARG001
    values = output.logits.float().squeeze(-1)
    hard = regression_loss(values, batch.targets["labels"].float())
    if "logits" not in batch.teacher:
        return None, hard
    return regression_loss(values, batch.teacher["logits"].squeeze(-1)), hard

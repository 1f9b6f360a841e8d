"""The training loop: a generator of events that can be closed at any event and resumed from its checkpoint."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from engine.distill.batches import Batch, Logits, make_batch, training_order
from engine.distill.checkpoint import (
    TrainingState,
    load_checkpoint,
    random_states,
    restore_random_states,
    save_checkpoint,
)
from engine.distill.evaluation import EvaluationResult
from engine.distill.hyperparameters import Hyperparameters
from engine.distill.inference import model_inputs
from engine.distill.losses import SpanLogits, question_answering_loss
from engine.distill.precision import Precision, autocast
from engine.distill.schedule import evaluation_steps, learning_rate, make_optimizer, total_steps
from engine.errors import DivergenceError
from engine.events import Checkpoint, Evaluation, Event, Progress, Step
from engine.tasks.squad_features import Features

REPORTS = 50
"""Step events in a training, so that curves are smooth and a stop is answered soon, whatever its length."""


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """What is trained on what.

    Attributes:
        features: training windows.
        teacher: the teacher's logits of the same windows; None trains on hard targets alone (alpha must be 0).
        settings: hyperparameters.
        seed: of the order of the data and of dropout.
        precision: arithmetic of the forward pass.
        evaluations: evaluations in the training, the final one included.
        evaluate: scores the model as it is; None trains without looking.
        checkpoint: folder of the checkpoint; None keeps none.
        checkpoint_seconds: longest time between checkpoints.
    """

    features: Features
    teacher: Logits | None
    settings: Hyperparameters
    seed: int
    precision: Precision
    evaluations: int = 1
    evaluate: Callable[[Any], EvaluationResult] | None = None
    checkpoint: Path | None = None
    checkpoint_seconds: float = 60.0


def train(model: Any, run: TrainingRun) -> Generator[Event, None, float]:  # noqa: ANN401 - transformers is untyped
    """Train the model in place, going on from the checkpoint if there is one.

    Closing the generator writes a checkpoint first. On a CPU a training that was stopped and resumed ends with
    the same weights, bit for bit, as one that was not.

    Returns:
        Seconds spent in optimiser steps, over all attempts.

    Raises:
        DivergenceError: when the loss stops being finite.
    """
    device = next(model.parameters()).device
    total = total_steps(len(run.features), run.settings)
    evaluate_after = set(evaluation_steps(total, run.evaluations))
    report_every = max(1, total // REPORTS)
    optimizer = make_optimizer(model, run.settings)
    torch.manual_seed(run.seed)
    step, evaluated, seconds = _restore(model, optimizer, run.checkpoint)
    model.train()
    window = _Window(device, seconds)
    saved_at = time.monotonic()
    batches = _batches(run, step, total)
    try:
        while True:
            if run.evaluate is not None and step in evaluate_after and evaluated < step:
                result = run.evaluate(model)
                evaluated = step
                yield Evaluation(step, result.metrics, result.standard_errors)
                saved_at = -math.inf
            if run.checkpoint and time.monotonic() - saved_at > run.checkpoint_seconds:
                _save(model, optimizer, (step, evaluated, window.seconds), run.checkpoint)
                saved_at = time.monotonic()
                yield Checkpoint(step)
            if step >= total:
                return window.seconds
            windows = next(batches)
            began = time.monotonic()
            batch = make_batch(run.features, windows, device, run.teacher)
            rate = learning_rate(run.settings, step, total)
            window.add(_optimise(model, optimizer, batch, run, rate), len(windows), began)
            step += 1
            if step % report_every == 0 or step == total:
                yield window.event(step, step * run.settings.epochs / total, rate)
                yield Progress(step / total, f"training, step {step} of {total}")
    except GeneratorExit:
        if run.checkpoint:
            _save(model, optimizer, (step, evaluated, window.seconds), run.checkpoint)
        raise


def _batches(run: TrainingRun, done: int, total: int) -> Iterator[Any]:
    """Windows of every step from ``done`` on; the order of an epoch depends on seed and epoch alone."""
    size = run.settings.train_batch_size
    per_epoch = -(-len(run.features) // size)
    for epoch in range(done // per_epoch, -(-total // per_epoch)):
        first = epoch * per_epoch
        for offset, windows in enumerate(training_order(run.features, size, run.seed, epoch)):
            if done <= first + offset < total:
                yield windows


def _optimise(
    model: Any,  # noqa: ANN401
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    run: TrainingRun,
    rate: float,
) -> torch.Tensor:
    """One optimiser step; gives total, soft and hard loss as one tensor that stays on the device."""
    with autocast(batch.start_positions.device, run.precision):
        output = model(**model_inputs(model, batch.inputs))
    teacher = None
    if batch.teacher_start is not None and batch.teacher_end is not None:
        teacher = SpanLogits(batch.teacher_start, batch.teacher_end)
    losses = question_answering_loss(
        SpanLogits(output.start_logits.float(), output.end_logits.float()),
        teacher,
        batch.start_positions,
        batch.end_positions,
        alpha=run.settings.alpha,
        temperature=run.settings.temperature,
        mask=batch.inputs["attention_mask"],
    )
    losses.total.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), run.settings.max_grad_norm)
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return torch.stack([losses.total.detach(), losses.soft.detach(), losses.hard.detach()])


class _Window:
    """Sums of the losses since the last step event, kept on the device so that no step waits for the host.

    Attributes:
        seconds: time spent in optimiser steps, over all attempts.
    """

    def __init__(self, device: torch.device, seconds: float) -> None:
        self._device = device
        self.seconds = seconds
        self._clear()

    def _clear(self) -> None:
        self._losses = torch.zeros(3, device=self._device)
        self._steps = 0
        self._examples = 0
        self._seconds_before = self.seconds

    def add(self, losses: torch.Tensor, examples: int, began: float) -> None:
        self._losses += losses
        self._steps += 1
        self._examples += examples
        self.seconds += time.monotonic() - began

    def event(self, step: int, epoch: float, rate: float) -> Step:
        began = time.monotonic()
        total, soft, hard = (self._losses / self._steps).tolist()  # waits for the device
        self.seconds += time.monotonic() - began
        if not math.isfinite(total):
            raise DivergenceError(
                f"the loss is {total} at step {step}: training diverged; a lower learning_rate or max_grad_norm helps"
            )
        speed = self._examples / max(self.seconds - self._seconds_before, 1e-9)
        event = Step(step, epoch, total, soft, hard, rate, speed)
        self._clear()
        return event


Place = tuple[int, int, float]
"""Optimiser steps done, the step last evaluated, and seconds spent."""


def _save(model: Any, optimizer: torch.optim.Optimizer, place: Place, folder: Path) -> None:  # noqa: ANN401
    state = TrainingState(*place, model.state_dict(), optimizer.state_dict(), random_states())
    save_checkpoint(state, folder)


def _restore(model: Any, optimizer: torch.optim.Optimizer, folder: Path | None) -> Place:  # noqa: ANN401
    """Set the training back to its checkpoint; gives where it is."""
    state = load_checkpoint(folder) if folder else None
    if state is None:
        return 0, 0, 0.0
    model.load_state_dict(state.model)
    optimizer.load_state_dict(state.optimizer)
    restore_random_states(state.random)
    return state.step, state.evaluated, state.seconds

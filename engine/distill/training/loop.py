"""The training loop: a generator of events that can be closed at any event and resumed from its checkpoint."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.losses.objectives import Objective
from engine.distill.training.batches import make_batch, training_order, within_budget
from engine.distill.training.checkpoint import (
    Place,
    TrainingState,
    load_checkpoint,
    random_states,
    restore_random_states,
    save_checkpoint,
)
from engine.distill.training.loss_window import LossWindow
from engine.distill.training.parallel import ALONE, Peers
from engine.distill.training.schedule import evaluation_steps, learning_rate, make_optimizer, total_steps
from engine.distill.training.sparsity import sparse_step
from engine.events import Checkpoint, Evaluation, Event, Progress
from engine.tasks.interface import Outputs, Rows, Scores

REPORTS = 50
"""Step events in a training, so that curves are smooth and a stop is answered soon, whatever its length."""

MAX_TOKENS = 16384
"""Padded tokens in one forward and backward pass, unless a run says otherwise."""


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """What is trained on what.

    Attributes:
        rows: training rows.
        objective: what is minimised.
        settings: hyperparameters.
        seed: of the order of the data and of dropout.
        teacher: the teacher's outputs on the same rows; None trains without them.
        max_tokens: padded tokens at a time; a batch with more is taken in pieces whose gradients add up.
        evaluations: evaluations in the training, the final one included.
        first_evaluation: share of the training after which the first is due; 0 spreads them evenly.
        evaluate: scores the model as it is; None trains without looking.
        collapsed_evaluations: the training ends early after this many evaluations in a row in which the model gives
            everything the same answer; 0 goes on whatever they say.
        checkpoint: folder of the checkpoint; None keeps none.
        checkpoint_seconds: longest time between checkpoints.
        cost: operations spent on rows of the given lengths; None counts none.
        compiled: run the model through ``torch.compile``.
        peers: the processes that share the training; only the first evaluates and writes checkpoints.
    """

    rows: Rows
    objective: Objective
    settings: Hyperparameters
    seed: int
    teacher: Outputs | None = None
    max_tokens: int = MAX_TOKENS
    evaluations: int = 1
    first_evaluation: float = 0.0
    evaluate: Callable[[Any], Scores] | None = None
    collapsed_evaluations: int = 0
    checkpoint: Path | None = None
    checkpoint_seconds: float = 60.0
    cost: Callable[[NDArray[Any]], float] | None = None
    compiled: bool = False
    peers: Peers = ALONE


def train(model: Any, run: TrainingRun) -> Generator[Event, None, dict[str, float]]:  # noqa: ANN401 - transformers is untyped
    """Train the model in place, going on from the checkpoint if there is one.

    Closing the generator writes a checkpoint first. On a CPU a training that was stopped and resumed ends with
    the same weights, bit for bit, as one that was not.

    Returns:
        What it cost, as metrics: ``train_seconds`` in optimiser steps over all attempts, and what ``spent`` gives.

    Raises:
        DivergenceError: when the loss stops being finite.
    """
    lengths = run.rows.lengths
    total = total_steps(len(lengths), run.settings)
    evaluate_after = set(evaluation_steps(total, run.evaluations, run.first_evaluation))
    report_every = max(1, total // REPORTS)
    optimizer = make_optimizer(model, run.settings)
    torch.manual_seed(run.seed)
    place, seconds = _restore(model, optimizer, run.checkpoint)
    if run.peers.rank:
        torch.manual_seed(run.peers.seed(run.seed, place.step))
    writes = run.checkpoint is not None and run.peers.rank == 0
    model.train()
    forward = torch.compile(model, dynamic=True) if run.compiled else model
    window = LossWindow(seconds)
    saved_at = time.monotonic()
    batches = _batches(run, place.step, total)
    try:
        while True:
            if run.evaluate is not None and place.step in evaluate_after and place.evaluated < place.step:
                event, place = _evaluate(model, run, place)
                yield event
                saved_at = -math.inf
            if writes and time.monotonic() - saved_at > run.checkpoint_seconds:
                _save(model, optimizer, place, window.seconds, run)
                saved_at = time.monotonic()
                yield Checkpoint(place.step)
            if place.step >= total or _has_collapsed(run, place):
                return {"train_seconds": window.seconds, **spent(place)}
            chosen = next(batches)
            began = time.monotonic()
            rate = learning_rate(run.settings, place.step, total)
            losses = _gradients(model, forward, run, chosen, lengths, place.step)
            place = _advanced(place, run, lengths[chosen])
            _step(model, optimizer, run.settings, rate, place.step, total)
            window.add(losses, len(chosen), began)
            if place.step % report_every == 0 or place.step == total:
                yield window.event(place.step, place.step * run.settings.epochs / total, rate)
                yield Progress(place.step / total, f"training, step {place.step} of {total}")
    except GeneratorExit:
        if writes:
            _save(model, optimizer, place, window.seconds, run)
        raise


def _evaluate(model: Any, run: TrainingRun, place: Place) -> tuple[Evaluation, Place]:  # noqa: ANN401
    assert run.evaluate is not None
    scores = run.evaluate(model)
    collapsed = place.collapsed + 1 if scores.metrics.get("collapsed") else 0
    event = Evaluation(place.step, scores.metrics | spent(place), scores.standard_errors)
    return event, replace(place, evaluated=place.step, collapsed=collapsed)


def spent(place: Place) -> dict[str, float]:
    """What a training has cost so far, as metrics."""
    return {"train_tokens": place.tokens, "train_flops": place.flops}


def _advanced(place: Place, run: TrainingRun, lengths: NDArray[Any]) -> Place:
    cost = 0.0 if run.cost is None else run.cost(lengths)
    return replace(
        place, step=place.step + 1, tokens=place.tokens + int(lengths.sum()), flops=place.flops + cost
    )


def _has_collapsed(run: TrainingRun, place: Place) -> bool:
    return 0 < run.collapsed_evaluations <= place.collapsed


def _batches(run: TrainingRun, done: int, total: int) -> Iterator[NDArray[Any]]:
    """Rows of every step from ``done`` on; the order of an epoch depends on seed and epoch alone."""
    size = run.settings.train_batch_size
    per_epoch = -(-len(run.rows) // size)
    for epoch in range(done // per_epoch, -(-total // per_epoch)):
        first = epoch * per_epoch
        for offset, chosen in enumerate(training_order(run.rows, size, run.seed, epoch)):
            if done <= first + offset < total:
                yield chosen


def _gradients(
    model: Any,  # noqa: ANN401
    forward: Any,  # noqa: ANN401
    run: TrainingRun,
    chosen: NDArray[Any],
    lengths: NDArray[Any],
    step: int,
) -> dict[str, torch.Tensor]:
    """Gradients of a batch in the model; gives the losses as tensors that stay on the device."""
    device = next(model.parameters()).device
    own, weight = run.peers.share(chosen)
    sums: dict[str, torch.Tensor] = {}
    for piece in within_budget(own, lengths, run.max_tokens):
        share = weight * len(piece) / len(own)
        losses = run.objective(forward, make_batch(run.rows, piece, device, run.teacher), step)
        (losses["total"] * share).backward()  # type: ignore[no-untyped-call]
        for name, loss in losses.items():
            part = loss.detach() * share
            sums[name] = sums[name] + part if name in sums else part
    run.peers.add_up(model, list(sums.values()))
    return sums


def _step(
    model: Any,  # noqa: ANN401
    optimizer: torch.optim.Optimizer,
    settings: Hyperparameters,
    rate: float,
    step: int,
    total: int,
) -> None:
    torch.nn.utils.clip_grad_norm_(model.parameters(), settings.max_grad_norm)
    for group in optimizer.param_groups:
        group["lr"] = rate
    with sparse_step(model, step, total, settings.sparsity):
        optimizer.step()
    optimizer.zero_grad(set_to_none=True)


def _save(
    model: Any,  # noqa: ANN401
    optimizer: torch.optim.Optimizer,
    place: Place,
    seconds: float,
    run: TrainingRun,
) -> None:
    assert run.checkpoint is not None
    state = TrainingState(place, seconds, model.state_dict(), optimizer.state_dict(), random_states())
    save_checkpoint(state, run.checkpoint)


def _restore(model: Any, optimizer: torch.optim.Optimizer, folder: Path | None) -> tuple[Place, float]:  # noqa: ANN401
    """Set the training back to its checkpoint; gives where it is and the seconds spent."""
    state = load_checkpoint(folder) if folder else None
    if state is None:
        return Place(), 0.0
    model.load_state_dict(state.model)
    optimizer.load_state_dict(state.optimizer)
    restore_random_states(state.random)
    return state.place, state.seconds

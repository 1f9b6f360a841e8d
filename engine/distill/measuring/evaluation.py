"""Scores a model on a task: what its head says of the rows, turned into metrics by the task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.distill.measuring.inference import predict
from engine.distill.measuring.masked_lm_evaluation import masked_predictions
from engine.distill.training.precision import Precision
from engine.tasks.interface import Outputs, Part, Scores, Task


def evaluate(
    model: Any,  # noqa: ANN401 - transformers is untyped
    task: Task,
    parts: Mapping[str, Part],
    *,
    batch_size: int,
    precision: Precision,
    report: Callable[[float], None] | None = None,
) -> Scores:
    """Metrics of the model on the task's evaluation part.

    Args:
        model: a transformers model with the task's head, on its device; it is left in the mode it was in.
        task: turns outputs into metrics.
        parts: examples and rows by name.
        batch_size: rows at a time.
        precision: arithmetic of the forward pass.
        report: called now and then with the share done, from 0 to 1.
    """
    names = task.parts[1:]
    total = sum(len(parts[name].rows) for name in names)
    outputs: dict[str, Outputs] = {}
    done = 0
    for name in names:
        rows = parts[name].rows
        share, before = len(rows) / total, done / total
        told = None if report is None else _shifted(report, before, share)
        if task.head == "masked_lm":
            outputs[name] = masked_predictions(
                model, rows, batch_size=batch_size, precision=precision, report=told
            )
        else:
            outputs[name] = predict(
                model, rows, task.head, batch_size=batch_size, precision=precision, report=told
            )
        done += len(rows)
    return task.score(parts, outputs)


def _shifted(report: Callable[[float], None], before: float, share: float) -> Callable[[float], None]:
    return lambda part: report(before + share * part)

"""Turns a model's logits into answers, per example or per question, and scores them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DatasetError, DivergenceError
from engine.tasks.bootstrap import FloatArray
from engine.tasks.example_scores import ExampleScores
from engine.tasks.interface import Scores
from engine.tasks.sequence.definition import Definition
from engine.tasks.sequence.metrics import METRICS, Judged
from engine.tasks.sequence.records import Example

CONSTANT = 0.01
"""Answers whose range is below this share of that of the right ones count as one and the same."""


def score_examples(
    definition: Definition,
    examples: Sequence[Example],
    logits: NDArray[Any],
    labels: int,
    low: int = 0,
) -> Scores:
    """Score logits.

    A class is the one with the largest logit. The answer of a multiple-choice question is the candidate
    whose logit for "true" exceeds that for "false" by most, the first of equals. A regression learned as
    classes gives its expected value under the softmax, since ranks need more than a few distinct values.

    Args:
        definition: The task.
        examples: The evaluation examples.
        logits: Shape (examples, labels).
        labels: Outputs of the head.
        low: Value of the first class, for a regression learned as classes.

    ``collapsed`` is 1 for a model that gives everything the same answer.

    Raises:
        DatasetError: The logits do not have the shape.
        DivergenceError: A logit is not finite.
    """
    if logits.shape != (len(examples), labels) or not examples:
        raise DatasetError(
            f"logits of shape {logits.shape} do not belong to {len(examples)} examples of {labels} outputs"
        )
    values = logits.astype(np.float64)
    if not np.isfinite(values).all():
        raise DivergenceError("the model's outputs are not finite; lower the learning rate")
    if definition.choose:
        judged, predictions = _choices(examples, values)
    elif definition.regression:
        judged, predictions = _values(examples, values, low)
    else:
        judged, predictions = _classes(definition, examples, values)
    metrics: dict[str, float] = {}
    errors: dict[str, float] = {}
    by_example: dict[str, ExampleScores] = {}
    for name in definition.metrics:
        measured = METRICS[name](judged)
        if measured is None:
            continue
        metrics[name] = measured.value
        if measured.examples is not None:
            by_example[name] = measured.examples
        if measured.error is not None:
            errors[name] = measured.error
    metrics["collapsed"] = float(_collapsed(judged))
    return Scores(metrics, errors, predictions, by_example)


def _collapsed(judged: Judged) -> bool:
    """Whether the answers hardly differ though the right ones do; a chosen candidate's label says nothing of that."""
    return bool(np.ptp(judged.gold) > 0 and np.ptp(judged.predicted) <= CONSTANT * np.ptp(judged.gold))


def _classes(
    definition: Definition, examples: Sequence[Example], logits: FloatArray
) -> tuple[Judged, dict[str, Any]]:
    predicted = logits.argmax(axis=1)
    predictions = {
        item.id: {
            "prediction": definition.labels[number],
            "gold": definition.labels[int(item.label)],
            "score": float(number == item.label),
            "probability": float(shares[number]),
            "probabilities": dict(zip(definition.labels, shares.tolist(), strict=True)),
        }
        for item, number, shares in zip(examples, predicted, _softmax(logits), strict=True)
    }
    gold = np.array([item.label for item in examples], dtype=np.float64)
    return Judged(gold, predicted.astype(np.float64), examples, len(definition.labels)), predictions


def _values(examples: Sequence[Example], logits: FloatArray, low: int) -> tuple[Judged, dict[str, Any]]:
    gold = np.array([item.label if item.value is None else item.value for item in examples], dtype=np.float64)
    if logits.shape[1] == 1:
        predicted = logits[:, 0]
    else:
        predicted = _softmax(logits) @ np.arange(low, low + logits.shape[1], dtype=np.float64)
    predictions = {
        item.id: {"prediction": float(value), "gold": float(right)}
        for item, value, right in zip(examples, predicted, gold, strict=True)
    }
    return Judged(gold, predicted, examples, 1), predictions


def _choices(examples: Sequence[Example], logits: FloatArray) -> tuple[Judged, dict[str, Any]]:
    scores = logits[:, 1] - logits[:, 0]
    sure = _softmax(logits)[:, 1]
    best: dict[str, int] = {}
    right: dict[str, list[str]] = {}
    shares: dict[str, dict[str, float]] = {}
    for number, item in enumerate(examples):
        shares.setdefault(item.unit, {})[item.candidate] = float(sure[number])
        if item.unit not in best or scores[number] > scores[best[item.unit]]:
            best[item.unit] = number
        right.setdefault(item.unit, [])
        if item.label:
            right[item.unit].append(item.candidate)
    chosen = [examples[number] for number in best.values()]
    predictions = {
        item.unit: {
            "prediction": item.candidate,
            "gold": list(item.golds) or right[item.unit],
            "score": float(item.label),
            "probability": shares[item.unit][item.candidate],
            "probabilities": shares[item.unit],
        }
        for item in chosen
    }
    predicted = np.array([item.label for item in chosen], dtype=np.float64)
    return Judged(np.ones_like(predicted), predicted, chosen, 2), predictions


def _softmax(logits: FloatArray) -> FloatArray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: FloatArray = powers / powers.sum(axis=1, keepdims=True)
    return result

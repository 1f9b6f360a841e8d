"""What a model says of generated examples: from logits to labels with confidence, and to words for readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.agora.examples import Verdict
from engine.agora.texts import Label
from engine.tasks.sequence.task import SequenceTask


def verdicts(task: SequenceTask, logits: NDArray[Any]) -> list[Verdict]:
    """The label a model gives each example, and how sure it is.

    Args:
        task: what the labels mean.
        logits: shape (examples, labels).
    """
    values = np.asarray(logits, dtype=np.float64)
    if task.labels == 1:
        return [Verdict(float(value), None) for value in values[:, 0]]
    shares = np.exp(values - values.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    best = shares.argmax(axis=1)
    expected: Sequence[float | None] = [None] * len(best)
    if task.definition.regression:
        low = lowest(task)
        expected = [float(value) for value in shares @ np.arange(low, low + task.labels, dtype=np.float64)]
    return [
        Verdict(int(place), float(row[place]), value=value)
        for place, row, value in zip(best, shares, expected, strict=True)
    ]


def lowest(task: SequenceTask) -> int:
    """Value of the first class, where a regression is learned as classes."""
    return task.definition.scale[0] if task.definition.scale else 0


def told(task: SequenceTask, label: Label | None, value: float | None = None) -> str | None:
    """A label as people read it: the name of the class, or the value."""
    if label is None:
        return None
    if value is not None or task.definition.regression:
        return f"{label if value is None else value:.4g}"
    return task.definition.labels[int(label)] if not isinstance(label, str) else label

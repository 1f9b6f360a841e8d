"""Sizes, operations and times of a model, as metrics of its trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.distill.measuring.latency import measure_latency
from engine.distill.measuring.quantisation import quantised, quantised_mb
from engine.distill.students.anatomy import architecture_of
from engine.distill.students.architecture import (
    Architecture,
    encoder_parameters,
    flops,
    head_flops,
    model_mb,
    num_parameters,
)
from engine.distill.training.sparsity import nonzero_parameters
from engine.metric_catalogue import INT8, METRICS
from engine.spec_sections import TrainingSection
from engine.tasks.interface import Scores

T = TypeVar("T")

BACKWARD = 2
"""A backward pass costs about this many forward passes: gradients of the inputs and of the weights."""


def size_metrics(model: Any, training: TrainingSection) -> dict[str, float]:  # noqa: ANN401 - transformers is untyped
    """Exact sizes of a model: parameters, megabytes in fp32, and operations for the input latency is timed on."""
    architecture = architecture_of(model)
    return {
        "num_parameters": num_parameters(architecture),
        "encoder_parameters": encoder_parameters(architecture),
        "nonzero_parameters": nonzero_parameters(model),
        "flops": flops(architecture, latency_length(model, training)),
        "model_mb": model_mb(architecture),
    }


def latency_metrics(model: Any, training: TrainingSection) -> dict[str, float]:  # noqa: ANN401
    """Median latency in milliseconds on one thread (or the GPU), for the experiment's fixed input."""
    return {"latency_ms": _latency(model, training)}


def int8_metrics(
    model: Any,  # noqa: ANN401
    training: TrainingSection,
    score: Callable[[Any], Scores],
) -> Scores:
    """Scores, size and latency of the model with its linear layers in 8 bits.

    Args:
        model: the model in fp32; it is not changed.
        training: settings of the latency measurement.
        score: measures a model on the CPU in fp32 arithmetic.
    """
    small = quantised(model)
    scores = score(small)
    metrics = _renamed(scores.metrics)
    metrics |= {"int8_mb": quantised_mb(small), "int8_latency_ms": _latency(small, training)}
    return Scores(metrics, _renamed(scores.standard_errors), example_scores=_renamed(scores.example_scores))


def latency_length(model: Any, training: TrainingSection) -> int:  # noqa: ANN401
    """Tokens of the input that latency and operations are given for: as set, or the most the model takes."""
    return min(training.latency_length, architecture_of(model).max_positions)


def training_cost(
    student: Architecture, teacher: Architecture | None = None, head_share: float = 1.0
) -> Callable[[NDArray[np.int64]], float]:
    """Operations of a training step on rows of given lengths, padding left out.

    Args:
        student: runs forward and backward.
        teacher: runs forward in every step; None where its outputs were kept.
        head_share: share of the tokens that the heads are applied to; pre-training may need the masked ones alone.
    """

    def forward(model: Architecture, length: int) -> float:
        return flops(model, length) - (1 - head_share) * head_flops(model, length)

    def cost(lengths: NDArray[np.int64]) -> float:
        values, counts = np.unique(lengths, return_counts=True)
        total = 0.0
        for length, count in zip(values.tolist(), counts.tolist(), strict=True):
            own = forward(student, length) * (1 + BACKWARD)
            total += count * (own + (forward(teacher, length) if teacher else 0))
        return total

    return cost


def _renamed(told: Mapping[str, T]) -> dict[str, T]:
    return {f"{INT8}{name}": value for name, value in told.items() if f"{INT8}{name}" in METRICS}


def _latency(model: Any, training: TrainingSection) -> float:  # noqa: ANN401
    return measure_latency(
        model,
        length=latency_length(model, training),
        batch=training.latency_batch,
        repeats=training.latency_repeats,
        threads=1,
    ).median_ms

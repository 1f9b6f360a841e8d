"""Events: the lines a trial writes about itself, all that others learn of it while it runs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt began (or went on from a checkpoint)."""

    kind: ClassVar[str] = "started"
    pid: int
    host: str
    device: str
    threads: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the trial is, as a fraction from 0 to 1, and what it is doing."""

    kind: ClassVar[str] = "progress"
    fraction: float
    message: str


@dataclass(frozen=True, slots=True)
class Step:
    """Training figures, means over the optimiser steps since the last such event.

    ``loss`` is what is minimised; its parts are None where a training has no such loss.
    """

    kind: ClassVar[str] = "step"
    step: int
    epoch: float
    loss: float
    soft_loss: float | None = None
    hard_loss: float | None = None
    cosine_loss: float | None = None
    hidden_loss: float | None = None
    attention_loss: float | None = None
    learning_rate: float = 0.0
    examples_per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Metrics of the model as it is after ``step`` optimiser steps."""

    kind: ClassVar[str] = "evaluation"
    step: int
    metrics: Mapping[str, float]
    standard_errors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resources:
    """What the trial's processes use of the machine, since the last such event.

    Attributes:
        cpu_percent: processor time in percent of one core; 200 is two cores at work.
        memory_mb: memory in use, in megabytes (10^6 bytes).
        gpu_percent: how busy its graphics cards are, in percent; None without any.
        gpu_memory_mb: memory in use on them, in megabytes; None without any.
    """

    kind: ClassVar[str] = "resources"
    cpu_percent: float
    memory_mb: float
    gpu_percent: float | None = None
    gpu_memory_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The trial can be resumed from this step."""

    kind: ClassVar[str] = "checkpoint"
    step: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The trial is complete; these are its final metrics."""

    kind: ClassVar[str] = "finished"
    metrics: Mapping[str, float]
    standard_errors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The finished model was measured again on more data; these metrics are added to its others."""

    kind: ClassVar[str] = "confirmed"
    metrics: Mapping[str, float]
    standard_errors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """The trial cannot be completed, and why."""

    kind: ClassVar[str] = "failed"
    reason: str
    error: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The trial ended early because it was asked to."""

    kind: ClassVar[str] = "stopped"
    reason: str


Event = (
    Started | Progress | Step | Evaluation | Resources | Checkpoint | Finished | Confirmed | Failed | Stopped
)


def to_line(event: Event, sequence: int, attempt: int) -> str:
    """The event as one line of JSON, newline included.

    Args:
        event: what happened.
        sequence: 1 for the first line of the trial, without holes over all attempts.
        attempt: 1 for the first process of the trial.
    """
    head: dict[str, Any] = {
        "seq": sequence,
        "ts": datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "attempt": attempt,
        "kind": event.kind,
    }
    return json.dumps(_finite(head | asdict(event)), separators=(",", ":")) + "\n"


def _finite(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The value with numbers JSON cannot say (NaN, infinities) as null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    return value

"""What one line of a trial's events file says, checked: a trial is another process and may write anything."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, ValidationError

MALFORMED = "malformed"
FINAL_KINDS = ("finished", "failed", "stopped")
"""Kinds that end an attempt."""
MAX_KEPT_TEXT = 4000
"""Characters of an unreadable line that are kept."""

_LARGEST_BIGINT = 2**63 - 1
_LARGEST_INTEGER = 2**31 - 1


def _as_utc(ts: datetime) -> datetime:
    if ts.tzinfo is None:
        return ts
    try:
        return ts.astimezone(UTC).replace(tzinfo=None)
    except OverflowError as error:
        raise ValueError("the time is outside the years 1 to 9999") from error


Step = Annotated[int, Field(ge=0, le=_LARGEST_BIGINT)]
MetricName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]
Timestamp = Annotated[datetime, Strict(False), AfterValidator(_as_utc)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class _Envelope(_Part):
    seq: int = Field(ge=1, le=_LARGEST_BIGINT)
    ts: Timestamp
    attempt: int = Field(ge=0, le=_LARGEST_INTEGER)
    kind: str = Field(min_length=1)


class StepBody(_Part):
    """One point of the learning curves; losses that are no finite numbers are None."""

    step: Step
    epoch: float | None = None
    loss: float | None = None
    soft_loss: float | None = None
    hard_loss: float | None = None
    learning_rate: float | None = None
    examples_per_second: float | None = None
    cosine_loss: float | None = None
    hidden_loss: float | None = None
    attention_loss: float | None = None


class MetricsBody(_Part):
    """Values by name of metric; None where a value is no finite number."""

    metrics: dict[MetricName, float | None]
    standard_errors: dict[MetricName, float | None] = {}


class ConfirmedBody(MetricsBody):
    """Metrics measured after the end, beside those of the end."""


class EvaluationBody(MetricsBody):
    """Metrics measured after ``step``."""

    step: Step


class ResourcesBody(_Part):
    """What the trial used of the machine since it last looked."""

    cpu_percent: float | None = None
    memory_mb: float | None = None
    gpu_percent: float | None = None
    gpu_memory_mb: float | None = None


class ProgressBody(_Part):
    """How far the trial is, as a share from 0 to 1, and what it is doing."""

    fraction: float
    message: str | None = None


_BODIES: dict[str, type[_Part]] = {
    "step": StepBody,
    "evaluation": EvaluationBody,
    "finished": MetricsBody,
    "confirmed": ConfirmedBody,
    "progress": ProgressBody,
    "resources": ResourcesBody,
}


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line, understood or not.

    Attributes:
        seq: Its number; None where the line is too broken to tell.
        ts: When it was written, UTC without zone.
        attempt: Which start of the trial wrote it.
        kind: Its kind, ``malformed`` for lines that cannot be understood.
        body: Everything else as JSON, or ``{"text": the line}``.
        content: The checked body of kinds that storage takes apart, else None.
    """

    seq: int | None
    ts: datetime | None
    attempt: int | None
    kind: str
    body: str
    content: _Part | None = None


def parse_line(line: bytes) -> EventLine:
    """Read one line; never raises."""
    seq = None
    try:
        written = _load(line.decode("utf-8"))
        seq = written.get("seq")
        envelope = _Envelope.model_validate(written)
        body = {key: value for key, value in written.items() if key not in _Envelope.model_fields}
        checked = _BODIES.get(envelope.kind)
        content = None if checked is None else checked.model_validate(body)
        text = json.dumps(body, ensure_ascii=False, allow_nan=False)
    except (ValueError, ValidationError, RecursionError):
        known = isinstance(seq, int) and not isinstance(seq, bool) and 1 <= seq <= _LARGEST_BIGINT
        text = json.dumps({"text": line.decode("utf-8", "replace").rstrip("\r\n")[:MAX_KEPT_TEXT]})
        return EventLine(seq if known else None, None, None, MALFORMED, text)
    return EventLine(envelope.seq, envelope.ts, envelope.attempt, envelope.kind, text, content)


def _load(text: str) -> dict[str, Any]:
    written = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    if "\\ud" in text or "\\uD" in text:
        # Halves of surrogate pairs are valid in JSON but not in the UTF-8 that DuckDB holds.
        written = json.loads(json.dumps(written, ensure_ascii=False).encode("utf-8", "replace"))
    if not isinstance(written, dict):
        raise ValueError("the line is no JSON object")  # noqa: TRY004
    return written


def _no_number(_: str) -> None:
    return None


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None

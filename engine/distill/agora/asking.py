"""Asks models about generated examples: the teacher, whose answers are kept, and the student that made the mistakes."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.agora.examples import Generated
from engine.distill.agora.labels import LabelCache, rounded, text_digest
from engine.distill.measuring.inference import predict
from engine.distill.models.folder import load_student
from engine.distill.prepared import TEACHER_BATCH
from engine.distill.students.anatomy import architecture_of
from engine.distill.training.precision import choose_precision, default_device
from engine.events import Event, Progress
from engine.spec_sections import TrainingSection
from engine.tasks.token_rows import TokenRows

CHUNK = 512
"""Examples the teacher is asked about before its answers are kept: what is lost when the process dies."""
FROM, TO = 0.3, 0.75
"""Shares of the work done before and after the teacher is asked."""


class Told(NamedTuple):
    """The teacher's logits, shape (examples, labels), and how many of the examples it had to be asked about."""

    logits: NDArray[np.float32]
    asked: int


def ask_teacher(
    cache: LabelCache,
    teacher: Any,  # noqa: ANN401 - transformers is untyped
    rows: TokenRows,
    examples: Sequence[Generated],
    training: TrainingSection,
) -> Generator[Event, None, Told]:
    """What the teacher says of examples; it is asked about those alone that nobody has asked it about.

    Args:
        cache: its kept answers, to which the new ones are added chunk by chunk.
        teacher: its model.
        rows: the encoded examples, one row each.
        examples: what is asked about, at least one.
        training: says which arithmetic is used.
    """
    kept = cache.read()
    digests = [text_digest(item.text) for item in examples]
    asked = 0
    for start in range(0, len(digests), CHUNK):
        yield Progress(
            FROM + (TO - FROM) * start / len(digests), f"the teacher labels {len(digests):,} new examples"
        )
        chosen = [
            place for place in range(start, min(start + CHUNK, len(digests))) if digests[place] not in kept
        ]
        if chosen:
            logits = rounded(_logits(teacher, rows.taken(np.array(chosen, dtype=np.int64)), training))
            new = {digests[place]: row for place, row in zip(chosen, logits, strict=True)}
            cache.add(new)
            kept |= new
            asked += len(new)
    return Told(np.stack([kept[digest] for digest in digests]), asked)


def ask_student(model: Path, rows: TokenRows, training: TrainingSection) -> NDArray[np.float32]:
    """What a saved student says of examples: logits, shape (examples, labels)."""
    student, _ = load_student(model)
    return _logits(student, rows, training)


def _logits(model: Any, rows: TokenRows, training: TrainingSection) -> NDArray[np.float32]:  # noqa: ANN401
    device = default_device()
    model.to(device)
    precision = choose_precision(training.precision, device, architecture_of(model).hidden_size)
    found: NDArray[np.float32] = predict(
        model, rows, "sequence", batch_size=TEACHER_BATCH, precision=precision
    )["logits"]
    return found

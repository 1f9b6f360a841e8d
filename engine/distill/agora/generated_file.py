"""Everything a round generated as one Parquet file, which the server stores and pages browse."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.agora.examples import Generated, Verdict
from engine.agora.round_data import Added
from engine.distill.agora.views import told
from engine.tasks.sequence.task import SequenceTask

SCHEMA = pa.schema(
    [
        *(("example", pa.string()), ("round", pa.int32()), ("position", pa.int32())),
        *(("parent", pa.string()), ("transformation", pa.string())),
        *(("original_text", pa.string()), ("original_pair", pa.string())),
        *(("original_label", pa.string()), ("answered", pa.string())),
        *(("text", pa.string()), ("pair", pa.string())),
        *(("teacher_label", pa.string()), ("teacher_confidence", pa.float64())),
        *(("kept", pa.bool_()), ("reason", pa.string())),
        *(("student_label", pa.string()), ("student_confidence", pa.float64())),
    ]
)

RECONSIDERED = pa.schema(
    [("example", pa.string()), ("after_label", pa.string()), ("after_confidence", pa.float64())]
)


def write_generated(task: SequenceTask, added: Added, thoughts: Mapping[str, Verdict], path: Path) -> None:
    """Write all examples of a round: those that are added, and then those left out with the reason.

    Args:
        task: what labels mean.
        added: the examples.
        thoughts: what the student whose mistakes they are made of says of them, by id.
        path: the file.
    """
    listed: list[tuple[Generated, str | None]] = [(item, None) for item in added.kept]
    listed += [(left.example, left.reason) for left in added.left]
    rows = [
        _row(task, item, reason, thoughts.get(item.id), place) for place, (item, reason) in enumerate(listed)
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), path, compression="zstd")


def write_reconsidered(task: SequenceTask, thoughts: Mapping[str, Verdict], path: Path) -> None:
    """Write what a student says of examples it was trained on.

    Args:
        task: what labels mean.
        thoughts: by id of the example.
        path: the file.
    """
    rows = [
        {
            "example": name,
            "after_label": told(task, verdict.label, verdict.value),
            "after_confidence": verdict.confidence,
        }
        for name, verdict in thoughts.items()
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=RECONSIDERED), path, compression="zstd")


def _row(
    task: SequenceTask, item: Generated, reason: str | None, thought: Verdict | None, place: int
) -> dict[str, object]:
    verdict, old = item.teacher, item.mistake
    return {
        "example": item.id,
        "round": item.round,
        "position": place,
        "parent": old.parent,
        "transformation": item.transformation,
        "original_text": old.text.first,
        "original_pair": old.text.second,
        "original_label": told(task, old.label),
        "answered": told(task, old.answered),
        "text": item.text.first,
        "pair": item.text.second,
        "teacher_label": None if verdict is None else told(task, verdict.label, verdict.value),
        "teacher_confidence": None if verdict is None else verdict.confidence,
        "kept": reason is None,
        "reason": reason,
        "student_label": None if thought is None else told(task, thought.label, thought.value),
        "student_confidence": None if thought is None else thought.confidence,
    }

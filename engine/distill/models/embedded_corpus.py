"""The embedded corpus as files; written on first use, in a moment, and needs no torch."""

from __future__ import annotations

import json
import os
from pathlib import Path

from engine.distill.models.embedded_files import EmbeddedData
from engine.tasks.squad.sample import generate_corpus

TRAIN_PARAGRAPHS = 1000
EVALUATION_PARAGRAPHS = 90
TWINS = 0.3
SEED = 1


def write_embedded_corpus(data: EmbeddedData) -> None:
    """Write training and evaluation questions, always the same; a reader never sees part of a file."""
    data.folder.mkdir(parents=True, exist_ok=True)
    _write(data.train, TRAIN_PARAGRAPHS, SEED)
    _write(data.evaluation, EVALUATION_PARAGRAPHS, SEED + 1)


def _write(path: Path, paragraphs: int, seed: int) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(json.dumps(generate_corpus(paragraphs, seed, twins=TWINS)), encoding="utf-8")
    part.replace(path)

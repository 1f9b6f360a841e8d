"""Where the embedded corpus and teacher are; needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

VERSION = 2
"""Raised whenever corpus or teacher change, so that old caches are left alone and new ones are made."""


@dataclass(frozen=True, slots=True)
class EmbeddedData:
    """Files of the embedded data."""

    folder: Path

    @property
    def train(self) -> Path:
        """Training questions in SQuAD 2.0 form."""
        return self.folder / "train-v2.0.json"

    @property
    def evaluation(self) -> Path:
        """Evaluation questions in SQuAD 2.0 form, over other facts."""
        return self.folder / "dev-v2.0.json"

    @property
    def teacher(self) -> Path:
        """The teacher, a Hugging Face folder; it is written last, so its presence means all is there."""
        return self.folder / "teacher"


def embedded_data(cache: Path) -> EmbeddedData:
    """Where the embedded data is, or will be."""
    return EmbeddedData(cache / f"embedded-{VERSION}")

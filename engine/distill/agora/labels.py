"""What a teacher says of single texts, kept in the cache, so that no text is ever asked about twice."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.agora.texts import Text
from engine.distill.cache_key import model_identity, teacher_source
from engine.experiment import ExperimentSpec

FORMAT = 1
"""Raised whenever kept labels change their form."""
DECIMALS = 4
"""Logits are rounded to so many: the last bits depend on what else was in the batch."""

Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LabelCache:
    """The kept labels of one teacher for one task: files of logits by text, written once and never changed.

    Attributes:
        folder: where they are.
    """

    folder: Path

    def read(self) -> dict[str, Logits]:
        """All that is kept: logits, shape (labels,), by ``text_digest``; damaged files are deleted and left out."""
        found: dict[str, Logits] = {}
        for path in sorted(self.folder.glob("*.npz")):
            try:
                with np.load(path) as kept:
                    found.update(zip(kept["texts"].tolist(), kept["logits"], strict=True))
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                path.unlink(missing_ok=True)
        return found

    def add(self, told: Mapping[str, Logits]) -> None:
        """Keep some more, in one step: a reader sees all of them or none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.blake2b("".join(sorted(told)).encode(), digest_size=12).hexdigest()
        part = self.folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        with part.open("wb") as file:
            np.savez_compressed(file, texts=np.array(list(told)), logits=np.stack(list(told.values())))
        part.replace(self.folder / f"{name}.npz")


def label_cache(spec: ExperimentSpec, cache: Path) -> LabelCache:
    """The labels of an experiment's teacher; other experiments on the same task and teacher share them."""
    task = spec.task
    record = [
        FORMAT,
        [task.name, task.max_length, task.rounding],
        None if task.format is None else task.format.model_dump(mode="json"),
        spec.training.precision,
        model_identity(teacher_source(spec, cache), cache),
    ]
    key = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:20]
    return LabelCache(cache / "labels" / key)


def text_digest(text: Text) -> str:
    """Name of a text as it is given to the teacher."""
    return hashlib.blake2b(json.dumps([text.first, text.second]).encode(), digest_size=16).hexdigest()


def rounded(logits: Logits) -> Logits:
    """Logits as they are kept."""
    found: Logits = np.round(logits, DECIMALS).astype(np.float32)
    return found

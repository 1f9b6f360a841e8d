"""The folder of a round's data in the cache: what it is named by, what is in it, and how it is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.distill.cache_key import model_identity, prepared_folder
from engine.distill.content import file_hash, source_hash
from engine.experiment import ExperimentSpec
from engine.tasks.interface import Part, Task
from engine.trial_folder import TrialFolder, TrialSpec

FORMAT = 1
"""Raised whenever the files of a round change their form."""

NOT_OF_THE_DATA = {
    *("rounds", "metric", "seeds", "max_sets", "pruning", "accuracy_step", "patience", "min_improvement"),
    *("replays", "chs_only", "require_teacher"),
}
"""Settings that say which student makes the mistakes, but nothing of what is made of them."""


@dataclass(frozen=True, slots=True)
class RoundFiles:
    """What one round adds to the training data.

    Attributes:
        path: its folder, sealed when it is whole.
    """

    path: Path

    @property
    def facts(self) -> Path:
        """Counts and seconds, see ``making.FACTS``."""
        return self.path / "facts.json"

    @property
    def generated(self) -> Path:
        """Every example that was made, kept or not, see ``generated_file``."""
        return self.path / "generated.parquet"

    @property
    def reconsidered(self) -> Path:
        """What the student says of the examples of the round before; missing where there are none."""
        return self.path / "reconsidered.parquet"

    @property
    def added(self) -> Path:
        """Folder of the examples that are added, with their rows; missing where there are none."""
        return self.path / "added"

    @property
    def logits(self) -> Path:
        """What the teacher says of the added rows, shape (rows, labels)."""
        return self.path / "teacher_logits.npy"

    def read_facts(self) -> dict[str, float]:
        """The facts."""
        found: dict[str, float] = json.loads(self.facts.read_text(encoding="utf-8"))
        return found

    def read_added(self, task: Task) -> tuple[Part, NDArray[Any]] | None:
        """Added examples with rows and teacher's logits; None where nothing was added."""
        if not self.added.exists():
            return None
        return task.load(self.added), np.load(self.logits, mmap_mode="r")


def round_files(spec: TrialSpec, folder: TrialFolder) -> list[RoundFiles]:
    """The folders of all rounds a trial's data is made in, made or not.

    Each is named by what its content depends on: the data as prepared, settings, seed, round, the answers of the
    student whose mistakes are taken, and the rounds before.

    Args:
        spec: of a student of a round, or of the trial that makes its data.
        folder: its folder; those of the students it depends on are beside it.
    """
    place = spec.agora
    assert place is not None, "only trials of Agora have rounds"
    found: list[RoundFiles] = []
    key = json.dumps(_basis(spec.experiment, spec.cache), sort_keys=True)
    for number, parent in enumerate(place.parents, start=1):
        answers = file_hash(folder.sibling(parent).predictions)
        key = hashlib.sha256(json.dumps([key, number, answers]).encode()).hexdigest()[:20]
        found.append(RoundFiles(spec.cache / "agora" / key))
    return found


def _basis(spec: ExperimentSpec, cache: Path) -> list[Any]:
    section = spec.agora.model_dump(mode="json", exclude=NOT_OF_THE_DATA)
    return [
        FORMAT,
        prepared_folder(spec, cache).name,
        section,
        [_content(item, cache) for item in section["transformations"]],
    ]


def _content(settings: Mapping[str, Any], cache: Path) -> list[str]:
    """What the files hold that a transformation names."""
    found = []
    if table := settings.get("table"):
        path = Path(table).expanduser()
        found.append(source_hash(path, cache) if path.exists() else f"missing: {path}")
    if model := settings.get("model"):
        found.append(model_identity(model, cache))
    return found

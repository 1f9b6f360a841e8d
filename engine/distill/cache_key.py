"""Where data and teacher of an experiment come from, and the folder their preparation is kept in."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from huggingface_hub import try_to_load_from_cache
from huggingface_hub.errors import HFValidationError

from engine.distill.content import source_hash
from engine.distill.models.embedded_files import embedded_data
from engine.distill.models.source import CONFIG_FILE
from engine.experiment import ExperimentSpec
from engine.spec_sections import EMBEDDED
from engine.tasks.interface import Task
from engine.tasks.registry import make_task

FORMAT = 3
"""Raised whenever the files of a preparation change their form."""


def teacher_source(spec: ExperimentSpec, cache: Path) -> str:
    """Folder or hub name of the teacher."""
    return str(embedded_data(cache).teacher) if spec.teacher.model == EMBEDDED else spec.teacher.model


def data_sources(spec: ExperimentSpec, cache: Path) -> tuple[str, str | None]:
    """Where training and evaluation data are; None where one source has both."""
    data = embedded_data(cache)
    task = spec.task
    first = str(data.train) if task.dataset == EMBEDDED else task.dataset
    if task.eval_dataset is None:
        return first, str(data.evaluation) if task.dataset == EMBEDDED else None
    return first, str(data.evaluation) if task.eval_dataset == EMBEDDED else task.eval_dataset


def experiment_task(spec: ExperimentSpec, cache: Path) -> Task:
    """The experiment's task on its data."""
    dataset, eval_dataset = data_sources(spec, cache)
    return make_task(spec.task, dataset, eval_dataset, spec.seed)


def prepared_folder(spec: ExperimentSpec, cache: Path) -> Path:
    """Named by everything the preparation depends on: task, teacher, seed, precision, and what the files hold."""
    record = [
        FORMAT,
        spec.task.model_dump(mode="json"),
        spec.teacher.model_dump(mode="json"),
        spec.seed,
        spec.training.precision,
        [_content(path, cache) for path in experiment_task(spec, cache).files()],
        model_identity(teacher_source(spec, cache), cache),
    ]
    key = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:20]
    return cache / "prepared" / key


def _content(path: Path, cache: Path) -> str:
    """What a file or folder holds; of embedded data its version, which is known before it is made."""
    embedded = embedded_data(cache).folder
    if path.is_relative_to(embedded):
        return str(path.relative_to(embedded.parent))
    return source_hash(path, cache) if path.exists() else f"missing: {path}"


def model_identity(source: str, cache: Path) -> str:
    """A model by its content, or by the revision of a hub name in the local cache."""
    path = Path(source).expanduser()
    if path.is_dir() or path.is_relative_to(embedded_data(cache).folder):
        return _content(path, cache)
    try:
        cached = try_to_load_from_cache(source, CONFIG_FILE)
    except HFValidationError:
        return source
    return f"{source}@{Path(cached).parent.name}" if isinstance(cached, str) else source

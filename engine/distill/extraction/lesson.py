"""What all candidates of an extraction share: the maximum point, a few rows, and what it says of them, made once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.distill.cache_key import prepared_folder
from engine.distill.extraction.last_layer import Sight, Told, last_states
from engine.distill.extraction.maximum import encoder_latency, train_largest
from engine.distill.hyperparameters import Hyperparameters, hyperparameters
from engine.distill.losses.masking import read_vocabulary
from engine.distill.made_once import make_once
from engine.distill.models.folder import load_teacher
from engine.distill.prepared import Prepared
from engine.distill.students.anatomy import architecture_of
from engine.distill.students.bort_lemmas import lemma_sizes
from engine.distill.training.precision import choose_precision, default_device
from engine.events import Event, Progress
from engine.experiment import ExperimentSpec
from engine.extraction.candidates import hyperparameter_sets
from engine.extraction.coefficient import Costs
from engine.extraction.requirements import last_layer
from engine.tasks.token_rows import TokenRows

FORMAT = 1
"""Raised whenever the files of a lesson change their form."""

FACTS_FILE = "maximum.json"
MODEL_FOLDER = "model"
PARTS = ("training", "held_out")


@dataclass(frozen=True, slots=True)
class Lesson:
    """What candidates learn and are measured on.

    Attributes:
        training: rows that every candidate sees once at most, and what the maximum point says of them.
        held_out: the same for measuring errors.
        sight: how both were looked at.
        sizes: of the maximum point: ``lemma_parameters``, ``lemma_operations`` and, where speed is a latency,
            ``encoder_latency_ms``.
        source: folder or hub name of the maximum point.
        trained: whether its masked-LM head is in its files.
    """

    training: Told
    held_out: Told
    sight: Sight
    sizes: dict[str, float]
    source: str
    trained: bool

    def load_maximum(self) -> tuple[Any, Any]:
        """The maximum point on the device of trials, in evaluation mode, and its tokenizer."""
        model, tokenizer = load_teacher(self.source, head="masked_lm", trained=self.trained)
        return model.to(default_device()), tokenizer


def costs_of(sizes: dict[str, float], speed: str) -> Costs:
    """Size and speed as they enter W, for the setting ``extract.speed``."""
    return Costs(
        sizes["lemma_parameters"],
        sizes["lemma_operations" if speed == "operations" else "encoder_latency_ms"],
    )


def make_lesson(spec: ExperimentSpec, cache: Path, prepared: Prepared) -> Iterator[Event]:
    """Make what ``load_lesson`` loads, unless it is there and whole; one process works, others wait for it."""
    yield from make_once(
        _folder(spec, cache),
        partial(_make, spec, prepared),
        "waiting for another process that asks the maximum point",
    )


def load_lesson(spec: ExperimentSpec, cache: Path, prepared: Prepared) -> Lesson | None:
    """What ``make_lesson`` made for the specification, memory-mapped, or None."""
    folder = _folder(spec, cache)
    if not folder.exists():
        return None
    training, held_out = (_load(folder / name) for name in PARTS)
    own = spec.extract.maximum_point == "largest"
    return Lesson(
        training,
        held_out,
        _sight(spec, prepared),
        json.loads((folder / FACTS_FILE).read_text(encoding="utf-8")),
        str(folder / MODEL_FOLDER) if own else prepared.teacher,
        own or spec.teacher.trained,
    )


def _make(spec: ExperimentSpec, prepared: Prepared, folder: Path) -> Iterator[Event]:
    source, trained = prepared.teacher, spec.teacher.trained
    if spec.extract.maximum_point == "largest":
        yield from train_largest(spec, prepared, folder / MODEL_FOLDER)
        source, trained = str(folder / MODEL_FOLDER), True
    model: Any
    model, _ = load_teacher(source, head="masked_lm", trained=trained)
    model.to(default_device())
    architecture = architecture_of(model)
    precision = choose_precision(spec.training.precision, default_device(), architecture.hidden_size)
    sight = _sight(spec, prepared)
    for name, rows in _rows(spec, prepared).items():
        yield Progress(0.9, f"the maximum point looks at {len(rows):,} {name.replace('_', '-')} rows")
        told = last_states(model, rows, sight, precision)
        rows.save(folder / name)
        np.save(folder / name / "states.npy", told.states)
        np.save(folder / name / "offsets.npy", told.offsets)
    sizes = lemma_sizes(architecture, spec.training.latency_length)
    if spec.extract.speed == "latency":
        sizes["encoder_latency_ms"] = encoder_latency(model, spec.training)
    (folder / FACTS_FILE).write_text(json.dumps(sizes), encoding="utf-8")


def _rows(spec: ExperimentSpec, prepared: Prepared) -> dict[str, TokenRows]:
    """Rows by part, drawn by seed: for learning as many as the steps take with the largest batch."""
    largest = max(
        _settings(spec, parameters).train_batch_size for parameters in hyperparameter_sets(spec.space())
    )
    wanted = {"training": spec.extract.steps * largest, "held_out": spec.extract.held_out}
    rows = {"training": prepared.parts["training"].rows, "held_out": prepared.parts["evaluation"].rows}
    return {name: rows[name].taken(_drawn(len(rows[name]), wanted[name], spec.seed)) for name in PARTS}


def _drawn(count: int, wanted: int, seed: int) -> NDArray[np.int64]:
    rng = np.random.default_rng([seed, count])
    return np.sort(rng.choice(count, size=min(count, wanted), replace=False))


def _load(folder: Path) -> Told:
    states, offsets = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("states", "offsets"))
    return Told(TokenRows.load(folder), states, offsets)


def _sight(spec: ExperimentSpec, prepared: Prepared) -> Sight:
    settings = _settings(spec, {})
    vocabulary = read_vocabulary(prepared.parts["training"].rows, settings.mask_smoothing)
    found = last_layer(spec)
    return Sight(found, vocabulary, settings.mask_probability, settings.temperature)


def _settings(spec: ExperimentSpec, parameters: dict[str, Any]) -> Hyperparameters:
    return hyperparameters(spec.fixed, parameters)


def _folder(spec: ExperimentSpec, cache: Path) -> Path:
    """Named by everything the lesson depends on."""
    settings = _settings(spec, {})
    extract = spec.extract.model_dump(exclude={"interval", "order", "error", "keep_models"})
    record = [
        FORMAT,
        prepared_folder(spec, cache).name,
        extract,
        last_layer(spec),
        max(_settings(spec, found).train_batch_size for found in hyperparameter_sets(spec.space())),
        [settings.mask_probability, settings.mask_smoothing],
        spec.training.model_dump(include={"latency_length", "latency_batch", "latency_repeats"}),
    ]
    if spec.extract.maximum_point == "largest":
        record += [
            spec.student.model_dump(),
            spec.fixed,
            [item.model_dump() for item in spec.parameters.values()],
        ]
        record += [list(spec.parameters), list(spec.rules)]
    key = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:20]
    return cache / "lessons" / key

"""What all trials of an experiment share: its data as rows, and what the teacher says of them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.distill.cache_key import experiment_task, prepared_folder, teacher_source
from engine.distill.made_once import WAIT_SECONDS, make_once
from engine.distill.measuring.evaluation import evaluate
from engine.distill.measuring.inference import predict
from engine.distill.models.embedded import make_embedded_data
from engine.distill.models.embedded_files import embedded_data
from engine.distill.models.folder import load_teacher
from engine.distill.students.anatomy import max_positions
from engine.distill.training.precision import choose_precision, default_device
from engine.errors import ModelError, SettingError
from engine.events import Event, Progress
from engine.experiment import ExperimentSpec
from engine.file_lock import try_lock
from engine.spec_sections import EMBEDDED
from engine.tasks.example_scores import ExampleScores, read_example_scores, write_example_scores
from engine.tasks.interface import OUTPUT_NAMES, Outputs, Part, Rows, Scores, Task
from engine.tasks.predictions import write_predictions

TEACHER_BATCH = 32
TEACHER_FILE = "teacher.json"
TEACHER_EXAMPLES_FILE = "teacher_example_scores.parquet"
TEACHER_PREDICTIONS_FILE = "teacher_predictions.parquet"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data and teacher of an experiment, ready for students.

    Attributes:
        task: knows how to score.
        parts: examples and rows by name: ``training`` for learning, ``evaluation`` for all metrics.
        teacher_outputs: of the training rows; empty where the teacher has no trained head, or is asked in each step.
        teacher: folder or hub name of the teacher.
        teacher_metrics: the teacher's own metrics on the evaluation part; none without a trained head.
        teacher_errors: their standard errors.
        folder: where all of it is kept.
    """

    task: Task
    parts: dict[str, Part]
    teacher_outputs: Outputs
    teacher: str
    teacher_metrics: dict[str, float]
    teacher_errors: dict[str, float]
    folder: Path

    def teacher_examples(self) -> dict[str, ExampleScores]:
        """The teacher's metrics example by example, where they were kept."""
        return read_example_scores(self.folder / TEACHER_EXAMPLES_FILE)

    @property
    def teacher_predictions(self) -> Path:
        """File with the teacher's answers to the evaluation part, if it has a trained head."""
        return self.folder / TEACHER_PREDICTIONS_FILE


def load_prepared(spec: ExperimentSpec, cache: Path) -> Prepared | None:
    """What ``prepare`` made for the specification, memory-mapped, or None."""
    folder = prepared_folder(spec, cache)
    if not folder.exists():
        return None
    task = experiment_task(spec, cache)
    record = json.loads((folder / TEACHER_FILE).read_text(encoding="utf-8"))
    outputs = {
        name: np.load(path, mmap_mode="r")
        for name in (*OUTPUT_NAMES[task.head], "hidden")
        if (path := _output_file(folder, name)).exists()
    }
    parts = {name: task.load(folder / name) for name in task.parts}
    return Prepared(task, parts, outputs, teacher_source(spec, cache), **record, folder=folder)


def needed_prepared(spec: ExperimentSpec, cache: Path) -> Prepared:
    """What ``prepare`` has just made.

    Raises:
        ModelError: It is there no more.
    """
    prepared = load_prepared(spec, cache)
    if prepared is None:
        raise ModelError(
            f"the prepared data under {cache} disappeared while the trial started; start it again"
        )
    return prepared


def prepare(spec: ExperimentSpec, cache: Path) -> Iterator[Event]:
    """Make what ``load_prepared`` loads, unless it is there and whole; one process works, others wait for it.

    Raises:
        DatasetError: when a dataset cannot be used.
        ModelError: when the teacher cannot be used.
        SettingError: when rows are longer than the teacher takes.
    """
    if EMBEDDED in (spec.task.dataset, spec.task.eval_dataset, spec.teacher.model):
        yield from _make_embedded(cache)
    folder = prepared_folder(spec, cache)
    waiting = "waiting for another process that prepares the same data"
    yield from make_once(folder, lambda part: _make(spec, cache, part), waiting)


def _make(spec: ExperimentSpec, cache: Path, folder: Path) -> Iterator[Event]:
    task = experiment_task(spec, cache)
    yield Progress(0.0, "reading the dataset")
    examples = task.read()
    yield Progress(0.1, f"loading the teacher {spec.teacher.model}")
    model, tokenizer = load_teacher(
        teacher_source(spec, cache), head=task.head, labels=task.labels, trained=spec.teacher.trained
    )
    parts: dict[str, Part] = {}
    for name, items in examples.items():
        yield Progress(0.15, f"encoding {_count(items)} {name} examples")
        rows = task.encode(tokenizer, items, name)
        _check_length(rows, model, spec)
        parts[name] = Part(items, rows)
        task.save(parts[name], folder / name)
    record: dict[str, dict[str, float]] = {"teacher_metrics": {}, "teacher_errors": {}}
    if spec.teacher.trained:
        yield from _run_teacher(spec, task, model, parts, folder, record)
    (folder / TEACHER_FILE).write_text(json.dumps(record), encoding="utf-8")


def _run_teacher(
    spec: ExperimentSpec,
    task: Task,
    model: Any,  # noqa: ANN401 - transformers is untyped
    parts: dict[str, Part],
    folder: Path,
    record: dict[str, dict[str, float]],
) -> Iterator[Event]:
    """Run the teacher once over everything; its outputs on the training rows are kept, and its scores."""
    device = default_device()
    model.to(device)
    precision = choose_precision(spec.training.precision, device, model.config.hidden_size)
    if OUTPUT_NAMES[task.head]:
        rows = parts["training"].rows
        yield Progress(0.2, f"the teacher answers {len(rows):,} training rows")
        hidden = _output_file(folder, "hidden") if spec.teacher.keep_hidden_states else None
        outputs = predict(
            model, rows, task.head, batch_size=TEACHER_BATCH, precision=precision, hidden=hidden
        )
        for name in OUTPUT_NAMES[task.head]:
            np.save(_output_file(folder, name), outputs[name])
    yield Progress(0.8, f"the teacher answers {len(parts['evaluation'].rows):,} evaluation rows")
    scores: Scores = evaluate(model, task, parts, batch_size=TEACHER_BATCH, precision=precision)
    record["teacher_metrics"] = scores.metrics
    record["teacher_errors"] = scores.standard_errors
    write_example_scores(scores.example_scores, folder / TEACHER_EXAMPLES_FILE)
    if scores.predictions:
        write_predictions(scores.predictions, folder / TEACHER_PREDICTIONS_FILE)


def _make_embedded(cache: Path) -> Iterator[Event]:
    """Make the embedded data; should another process die over it, this one takes its place."""
    while not embedded_data(cache).teacher.exists():
        with try_lock(cache / "embedded.lock") as mine:
            if mine:
                yield from make_embedded_data(cache)
        if not mine:
            yield Progress(0.0, "waiting for another process that makes the embedded data")
            time.sleep(WAIT_SECONDS)


def _check_length(rows: Rows, model: Any, spec: ExperimentSpec) -> None:  # noqa: ANN401
    longest, most = int(rows.lengths.max()), max_positions(model)
    if longest > most:
        raise SettingError(
            f"task.max_length is {spec.task.max_length} and the longest row has {longest} tokens, but the teacher "
            f"{spec.teacher.model} takes at most {most}; set task.max_length to {most} or less"
        )


def _output_file(folder: Path, name: str) -> Path:
    return folder / f"teacher_{name}.npy"


def _count(items: Sequence[object]) -> str:
    return f"{len(items):,}" if hasattr(items, "__len__") else "all"

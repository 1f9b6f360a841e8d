"""What all trials of an experiment share: sampled questions, their features, and the teacher's logits and scores."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from engine.distill.batches import Logits
from engine.distill.embedded import embedded_data, make_embedded_data
from engine.distill.evaluation import QuestionSet, score_decoded
from engine.distill.inference import predict
from engine.distill.model_folder import load_teacher
from engine.distill.precision import choose_precision, default_device
from engine.errors import DatasetError, SettingError
from engine.events import Event, Progress
from engine.experiment import EMBEDDED, ExperimentSpec
from engine.file_lock import try_lock
from engine.tasks.question_files import load_questions, save_questions
from engine.tasks.squad import is_path, load_squad
from engine.tasks.squad_decode import decode
from engine.tasks.squad_features import Features, encode
from engine.tasks.squad_records import Question
from engine.tasks.squad_sampling import paragraph_key, sample, split_by_paragraph

log = logging.getLogger(__name__)

FORMAT = 2
PARTS = ("training", "calibration", "evaluation")
TEACHER_BATCH = 32
WAIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data and teacher of an experiment, ready for students.

    Attributes:
        training: questions students learn from.
        calibration: held-back training questions for the no-answer threshold.
        evaluation: questions all metrics are measured on.
        teacher_logits: of the training windows.
        teacher: folder or hub name of the teacher.
        teacher_metrics: the teacher's own metrics on the evaluation questions.
        teacher_errors: their standard errors.
    """

    training: QuestionSet
    calibration: QuestionSet
    evaluation: QuestionSet
    teacher_logits: Logits
    teacher: str
    teacher_metrics: dict[str, float]
    teacher_errors: dict[str, float]


def load_prepared(spec: ExperimentSpec, cache: Path) -> Prepared | None:
    """What ``prepare`` made for the specification, memory-mapped, or None."""
    folder = _folder(spec, cache)
    if not folder.exists():
        return None
    sets = {
        part: QuestionSet(load_questions(folder / part / "questions.jsonl"), Features.load(folder / part))
        for part in PARTS
    }
    record = json.loads((folder / "teacher.json").read_text(encoding="utf-8"))
    logits = np.load(folder / "teacher_logits.npy", mmap_mode="r")
    return Prepared(
        sets["training"],
        sets["calibration"],
        sets["evaluation"],
        Logits(logits[0], logits[1]),
        teacher_source(spec, cache),
        **record,
    )


def prepare(spec: ExperimentSpec, cache: Path) -> Iterator[Event]:
    """Make what ``load_prepared`` loads, unless it is there; one process works, others wait for it.

    Raises:
        DatasetError: when a dataset cannot be used.
        ModelError: when the teacher cannot be used.
        SettingError: when windows are longer than the teacher takes.
    """
    folder = _folder(spec, cache)
    while not folder.exists():
        with try_lock(folder.with_suffix(".lock")) as mine:
            if mine and not folder.exists():
                yield from _make(spec, cache, folder)
                return
        if not mine:
            yield Progress(0.0, "waiting for another process that prepares the same data")
            time.sleep(WAIT_SECONDS)


def _make(spec: ExperimentSpec, cache: Path, folder: Path) -> Iterator[Event]:
    if EMBEDDED in (spec.task.dataset, spec.teacher.model):
        yield from _make_embedded(cache)
    yield Progress(0.0, "reading the dataset")
    questions = dict(zip(PARTS, read_questions(spec, cache), strict=True))
    yield Progress(0.1, f"loading the teacher {spec.teacher.model}")
    model, tokenizer = load_teacher(teacher_source(spec, cache))
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    features: dict[str, Features] = {}
    for name, items in questions.items():
        yield Progress(0.15, f"encoding {len(items):,} {name} questions")
        task = spec.task
        features[name] = encode(
            tokenizer,
            items,
            max_length=task.max_length,
            doc_stride=task.doc_stride,
            max_query_length=task.max_query_length,
        )
        _check_length(features[name], model, spec)
        features[name].save(part / name)
        save_questions(items, part / name / "questions.jsonl")
    yield from _run_teacher(spec, model, questions, features, part)
    part.rename(folder)


def _make_embedded(cache: Path) -> Iterator[Event]:
    """Make the embedded data; should another process die over it, this one takes its place."""
    while not embedded_data(cache).teacher.exists():
        with try_lock(cache / "embedded.lock") as mine:
            if mine:
                yield from make_embedded_data(cache)
        if not mine:
            yield Progress(0.0, "waiting for another process that makes the embedded data")
            time.sleep(WAIT_SECONDS)


def _check_length(features: Features, model: Any, spec: ExperimentSpec) -> None:  # noqa: ANN401
    longest, most = int(features.lengths.max()), int(model.config.max_position_embeddings)
    if longest > most:
        raise SettingError(
            f"task.max_length is {spec.task.max_length} and the longest window has {longest} tokens, but the teacher "
            f"{spec.teacher.model} takes at most {most}; set task.max_length to {most} or less"
        )


def _run_teacher(
    spec: ExperimentSpec,
    model: Any,  # noqa: ANN401 - transformers is untyped
    questions: dict[str, Sequence[Question]],
    features: dict[str, Features],
    part: Path,
) -> Iterator[Event]:
    """Run the teacher once over everything; keeps its training logits and its scores."""
    device = default_device()
    model.to(device)
    precision = choose_precision(spec.training.precision, device, model.config.hidden_size)
    logits: dict[str, Logits] = {}
    for share, name in zip((0.2, 0.8, 0.9), PARTS, strict=True):
        yield Progress(share, f"the teacher answers {len(questions[name]):,} {name} questions")
        logits[name] = predict(model, features[name], TEACHER_BATCH, precision)
    np.save(part / "teacher_logits.npy", np.stack([logits["training"].start, logits["training"].end]))
    decoded = {
        name: decode(
            features[name],
            questions[name],
            logits[name].start,
            logits[name].end,
            max_answer_length=spec.task.max_answer_length,
        )
        for name in ("calibration", "evaluation")
    }
    result = score_decoded(
        questions["evaluation"],
        decoded["evaluation"],
        questions["calibration"],
        decoded["calibration"],
        spec.task.score,
    )
    record = {"teacher_metrics": result.metrics, "teacher_errors": result.standard_errors}
    (part / "teacher.json").write_text(json.dumps(record), encoding="utf-8")


def read_questions(
    spec: ExperimentSpec, cache: Path
) -> tuple[Sequence[Question], Sequence[Question], Sequence[Question]]:
    """Training, calibration and evaluation questions, sampled by the experiment's seed.

    No paragraph is in two of the three parts.
    """
    task, seed = spec.task, spec.seed
    sources = _sources(spec, cache)
    questions = _load(sources[0], "train")
    evaluation: Sequence[Question]
    if len(sources) == 2:
        evaluation = _load(sources[1], "validation")
        held_out = {paragraph_key(item) for item in evaluation}
        training: Sequence[Question] = [item for item in questions if paragraph_key(item) not in held_out]
        if not training:
            raise DatasetError(
                f"every paragraph of the dataset {sources[0]} is in the evaluation dataset {sources[1]} too; "
                "give different files, or leave eval_dataset out to have a part split off"
            )
    else:
        training, evaluation = split_by_paragraph(questions, task.eval_fraction, seed)
    training = sample(training, task.train_samples, seed)
    training, calibration = split_by_paragraph(training, task.calibration_fraction, seed)
    for name, items in (("training", training), ("calibration", calibration), ("evaluation", evaluation)):
        if not items:
            raise DatasetError(f"{sources[0]} has too few paragraphs: none is left for the {name} part")
    return training, calibration, sample(evaluation, task.eval_samples, seed)


def _load(source: str, split: Literal["train", "validation"]) -> Sequence[Question]:
    """Questions of a dataset; what had to be mended in it goes to the trial's log."""
    found = load_squad(source, split)
    if found.repaired or found.dropped:
        log.warning(
            "%s: %d answers were not where their offset says and were put right; %d answers are not in their "
            "context and were left out, with %d questions that had no other",
            *(found.source, found.repaired, found.dropped, found.dropped_questions),
        )
    return found.questions


def teacher_source(spec: ExperimentSpec, cache: Path) -> str:
    """Folder or hub name of the teacher."""
    return str(embedded_data(cache).teacher) if spec.teacher.model == EMBEDDED else spec.teacher.model


def _sources(spec: ExperimentSpec, cache: Path) -> tuple[str, ...]:
    data = embedded_data(cache)
    if spec.task.dataset == EMBEDDED and spec.task.eval_dataset is None:
        return str(data.train), str(data.evaluation)
    first = str(data.train) if spec.task.dataset == EMBEDDED else spec.task.dataset
    if spec.task.eval_dataset is None:
        # A hub dataset has its own validation split.
        return (first,) if is_path(first) else (first, first)
    second = str(data.evaluation) if spec.task.eval_dataset == EMBEDDED else spec.task.eval_dataset
    return first, second


def _folder(spec: ExperimentSpec, cache: Path) -> Path:
    """Named by everything its content depends on: task, teacher, seed, precision and the files' identity."""
    sources = [*_sources(spec, cache), teacher_source(spec, cache)]
    record = [
        FORMAT,
        spec.task.model_dump(mode="json"),
        spec.seed,
        spec.training.precision,
        [_identity(source, embedded_data(cache).folder) for source in sources],
    ]
    key = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:20]
    return cache / "prepared" / key


def _identity(source: str, embedded: Path) -> list[object]:
    """Name of a source, with size and time of change of the files behind it; of embedded data its version."""
    if Path(source).is_relative_to(embedded):
        return [EMBEDDED, str(Path(source).relative_to(embedded.parent))]
    path = Path(source).expanduser()
    if not path.exists():
        return [source]
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [
        str(path.resolve()),
        [[item.name, item.stat().st_size, item.stat().st_mtime_ns] for item in files],
    ]

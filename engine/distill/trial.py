"""The two kinds of trial as generators of events: preparing and measuring the teacher, and distilling a student."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import torch

from engine.distill.agora.making import make_rounds
from engine.distill.agora.trials import augmentation_trial, with_rounds
from engine.distill.extraction.trials import candidate_trial, maximum_trial
from engine.distill.hyperparameters import Hyperparameters, hyperparameters
from engine.distill.measuring.evaluation import evaluate
from engine.distill.measuring.measurement import (
    int8_metrics,
    latency_length,
    latency_metrics,
    size_metrics,
)
from engine.distill.models.card import model_card
from engine.distill.models.folder import load_teacher, save_student
from engine.distill.prepared import Prepared, needed_prepared, prepare
from engine.distill.students.anatomy import architecture_of
from engine.distill.training.cpu_attention import as_before
from engine.distill.training.loop import train
from engine.distill.training.parallel import with_peers
from engine.distill.training.precision import default_device
from engine.distill.training.student_training import Student, build, student_precision, training_run
from engine.events import Event, Finished, Progress
from engine.extraction.requirements import EXTRACT
from engine.tasks.example_scores import ExampleScores, wanted, write_example_scores
from engine.tasks.interface import Scores
from engine.tasks.predictions import write_examples, write_predictions
from engine.trial_folder import TrialFolder, TrialSpec

Trainable = Callable[[TrialSpec, TrialFolder], Generator[Event, None, None]]


def teacher_trial(spec: TrialSpec, folder: TrialFolder) -> Generator[Event, None, None]:
    """Prepare what all trials share and measure the teacher on the same examples and the same input as they."""
    yield from prepare(spec.experiment, spec.cache)
    prepared = needed_prepared(spec.experiment, spec.cache)
    yield Progress(0.95, "measuring the teacher's latency")
    task, training = prepared.task, spec.experiment.training
    model, _ = load_teacher(
        prepared.teacher, head=task.head, labels=task.labels, trained=spec.experiment.teacher.trained
    )
    model.to(default_device())
    metrics = prepared.teacher_metrics | size_metrics(model, training) | latency_metrics(model, training)
    _keep_example_scores(spec, prepared.teacher_examples(), folder)
    _keep_answers(prepared, folder)
    folder.architecture.write_text(json.dumps(asdict(architecture_of(model))), encoding="utf-8")
    yield Finished(metrics, prepared.teacher_errors)


def student_trial(spec: TrialSpec, folder: TrialFolder) -> Generator[Event, None, None]:
    """Build a student from the teacher, distil it, measure it, and save it in the trial's folder."""
    yield Progress(0.0, "building the student")
    yield from prepare(spec.experiment, spec.cache)
    prepared = needed_prepared(spec.experiment, spec.cache)
    yield from make_rounds(spec, folder, prepared)
    prepared = with_rounds(spec, folder, prepared)
    training = spec.experiment.training
    torch.use_deterministic_algorithms(training.deterministic)
    settings = hyperparameters(spec.experiment.fixed, spec.parameters)
    student = build(spec, prepared, settings)
    precision = student_precision(spec, student)
    score = partial(
        evaluate,
        task=prepared.task,
        parts=prepared.parts,
        batch_size=settings.eval_batch_size,
    )
    last: list[Scores] = []

    def evaluate_and_keep(model: Any) -> Scores:  # noqa: ANN401 - transformers is untyped
        last[:] = [score(model, precision=precision)]
        return last[0]

    run = training_run(spec, prepared, settings, student, precision)
    with with_peers(folder.path, training.devices, "engine.distill.training.peer_process") as peers:
        run = replace(run, evaluate=evaluate_and_keep, checkpoint=folder.checkpoint, peers=peers)
        spent = yield from train(student.model, run)
    as_before(student.model)
    scores = last[0] if last else evaluate_and_keep(student.model)
    yield Progress(1.0, "measuring the student")
    metrics = scores.metrics | spent | size_metrics(student.model, training)
    metrics |= latency_metrics(student.model, training)
    errors, by_example = dict(scores.standard_errors), dict(scores.example_scores)
    if training.int8:
        small = int8_metrics(student.model, training, partial(score, precision="fp32"))
        metrics |= small.metrics
        errors |= small.standard_errors
        by_example |= small.example_scores
    yield Progress(1.0, "saving the model")
    if scores.predictions:
        write_predictions(scores.predictions, folder.predictions)
    _keep_example_scores(spec, by_example, folder)
    _save(spec, settings, student, prepared, Scores(metrics, errors), folder)
    yield Finished(metrics, errors)


TRAINABLES: dict[str, Trainable] = {
    "teacher": teacher_trial,
    "baseline": student_trial,
    "student": student_trial,
    "augmentation": augmentation_trial,
}
"""What runs for a trial of each role."""


def trainable_of(spec: TrialSpec) -> Trainable:
    """What runs for a trial: by its role and, where its strategy has trials of its own kind, by that."""
    if spec.experiment.strategy.name == EXTRACT:
        return maximum_trial if spec.role == "teacher" else candidate_trial
    return TRAINABLES[spec.role]


def _keep_example_scores(spec: TrialSpec, scores: Mapping[str, ExampleScores], folder: TrialFolder) -> None:
    """Write those of the task's own metric and of the metrics the specification names."""
    kept = wanted(scores, {metric.name for metric in spec.experiment.metrics})
    if kept:
        write_example_scores(kept, folder.example_scores)


def _keep_answers(prepared: Prepared, folder: TrialFolder) -> None:
    """Keep the evaluation examples, which are those of all trials, and what the teacher answered, if it was asked."""
    task = prepared.task
    texts = task.texts(prepared.parts[task.parts[-1]].examples)
    if texts:
        write_examples(texts, folder.examples)
    if prepared.teacher_predictions.exists():
        shutil.copyfile(prepared.teacher_predictions, folder.predictions)


def _save(
    spec: TrialSpec,
    settings: Hyperparameters,
    student: Student,
    prepared: Prepared,
    scores: Scores,
    folder: TrialFolder,
) -> None:
    length = latency_length(student.model, spec.experiment.training)
    card = model_card(spec, settings, scores.metrics, scores.standard_errors, prepared, length)
    save_student(student.model, student.tokenizer, folder.model, card=card)

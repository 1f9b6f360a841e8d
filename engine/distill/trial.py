"""The two kinds of trial as generators of events: preparing and measuring the teacher, and distilling a student."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

from engine.distill.anatomy import architecture_of
from engine.distill.architecture import encoder_parameters, flops, model_mb, num_parameters
from engine.distill.evaluation import EvaluationResult, evaluate
from engine.distill.hyperparameters import Hyperparameters, hyperparameters
from engine.distill.latency import measure_latency
from engine.distill.model_card import model_card
from engine.distill.model_folder import load_teacher, save_student
from engine.distill.precision import choose_precision, default_device
from engine.distill.prepared import Prepared, load_prepared, prepare
from engine.distill.student import build_student
from engine.distill.training import TrainingRun, train
from engine.errors import ModelError
from engine.events import Event, Finished, Progress
from engine.trial_folder import TrialFolder, TrialSpec

Trainable = Callable[[TrialSpec, TrialFolder], Generator[Event, None, None]]


def teacher_trial(spec: TrialSpec, folder: TrialFolder) -> Generator[Event, None, None]:  # noqa: ARG001 - same shape as a student's
    """Prepare what all trials share and measure the teacher on the same questions and the same input as they."""
    yield from prepare(spec.experiment, spec.cache)
    prepared = _prepared(spec)
    yield Progress(0.95, "measuring the teacher's latency")
    model, _ = load_teacher(prepared.teacher)
    model.to(default_device())
    metrics = prepared.teacher_metrics | size_metrics(model, spec) | latency_metrics(model, spec)
    yield Finished(metrics, prepared.teacher_errors)


def student_trial(spec: TrialSpec, folder: TrialFolder) -> Generator[Event, None, None]:
    """Build a student from the teacher, distil it, measure it, and save it in the trial's folder."""
    yield Progress(0.0, "building the student")
    yield from prepare(spec.experiment, spec.cache)
    prepared = _prepared(spec)
    settings = hyperparameters(spec.experiment.fixed, spec.parameters)
    student, tokenizer = _build(prepared.teacher, spec, settings)
    student.to(default_device())
    last: list[EvaluationResult] = []
    training = spec.experiment.training
    width = architecture_of(student).hidden_size
    precision = choose_precision(training.precision, default_device(), width)
    score = partial(
        evaluate,
        evaluation=prepared.evaluation,
        calibration=prepared.calibration,
        batch_size=settings.eval_batch_size,
        precision=precision,
        max_answer_length=spec.experiment.task.max_answer_length,
        scoring=spec.experiment.task.score,
    )

    def evaluate_and_keep(model: Any) -> EvaluationResult:  # noqa: ANN401 - transformers is untyped
        last[:] = [score(model)]
        return last[0]

    seconds = yield from train(
        student,
        TrainingRun(
            features=prepared.training.features,
            teacher=prepared.teacher_logits,
            settings=settings,
            seed=spec.seed,
            precision=precision,
            evaluations=training.evaluations,
            evaluate=evaluate_and_keep,
            checkpoint=folder.checkpoint,
            checkpoint_seconds=training.checkpoint_seconds,
        ),
    )
    result = last[0] if last else score(student)
    metrics = result.metrics | size_metrics(student, spec) | latency_metrics(student, spec)
    metrics["train_seconds"] = seconds
    yield Progress(1.0, "saving the model")
    _save_predictions(result, folder)
    card = model_card(
        spec, settings, metrics, result.standard_errors, prepared, latency_length(student, spec)
    )
    save_student(student, tokenizer, folder.model, card=card)
    yield Finished(metrics, result.standard_errors)


TRAINABLES: dict[str, Trainable] = {
    "teacher": teacher_trial,
    "baseline": student_trial,
    "student": student_trial,
}
"""What runs for a trial of each role."""


def size_metrics(model: Any, spec: TrialSpec) -> dict[str, float]:  # noqa: ANN401
    """Exact sizes of a model: parameters, megabytes in fp32, and operations for the input latency is timed on."""
    architecture = architecture_of(model)
    return {
        "num_parameters": num_parameters(architecture),
        "encoder_parameters": encoder_parameters(architecture),
        "flops": flops(architecture, latency_length(model, spec)),
        "model_mb": model_mb(architecture),
    }


def latency_metrics(model: Any, spec: TrialSpec) -> dict[str, float]:  # noqa: ANN401
    """Median latency in milliseconds on one thread (or the GPU), for the experiment's fixed input."""
    training = spec.experiment.training
    latency = measure_latency(
        model,
        length=latency_length(model, spec),
        batch=training.latency_batch,
        repeats=training.latency_repeats,
        threads=1,
    )
    return {"latency_ms": latency.median_ms}


def latency_length(model: Any, spec: TrialSpec) -> int:  # noqa: ANN401
    """Tokens of the input that latency and operations are given for: as set, or the most the model takes."""
    return min(spec.experiment.training.latency_length, architecture_of(model).max_positions)


def _prepared(spec: TrialSpec) -> Prepared:
    prepared = load_prepared(spec.experiment, spec.cache)
    if prepared is None:
        raise ModelError(
            f"the prepared data under {spec.cache} disappeared while the trial started; start it again"
        )
    return prepared


def _build(source: str, spec: TrialSpec, settings: Hyperparameters) -> tuple[Any, Any]:
    """The student and its tokenizer; the teacher's weights are let go, training needs only its logits."""
    student = spec.experiment.student
    teacher, tokenizer = load_teacher(source)
    built = build_student(
        teacher,
        n_layers=settings.n_layers,
        n_heads=settings.n_heads,
        family=None if student.family == "same" else student.family,
        layers_from=student.layers_from,
        pruning_seed=settings.pruning_seed,
        dropout=settings.dropout,
        attention_dropout=settings.attention_dropout,
        qa_dropout=settings.qa_dropout,
        initializer_range=settings.initializer_range,
        seed=spec.seed,
    )
    return built, tokenizer


def _save_predictions(result: EvaluationResult, folder: TrialFolder) -> None:
    """Answers as given under the chosen threshold, with the best span and how much the model prefers none."""
    odds = result.decoded.null_odds
    record = {
        key: {
            "answer": "" if odds[key] > result.threshold else text,
            "best_span": text,
            "null_odds": odds[key],
        }
        for key, text in result.decoded.best_text.items()
    }
    folder.predictions.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")

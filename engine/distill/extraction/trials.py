"""The trials of an extraction as generators of events: the maximum point's, and a candidate's few steps."""

from __future__ import annotations

import json
import math
from collections.abc import Generator
from dataclasses import asdict
from typing import Any

import torch

from engine.distill.extraction.last_layer import Distance, distance, last_layer_objective
from engine.distill.extraction.lesson import Lesson, costs_of, load_lesson, make_lesson
from engine.distill.extraction.maximum import encoder_latency
from engine.distill.hyperparameters import Hyperparameters, hyperparameters
from engine.distill.measuring.measurement import latency_metrics, size_metrics, training_cost
from engine.distill.models.folder import save_student
from engine.distill.prepared import load_prepared, prepare
from engine.distill.students.anatomy import architecture_of
from engine.distill.students.bort_lemmas import lemma_sizes
from engine.distill.training.cpu_attention import as_before, train_fast_on_cpu
from engine.distill.training.loop import TrainingRun, train
from engine.distill.training.precision import Precision, choose_precision, default_device
from engine.distill.training.student_training import build_of
from engine.errors import DivergenceError, ModelError
from engine.events import Event, Finished, Progress
from engine.extraction.coefficient import w_coefficient
from engine.trial_folder import TrialFolder, TrialSpec


def maximum_trial(spec: TrialSpec, folder: TrialFolder) -> Generator[Event, None, None]:
    """Make what the candidates learn from, and measure the maximum point as they are measured; it has no W."""
    lesson = yield from _lesson(spec)
    yield Progress(0.95, "measuring the maximum point")
    model, _ = lesson.load_maximum()
    training = spec.experiment.training
    found = distance(model, lesson.held_out, model, lesson.sight, _precision(spec, model))
    metrics, errors = _error_metrics(spec, found)
    metrics |= lesson.sizes | size_metrics(model, training) | latency_metrics(model, training)
    folder.architecture.write_text(json.dumps(asdict(architecture_of(model))), encoding="utf-8")
    yield Finished(metrics, errors)


def candidate_trial(spec: TrialSpec, folder: TrialFolder) -> Generator[Event, None, None]:
    """Train an architecture from scratch for a few steps towards the maximum point, and work out its W.

    Every candidate sees the same batches with the same tokens chosen; its first weights are its own.

    Raises:
        DivergenceError: when the error comes out as no finite number.
    """
    yield Progress(0.0, "building the candidate")
    lesson = yield from _lesson(spec)
    maximum, tokenizer = lesson.load_maximum()
    settings = _settings(spec, lesson)
    model, _ = build_of(maximum, spec, settings)
    train_fast_on_cpu(model)
    spent = yield from _train(spec, lesson, folder, model, maximum, settings)
    as_before(model)
    yield Progress(1.0, "measuring the candidate")
    training = spec.experiment.training
    found = distance(model, lesson.held_out, maximum, lesson.sight, _precision(spec, model))
    metrics, errors = _error_metrics(spec, found)
    sizes = lemma_sizes(architecture_of(model), training.latency_length)
    if spec.experiment.extract.speed == "latency":
        sizes["encoder_latency_ms"] = encoder_latency(model, training)
    metrics |= sizes | spent | size_metrics(model, training) | latency_metrics(model, training)
    speed, error = spec.experiment.extract.speed, metrics["surrogate_error"]
    metrics["w"] = w_coefficient(costs_of(sizes, speed), costs_of(lesson.sizes, speed), error)
    if "surrogate_error" in errors and error > 0:
        errors["w"] = metrics["w"] * errors["surrogate_error"] / error
    if spec.experiment.extract.keep_models:
        save_student(model, tokenizer, folder.model)
    yield Finished(metrics, errors)


def _lesson(spec: TrialSpec) -> Generator[Event, None, Lesson]:
    yield from prepare(spec.experiment, spec.cache)
    prepared = load_prepared(spec.experiment, spec.cache)
    if prepared is not None:
        yield from make_lesson(spec.experiment, spec.cache, prepared)
        lesson = load_lesson(spec.experiment, spec.cache, prepared)
        if lesson is not None:
            return lesson
    raise ModelError(
        f"the prepared data under {spec.cache} disappeared while the trial started; start it again"
    )


def _settings(spec: TrialSpec, lesson: Lesson) -> Hyperparameters:
    """The trial's hyperparameters, with as many epochs as the steps are."""
    settings = hyperparameters(spec.experiment.fixed, spec.parameters)
    per_epoch = -(-len(lesson.training.rows) // settings.train_batch_size)
    return settings.model_copy(update={"epochs": spec.experiment.extract.steps / per_epoch})


def _train(
    spec: TrialSpec,
    lesson: Lesson,
    folder: TrialFolder,
    model: Any,  # noqa: ANN401 - transformers is untyped
    maximum: Any,  # noqa: ANN401
    settings: Hyperparameters,
) -> Generator[Event, None, dict[str, float]]:
    training = spec.experiment.training
    run = TrainingRun(
        rows=lesson.training.rows,
        objective=last_layer_objective(lesson.training, maximum, lesson.sight, _precision(spec, model)),
        settings=settings,
        seed=spec.experiment.seed,
        max_tokens=training.max_tokens,
        checkpoint=folder.checkpoint,
        checkpoint_seconds=training.checkpoint_seconds,
        cost=training_cost(architecture_of(model), None, lesson.sight.probability),
    )
    torch.use_deterministic_algorithms(training.deterministic)
    return (yield from train(model, run))


def _precision(spec: TrialSpec, model: Any) -> Precision:  # noqa: ANN401
    width = architecture_of(model).hidden_size
    return choose_precision(spec.experiment.training.precision, default_device(), width)


def _error_metrics(spec: TrialSpec, found: Distance) -> tuple[dict[str, float], dict[str, float]]:
    """The error that counts, both of its forms, and their standard errors."""
    metrics = {"cross_entropy": found.cross_entropy, "divergence": found.divergence}
    if not all(math.isfinite(value) for value in metrics.values()):
        raise DivergenceError(
            "the candidate's predictions are no finite numbers after its steps; lower learning_rate"
        )
    metrics["surrogate_error"] = metrics[spec.experiment.extract.error]
    errors = {} if math.isnan(found.standard_error) else dict.fromkeys(metrics, found.standard_error)
    return metrics, errors

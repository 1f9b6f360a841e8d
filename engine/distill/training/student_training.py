"""From a trial's settings to its student and its training: what is built, what is minimised, what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.losses.masked_lm_objective import MaskedLMData, masked_lm_objective
from engine.distill.losses.masked_lm_weights import method_weights
from engine.distill.losses.masking import read_vocabulary
from engine.distill.losses.matching import TeacherMatch, match_weights
from engine.distill.losses.objectives import Objective, task_objective
from engine.distill.measuring.measurement import training_cost
from engine.distill.models.folder import load_teacher
from engine.distill.prepared import Prepared
from engine.distill.students.anatomy import architecture_of
from engine.distill.students.asked_shape import asked_shape
from engine.distill.students.build import build_planned
from engine.distill.students.plan import StudentPlan, plan_student
from engine.distill.training.cpu_attention import train_fast_on_cpu
from engine.distill.training.loop import TrainingRun
from engine.distill.training.precision import Precision, choose_precision, default_device
from engine.trial_folder import TrialSpec


@dataclass(frozen=True, slots=True)
class Student:
    """A student ready to be trained.

    Attributes:
        model: on the trial's device.
        tokenizer: the teacher's.
        plan: which of the teacher's parts it is made of.
        teacher: the teacher on the same device where it is asked in every step; None where its outputs were kept.
    """

    model: Any
    tokenizer: Any
    plan: StudentPlan
    teacher: Any | None


def build(spec: TrialSpec, prepared: Prepared, settings: Hyperparameters) -> Student:
    """The student; the teacher's weights are let go unless training needs them."""
    task = prepared.task
    teacher, tokenizer = load_teacher(
        prepared.teacher,
        head=task.head,
        labels=task.labels,
        trained=spec.experiment.teacher.trained,
        seed=spec.seed,
    )
    model, plan = build_of(teacher, spec, settings)
    if settings.alpha_attention == 0:
        train_fast_on_cpu(model)
    kept = teacher.to(default_device()).eval() if _needs_teacher(prepared, settings) else None
    return Student(model, tokenizer, plan, kept)


def build_of(teacher: Any, spec: TrialSpec, settings: Hyperparameters) -> tuple[Any, StudentPlan]:  # noqa: ANN401
    """A trial's model on its device, made of a teacher as far as the specification says, and its plan."""
    plan = plan_student(teacher, asked_shape(spec.experiment.student, settings, spec.seed))
    model: Any = build_planned(
        teacher,
        plan,
        dropout=settings.dropout,
        attention_dropout=settings.attention_dropout,
        qa_dropout=settings.qa_dropout,
        initializer_range=settings.initializer_range,
    )
    model.to(default_device())
    if spec.experiment.training.gradient_checkpointing:
        model.activation_checkpointing_enable()
    return model, plan


def student_precision(spec: TrialSpec, student: Student) -> Precision:
    """The arithmetic a student runs in."""
    width = architecture_of(student.model).hidden_size
    return choose_precision(spec.experiment.training.precision, default_device(), width)


def training_run(
    spec: TrialSpec,
    prepared: Prepared,
    settings: Hyperparameters,
    student: Student,
    precision: Precision,
) -> TrainingRun:
    """The student's training; who evaluates it and where its checkpoints go is up to the caller."""
    training = spec.experiment.training
    asked = None if student.teacher is None else architecture_of(student.teacher)
    return TrainingRun(
        rows=prepared.parts["training"].rows,
        objective=_objective(spec, prepared, settings, student, precision),
        settings=settings,
        seed=spec.seed,
        teacher=prepared.teacher_outputs,
        max_tokens=training.max_tokens,
        evaluations=training.evaluations,
        first_evaluation=training.first_evaluation,
        collapsed_evaluations=training.collapsed_evaluations,
        checkpoint_seconds=training.checkpoint_seconds,
        cost=training_cost(architecture_of(student.model), asked, _head_share(prepared, settings)),
        compiled=training.compile,
    )


def _head_share(prepared: Prepared, settings: Hyperparameters) -> float:
    """Share of the tokens that the heads are applied to in training."""
    if prepared.task.head != "masked_lm" or method_weights(settings).soft_everywhere:
        return 1.0
    return settings.mask_probability


def _needs_teacher(prepared: Prepared, settings: Hyperparameters) -> bool:
    """Whether the teacher has to be asked in every step."""
    if prepared.task.head == "masked_lm":
        return method_weights(settings).need_teacher
    weights = match_weights(settings)
    return weights.layerwise or (weights.cosine > 0 and "hidden" not in prepared.teacher_outputs)


def _objective(
    spec: TrialSpec,
    prepared: Prepared,
    settings: Hyperparameters,
    student: Student,
    precision: Precision,
) -> Objective:
    task, weights = prepared.task, match_weights(settings)
    units = torch.tensor(student.plan.hidden_units, device=default_device())
    if task.head == "masked_lm":
        rows = prepared.parts["training"].rows
        vocabulary = read_vocabulary(rows, settings.mask_smoothing)
        data = MaskedLMData(rows, vocabulary, spec.seed, settings.mask_probability)
        return masked_lm_objective(data, method_weights(settings), precision, student.teacher, units=units)
    match = TeacherMatch(weights, student.teacher, units=units) if weights.any else None
    return task_objective(task.head, task.labels, settings, precision, match)

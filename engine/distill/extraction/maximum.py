"""The maximum point: its latency, and its training where it is the largest architecture of the space."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.distill.hyperparameters import Hyperparameters, hyperparameters
from engine.distill.losses.masked_lm_objective import MaskedLMData, masked_lm_objective
from engine.distill.losses.masked_lm_weights import METHODS
from engine.distill.losses.masking import read_vocabulary
from engine.distill.measuring.latency import measure_latency
from engine.distill.models.folder import load_teacher, save_student
from engine.distill.prepared import Prepared
from engine.distill.students.anatomy import architecture_of, max_positions
from engine.distill.students.architecture import Architecture
from engine.distill.students.asked_shape import asked_shape
from engine.distill.students.bort_lemmas import lemma_sizes
from engine.distill.students.build import build_planned
from engine.distill.students.plan import plan_student
from engine.distill.students.shape import student_architecture
from engine.distill.training.cpu_attention import as_before, train_fast_on_cpu
from engine.distill.training.loop import TrainingRun, train
from engine.distill.training.precision import choose_precision, default_device
from engine.events import Event, Progress
from engine.experiment import ExperimentSpec
from engine.extraction.candidates import architectures
from engine.extraction.requirements import fixed_architecture
from engine.spec_sections import TrainingSection

MAXIMUM_RATE, MAXIMUM_WARM_UP = 5e-4, 0.1
"""Peak learning rate and share of warm-up of a maximum point that is trained here."""


def encoder_latency(model: Any, training: TrainingSection) -> float:  # noqa: ANN401 - transformers is untyped
    """Median milliseconds of the encoder alone, without its head, on the input latencies are measured with."""
    return measure_latency(
        model.base_model,
        length=min(training.latency_length, max_positions(model)),
        batch=training.latency_batch,
        repeats=training.latency_repeats,
        threads=1,
    ).median_ms


def largest_settings(spec: ExperimentSpec, vocabulary_of: Architecture) -> Hyperparameters:
    """Settings of the largest architecture of a space: most parameters and, among equals, most operations.

    Args:
        spec: an extraction.
        vocabulary_of: what candidates take their vocabulary and family from.
    """

    def size(settings: Hyperparameters) -> tuple[float, ...]:
        shape = asked_shape(spec.student, settings)
        return tuple(
            lemma_sizes(student_architecture(vocabulary_of, shape), spec.training.latency_length).values()
        )

    found = architectures(spec.space(), fixed_architecture(spec))
    return max((hyperparameters(spec.fixed, point) for point in found), key=size)


def train_largest(spec: ExperimentSpec, prepared: Prepared, folder: Path) -> Iterator[Event]:
    """Train the largest architecture of the space from scratch on masked LM alone, and save it.

    Candidates learn from what it says, so it learns for longer than they do (``extract.maximum_steps``) and by AdamW,
    whatever theirs is: a few hundred steps of SGD would leave it saying next to nothing.
    """
    teacher, tokenizer = load_teacher(prepared.teacher, head="masked_lm", trained=spec.teacher.trained)
    rows = prepared.parts["training"].rows
    settings = largest_settings(spec, architecture_of(teacher))
    per_epoch = -(-len(rows) // settings.train_batch_size)
    settings = settings.model_copy(
        update={
            "optimizer": "adamw",
            "learning_rate": MAXIMUM_RATE,
            "warm_up_share": MAXIMUM_WARM_UP,
            "schedule": "linear",
            "epochs": spec.extract.maximum_steps / per_epoch,
        }
    )
    plan = plan_student(teacher, asked_shape(spec.student, settings, spec.seed))
    model: Any = build_planned(
        teacher, plan, dropout=settings.dropout, attention_dropout=settings.attention_dropout
    )
    model.to(default_device())
    train_fast_on_cpu(model)
    yield Progress(0.3, f"training the largest architecture for {spec.extract.maximum_steps:,} steps")
    precision = choose_precision(spec.training.precision, default_device(), plan.architecture.hidden_size)
    data = MaskedLMData(rows, read_vocabulary(rows), spec.seed, settings.mask_probability)
    run = TrainingRun(
        rows=rows,
        objective=masked_lm_objective(data, METHODS["mlm"], precision),
        settings=settings,
        seed=spec.seed,
        max_tokens=spec.training.max_tokens,
    )
    for event in train(model, run):
        if isinstance(event, Progress):
            yield Progress(0.3 + 0.6 * event.fraction, f"the maximum point: {event.message}")
    as_before(model)
    save_student(model, tokenizer, folder)

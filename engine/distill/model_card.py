"""The model card of a student: data, teacher, settings, metrics with their standard errors, and how to use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.distill.hyperparameters import Hyperparameters
from engine.metric_catalogue import METRICS
from engine.trial_folder import TrialSpec

if TYPE_CHECKING:
    from engine.distill.prepared import Prepared

SCORES = ("exact", "f1", "HasAns_exact", "HasAns_f1", "NoAns_exact", "best_exact", "best_f1")
SIZES = ("num_parameters", "model_mb", "flops", "latency_ms", "train_seconds")


def model_card(
    spec: TrialSpec,
    settings: Hyperparameters,
    metrics: Mapping[str, float],
    standard_errors: Mapping[str, float],
    prepared: Prepared,
    latency_length: int,
) -> str:
    """The card as Markdown; ``latency_length`` is the number of tokens latency and operations were measured on."""
    task = spec.experiment.task
    rows = [_score_row(name, metrics, standard_errors, prepared) for name in SCORES if name in metrics]
    sizes = [_size_row(name, metrics[name]) for name in SIZES if name in metrics]
    chosen = [f"| {name} | {value} |" for name, value in settings.model_dump().items()]
    return "\n".join(
        [
            f"# {spec.name}, trial {spec.number}",
            "",
            f"A question-answering student distilled from `{spec.experiment.teacher.model}` on "
            f"`{task.dataset}` ({len(prepared.training.questions):,} training questions).",
            "",
            f"Measured on {len(prepared.evaluation.questions):,} evaluation questions. `exact` and `f1` use the "
            f"{task.score} no-answer threshold {metrics['no_answer_threshold']:.4f} "
            "(answer nothing when null score minus best span score is above it).",
            "",
            "| metric | student | standard error | teacher |",
            "|---|---|---|---|",
            *rows,
            "",
            f"| size and speed | value ({latency_length} tokens, "
            f"latency: batch {spec.experiment.training.latency_batch}) |",
            "|---|---|",
            *sizes,
            "",
            "| setting | value |",
            "|---|---|",
            *chosen,
            "",
            "```python",
            "from transformers import AutoModelForQuestionAnswering, AutoTokenizer",
            "",
            'model = AutoModelForQuestionAnswering.from_pretrained("path/to/this/folder")',
            'tokenizer = AutoTokenizer.from_pretrained("path/to/this/folder")',
            "```",
        ]
    )


def _size_row(name: str, value: float) -> str:
    info = METRICS[name]
    number = f"{value:,.0f}" if info.whole else f"{value:,.4g}"
    return f"| {name} | {number} {info.unit}".rstrip() + " |"


def _score_row(
    name: str, metrics: Mapping[str, float], standard_errors: Mapping[str, float], prepared: Prepared
) -> str:
    error = f"{standard_errors[name]:.2f}" if name in standard_errors else ""
    teacher = f"{prepared.teacher_metrics[name]:.2f}" if name in prepared.teacher_metrics else ""
    return f"| {name} | {metrics[name]:.2f} | {error} | {teacher} |"

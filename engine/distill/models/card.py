"""The model card of a student: data, teacher, settings, metrics with their standard errors, and how to use it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.measuring.hardware import hardware
from engine.distill.students.anatomy import HEAD_NAMES
from engine.metric_catalogue import METRICS, SIZE_METRICS
from engine.tasks.interface import Head
from engine.trial_folder import TrialSpec

if TYPE_CHECKING:
    from engine.distill.prepared import Prepared

SIZES = (*SIZE_METRICS, "int8_mb", "int8_latency_ms")
CLASSES: Mapping[Head, str] = {
    "span": "AutoModelForQuestionAnswering",
    "sequence": "AutoModelForSequenceClassification",
    "masked_lm": "AutoModelForMaskedLM",
}
"""What transformers loads a model of each head with."""


def model_card(
    spec: TrialSpec,
    settings: Hyperparameters,
    metrics: Mapping[str, float],
    standard_errors: Mapping[str, float],
    prepared: Prepared,
    latency_length: int,
) -> str:
    """The card as Markdown; ``latency_length`` is the number of tokens latency and operations were measured on.

    The machine it is written on is taken to be the one everything was measured on.
    """
    batch = spec.experiment.training.latency_batch
    sections = [
        f"# {spec.name}, trial {spec.number}",
        _origin(spec, prepared),
        _measured(spec, metrics, prepared),
        table(
            ("metric", "student", "standard error", "teacher"), _scores(metrics, standard_errors, prepared)
        ),
        table(
            (
                "size and speed",
                f"value ({latency_length} tokens, latency: batch {batch}, one CPU thread or the GPU)",
            ),
            [(name, _size(name, metrics[name])) for name in SIZES if name in metrics],
        ),
        table(("measured on", ""), hardware().items()),
        table(("setting", "value"), settings.model_dump().items()),
        _usage(prepared.task.head),
    ]
    return "\n\n".join(section for section in sections if section)


def table(heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """A Markdown table; nothing without rows."""
    lines = ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join(["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads), *lines])


def _origin(spec: TrialSpec, prepared: Prepared) -> str:
    task, teacher = spec.experiment.task, spec.experiment.teacher
    what = HEAD_NAMES[prepared.task.head]
    how = "distilled from" if teacher.trained else "with the weights of"
    return (
        f"A student for {what}, {how} `{teacher.model}`, trained on `{task.dataset}` "
        f"({len(prepared.parts['training'].examples):,} training examples, task {task.name})."
    )


def _measured(spec: TrialSpec, metrics: Mapping[str, float], prepared: Prepared) -> str:
    data = spec.experiment.task.eval_dataset
    text = f"Measured on {len(prepared.parts['evaluation'].examples):,} evaluation examples"
    text += f" of `{data}`." if data else "."
    if "no_answer_threshold" in metrics:
        text += (
            f" `exact` and `f1` use the {spec.experiment.task.score} no-answer threshold "
            f"{metrics['no_answer_threshold']:.4f} "
            "(answer nothing when null score minus best span score is above it)."
        )
    return text


def _scores(
    metrics: Mapping[str, float], standard_errors: Mapping[str, float], prepared: Prepared
) -> list[tuple[str, ...]]:
    """Every metric that is better one way or the other, apart from sizes; counts are left out."""
    return [
        (name, *(f"{values[name]:.2f}" if name in values else "" for values in columns))
        for columns in [(metrics, standard_errors, prepared.teacher_metrics)]
        for name in metrics
        if name not in SIZES and name in METRICS and METRICS[name].better and not METRICS[name].whole
    ]


def _size(name: str, value: float) -> str:
    info = METRICS[name]
    return f"{value:,.0f} {info.unit}".rstrip() if info.whole else f"{value:,.4g} {info.unit}".rstrip()


def _usage(head: Head) -> str:
    return "\n".join(
        [
            "```python",
            f"from transformers import {CLASSES[head]}, AutoTokenizer",
            "",
            f'model = {CLASSES[head]}.from_pretrained("path/to/this/folder")',
            'tokenizer = AutoTokenizer.from_pretrained("path/to/this/folder")',
            "```",
        ]
    )

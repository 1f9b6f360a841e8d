"""Every metric a trial reports: its name in words, its unit, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """What a reader needs to know of a metric.

    Attributes:
        label: name in words.
        unit: unit behind the number, empty for counts.
        better: which way is better, None where neither is.
        whole: whether it counts something, and so is a whole number.
    """

    label: str
    unit: str
    better: Literal["maximize", "minimize"] | None
    whole: bool = False


def _score(label: str) -> MetricInfo:
    return MetricInfo(label, "%", "maximize")


METRICS: dict[str, MetricInfo] = {
    "exact": _score("exact match"),
    "f1": _score("F1"),
    "HasAns_exact": _score("exact match, answerable questions"),
    "HasAns_f1": _score("F1, answerable questions"),
    "NoAns_exact": _score("exact match, unanswerable questions"),
    "NoAns_f1": _score("F1, unanswerable questions"),
    "raw_exact": _score("exact match, threshold 0"),
    "raw_f1": _score("F1, threshold 0"),
    "calibrated_exact": _score("exact match, calibrated threshold"),
    "calibrated_f1": _score("F1, calibrated threshold"),
    "best_exact": _score("exact match, best threshold"),
    "best_f1": _score("F1, best threshold"),
    "best_exact_thresh": MetricInfo("best threshold for exact match", "", None),
    "best_f1_thresh": MetricInfo("best threshold for F1", "", None),
    "no_answer_threshold": MetricInfo("no-answer threshold in use", "", None),
    "total": MetricInfo("evaluation questions", "", None, whole=True),
    "HasAns_total": MetricInfo("answerable evaluation questions", "", None, whole=True),
    "NoAns_total": MetricInfo("unanswerable evaluation questions", "", None, whole=True),
    "num_parameters": MetricInfo("parameters", "", "minimize", whole=True),
    "encoder_parameters": MetricInfo("encoder parameters", "", "minimize", whole=True),
    "flops": MetricInfo("operations per input", "FLOPs", "minimize", whole=True),
    "model_mb": MetricInfo("size in fp32", "MB", "minimize"),
    "latency_ms": MetricInfo("latency", "ms", "minimize"),
    "train_seconds": MetricInfo("training time", "s", "minimize"),
}


def collapsed(has_answer_exact: float | None, no_answer_exact: float | None) -> bool:
    """Whether a model answers nothing: the collapse in which every question counts as unanswerable."""
    return (
        has_answer_exact is not None
        and no_answer_exact is not None
        and has_answer_exact < 1
        and no_answer_exact > 99
    )

"""Every metric a trial reports: its name in words, its unit, and which way is better."""

from __future__ import annotations

from collections.abc import Sequence
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
    "mlm_accuracy": _score("masked tokens guessed right"),
    "mlm_loss": MetricInfo("masked-LM loss", "nats", "minimize"),
    "perplexity": MetricInfo("perplexity of masked tokens", "", "minimize"),
    "collapsed": MetricInfo("gives everything the same answer", "", "minimize", whole=True),
    "accuracy": _score("accuracy"),
    "mismatched_accuracy": _score("accuracy, mismatched genres"),
    "high_accuracy": _score("accuracy, high school"),
    "middle_accuracy": _score("accuracy, middle school"),
    "macro_f1": _score("F1, mean over classes"),
    "f1a": _score("F1 over all answers"),
    "em": _score("questions with all answers right"),
    "word_f1": _score("F1 over words"),
    "mcc": _score("Matthews correlation, times 100"),
    "pearson": _score("Pearson correlation, times 100"),
    "spearman": _score("Spearman correlation, times 100"),
    "gender_parity": _score("gender parity"),
    "w": MetricInfo("W-coefficient", "", "maximize"),
    "surrogate_error": MetricInfo("surrogate error", "nats", "minimize"),
    "cross_entropy": MetricInfo("cross-entropy with the maximum point", "nats", "minimize"),
    "divergence": MetricInfo("divergence from the maximum point", "nats", "minimize"),
    "lemma_parameters": MetricInfo("parameters of encoder and pooler", "", "minimize", whole=True),
    "lemma_operations": MetricInfo("operations of encoder and pooler", "FLOPs", "minimize", whole=True),
    "encoder_latency_ms": MetricInfo("latency of the encoder", "ms", "minimize"),
    "num_parameters": MetricInfo("parameters", "", "minimize", whole=True),
    "encoder_parameters": MetricInfo("encoder parameters", "", "minimize", whole=True),
    "flops": MetricInfo("operations per input", "FLOPs", "minimize", whole=True),
    "model_mb": MetricInfo("size in fp32", "MB", "minimize"),
    "latency_ms": MetricInfo("latency", "ms", "minimize"),
    "train_seconds": MetricInfo("training time", "s", "minimize"),
    "train_tokens": MetricInfo("tokens trained on, padding left out", "", "minimize", whole=True),
    "train_flops": MetricInfo("operations of training", "FLOPs", "minimize"),
    "nonzero_parameters": MetricInfo("parameters less pruned weights", "", "minimize", whole=True),
    "int8_mb": MetricInfo("size with linear layers in 8 bits", "MB", "minimize"),
    "int8_latency_ms": MetricInfo("latency with linear layers in 8 bits", "ms", "minimize"),
}


def metric_info(name: str) -> MetricInfo:
    """What is known of a metric; of one that only an import reports no more than its name."""
    return METRICS.get(name) or MetricInfo(name.replace("_", " "), "", None)


INT8 = "int8_"
"""What the name of a score begins with when it was measured with linear layers in 8 bits."""
FULL = "full_"
"""What the name of a score begins with when it was measured on all evaluation examples, not on the sample."""

METRICS |= {
    f"{prefix}{name}": MetricInfo(f"{info.label}, {told}", info.unit, info.better)
    for prefix, told in ((INT8, "8 bits"), (FULL, "all examples"))
    for name, info in METRICS.items()
    if info.unit == "%"
}

SIZE_METRICS = (
    "num_parameters",
    "encoder_parameters",
    "nonzero_parameters",
    "flops",
    "model_mb",
    "latency_ms",
    "train_seconds",
    "train_tokens",
    "train_flops",
)
"""What every student reports beside its task's scores."""


def reported_metrics(scores: Sequence[str], *, int8: bool) -> tuple[str, ...]:
    """Names of all metrics of a trial.

    Args:
        scores: what its task reports.
        int8: whether the student is measured with linear layers in 8 bits too.
    """
    quantised = [f"{INT8}{name}" for name in scores if f"{INT8}{name}" in METRICS]
    return (
        *scores,
        "collapsed",
        *SIZE_METRICS,
        *((*quantised, "int8_mb", "int8_latency_ms") if int8 else ()),
    )


def extraction_metrics(*, timed: bool) -> tuple[str, ...]:
    """Names of all metrics of a candidate of an extraction.

    Args:
        timed: whether its speed is a latency.
    """
    return (
        *("w", "surrogate_error", "cross_entropy", "divergence", "lemma_parameters", "lemma_operations"),
        *(("encoder_latency_ms",) if timed else ()),
        *SIZE_METRICS,
    )

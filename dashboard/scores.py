"""Which scores of an experiment count: the one its charts show, those beside it, and a model's key figures."""

from __future__ import annotations

from engine.experiment import ExperimentSpec
from engine.measured import Measured
from engine.metric_catalogue import FULL, INT8, metric_info

MOST_KEY_METRICS = 8
NOTABLY_SPARSE = 0.99
"""Below this share of parameters other than zero a model was pruned; a few are zero in every model."""


def main_score(spec: ExperimentSpec) -> str:
    """The first of the task's scores among the specification's metrics, else the task's main one."""
    scores = spec.scores
    return next((metric.name for metric in spec.metrics if metric.name in scores), scores[0])


def beside(spec: ExperimentSpec, score: str) -> list[str]:
    """Scores to be drawn beside one: its parts, else the task's others in percent."""
    scores = spec.scores
    parts = [f"{part}_{score}" for part in ("HasAns", "NoAns") if f"{part}_{score}" in scores]
    if parts or metric_info(score).unit != "%" or spec.task.info.head == "span":
        return parts
    return [name for name in scores if name != score and metric_info(name).unit == "%"]


def key_metrics(spec: ExperimentSpec, found: Measured) -> list[str]:
    """The figures of a trial that count: the specification's, then the task's, then sizes as far as measured."""
    main = main_score(spec)
    pruned = found.metrics.get("nonzero_parameters", 0) < NOTABLY_SPARSE * found.metrics.get(
        "num_parameters", 0
    )
    wanted = [
        *(metric.name for metric in spec.metrics),
        *spec.scores[:2],
        f"{FULL}{main}",
        *("num_parameters", *(["nonzero_parameters"] if pruned else [])),
        *("latency_ms", f"{INT8}{main}", "int8_mb", "int8_latency_ms", "model_mb", "train_seconds"),
    ]
    return [name for name in dict.fromkeys(wanted) if name in found.metrics][:MOST_KEY_METRICS]

"""Scores a question-answering model: raw, with a threshold calibrated on held-back questions, and the official best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from engine.distill.inference import predict
from engine.distill.precision import Precision
from engine.tasks.squad_decode import Decoded, decode
from engine.tasks.squad_features import Features
from engine.tasks.squad_records import Question
from engine.tasks.squad_scoring import calibrate, score


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions with their windows."""

    questions: Sequence[Question]
    features: Features


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """Metrics of a model on the evaluation questions.

    Attributes:
        metrics: ``exact`` and ``f1`` under the chosen threshold with their ``HasAns_`` and ``NoAns_`` parts;
            ``raw_*`` at threshold 0; ``calibrated_*``; ``best_*`` as the official script gives them;
            ``no_answer_threshold`` is the one chosen. Percent, except thresholds and totals.
        standard_errors: of the percentages, in percent points.
        decoded: best answers and odds for each question.
        threshold: the no-answer threshold that was used.
    """

    metrics: dict[str, float]
    standard_errors: dict[str, float]
    decoded: Decoded
    threshold: float


def evaluate(
    model: Any,  # noqa: ANN401 - transformers is untyped
    evaluation: QuestionSet,
    calibration: QuestionSet,
    *,
    batch_size: int,
    precision: Precision,
    max_answer_length: int,
    scoring: Literal["calibrated", "raw", "best"] = "calibrated",
    report: Callable[[float], None] | None = None,
) -> EvaluationResult:
    """Score the model on the evaluation questions.

    The threshold of ``calibrated`` comes from the calibration questions alone; only ``best`` looks at the
    evaluation questions, as the official best-threshold figures do.
    """
    total = len(evaluation.features) + len(calibration.features)
    decoded: list[Decoded] = []
    done = 0
    for part in (calibration, evaluation):
        share, before = len(part.features) / total, done / total
        logits = predict(
            model,
            part.features,
            batch_size,
            precision,
            None if report is None else lambda x, a=before, b=share, r=report: r(a + b * x),  # type: ignore[misc]
        )
        decoded.append(
            decode(
                part.features, part.questions, logits.start, logits.end, max_answer_length=max_answer_length
            )
        )
        done += len(part.features)
    return score_decoded(evaluation.questions, decoded[1], calibration.questions, decoded[0], scoring)


def score_decoded(
    questions: Sequence[Question],
    decoded: Decoded,
    calibration_questions: Sequence[Question],
    calibration_decoded: Decoded,
    scoring: Literal["calibrated", "raw", "best"],
) -> EvaluationResult:
    """Metrics from decoded answers of both parts, see ``EvaluationResult``."""
    calibrated = calibrate(
        calibration_questions, calibration_decoded.best_text, calibration_decoded.null_odds
    )
    texts, odds = decoded.best_text, decoded.null_odds
    raw_scores = score(questions, texts, odds, threshold=0.0)
    calibrated_scores = score(questions, texts, odds, threshold=calibrated)
    match scoring:
        case "raw":
            threshold, chosen = 0.0, raw_scores
        case "calibrated":
            threshold, chosen = calibrated, calibrated_scores
        case "best":
            threshold = raw_scores.metrics["best_exact_thresh"]
            chosen = score(questions, texts, odds, threshold=threshold)
    metrics = dict(chosen.metrics)
    errors = dict(chosen.standard_error)
    for prefix, scores in (("raw", raw_scores), ("calibrated", calibrated_scores)):
        for name in ("exact", "f1"):
            metrics[f"{prefix}_{name}"] = scores.metrics[name]
            errors[f"{prefix}_{name}"] = scores.standard_error[name]
    metrics["no_answer_threshold"] = threshold
    return EvaluationResult(metrics, errors, decoded, threshold)

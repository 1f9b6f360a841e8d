"""From decoded answers to a trial's metrics: raw, with a calibrated no-answer threshold, and the official best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from engine.tasks.example_scores import ExampleScores, one_each
from engine.tasks.interface import Scores
from engine.tasks.squad.decoding import Decoded
from engine.tasks.squad.records import Question
from engine.tasks.squad.scoring import Scores as QuestionScores
from engine.tasks.squad.scoring import calibrate, score


def score_decoded(
    questions: Sequence[Question],
    decoded: Decoded,
    calibration_questions: Sequence[Question],
    calibration_decoded: Decoded,
    scoring: Literal["calibrated", "raw", "best"],
) -> Scores:
    """Metrics of decoded answers, in percent except thresholds and totals.

    ``exact`` and ``f1`` with their ``HasAns_`` and ``NoAns_`` parts use the chosen threshold, which stands in
    ``no_answer_threshold``: that of ``calibrated`` comes from the calibration questions alone; only ``best`` looks at
    the evaluation questions, as the official best-threshold figures do. ``raw_*`` use threshold 0. ``collapsed`` is 1
    for a model that answers nothing.
    """
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
    metrics["collapsed"] = float(answers_nothing(metrics))
    by_question = _by_question(questions, chosen)
    for prefix, scores in (("raw", raw_scores), ("calibrated", calibrated_scores)):
        by_question |= {
            f"{prefix}_{name}": found
            for name, found in _by_question(questions, scores).items()
            if name in ("exact", "f1")
        }
    return Scores(metrics, errors, _answers(questions, decoded, threshold, chosen), by_question)


def answers_nothing(metrics: dict[str, float]) -> bool:
    """The collapse in which every question counts as unanswerable, though some are not."""
    right, silent = metrics.get("HasAns_exact"), metrics.get("NoAns_exact")
    return right is not None and silent is not None and right < 1 and silent > 99


def _by_question(questions: Sequence[Question], scores: QuestionScores) -> dict[str, ExampleScores]:
    """Exact match and F1 of every question, of the answerable ones, and of the others."""
    answerable = np.array([item.answerable for item in questions])
    names = np.array([item.id for item in questions], dtype=object)
    subsets = {"": np.ones_like(answerable), "HasAns_": answerable, "NoAns_": ~answerable}
    return {
        f"{prefix}{name}": one_each(names[mask], values[mask])
        for prefix, mask in subsets.items()
        for name, values in (("exact", scores.exact), ("f1", scores.f1))
        if mask.any()
    }


def _answers(
    questions: Sequence[Question], decoded: Decoded, threshold: float, scores: QuestionScores
) -> dict[str, Any]:
    """Answers as given under the threshold, their scores, the best span, and how much the model prefers none."""
    odds = decoded.null_odds
    return {
        item.id: {
            "answer": "" if odds[item.id] > threshold else decoded.best_text[item.id],
            "score": float(exact),
            "partial": float(f1),
            "best_span": decoded.best_text[item.id],
            "span": decoded.span[item.id],
            "null_odds": odds[item.id],
        }
        for item, exact, f1 in zip(questions, scores.exact, scores.f1, strict=True)
    }

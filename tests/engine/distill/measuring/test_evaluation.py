"""Evaluation: every part is predicted, none but by its own inputs, and the task turns that into scores."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.distill.measuring.evaluation import evaluate
from engine.distill.measuring.inference import predict
from engine.tasks.interface import Part


def scores_of(model, prepared, **options):
    settings = {"batch_size": 8, "precision": "fp32"} | options
    return evaluate(model, prepared.task, prepared.parts, **settings)


def test_evaluating_a_model_is_predicting_and_scoring(small_training, tiny_prepared):
    model, task, parts = small_training.student(), tiny_prepared.task, tiny_prepared.parts
    outputs = {
        name: predict(model, parts[name].rows, "span", batch_size=8, precision="fp32")
        for name in ("calibration", "evaluation")
    }
    assert scores_of(model, tiny_prepared) == task.score(parts, outputs)


def test_training_rows_are_not_looked_at(small_training, tiny_prepared):
    parts = {name: part for name, part in tiny_prepared.parts.items() if name != "training"}
    model = small_training.student()
    scores = scores_of(model, replace(tiny_prepared, parts=parts))
    assert scores == scores_of(model, tiny_prepared)
    assert scores.predictions.keys() == {item.id for item in parts["evaluation"].examples}


def test_evaluation_ignores_the_answers_when_it_decodes(small_training, tiny_prepared):
    """Blanking out all evaluation answers changes the scores only, never what the model is said to answer."""

    def said(scores):
        scored = ("score", "partial")
        return {
            key: {name: value for name, value in found.items() if name not in scored}
            for key, found in scores.predictions.items()
        }

    model, part = small_training.student(), tiny_prepared.parts["evaluation"]
    blank = Part([replace(item, answers=()) for item in part.examples], part.rows)
    seen = scores_of(model, tiny_prepared)
    blind = scores_of(model, replace(tiny_prepared, parts=tiny_prepared.parts | {"evaluation": blank}))
    assert said(seen) == said(blind)
    assert seen.metrics["no_answer_threshold"] == blind.metrics["no_answer_threshold"]
    assert seen.metrics != blind.metrics


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_is_left_as_it_was(small_training, tiny_prepared, training):
    model = small_training.student().train(training)
    scores_of(model, tiny_prepared)
    assert model.training is training


def test_reports_cover_both_parts(small_training, tiny_prepared):
    shares = []
    scores_of(small_training.student(), tiny_prepared, batch_size=4, report=shares.append)
    assert shares == sorted(set(shares))
    assert shares[-1] == pytest.approx(1.0)

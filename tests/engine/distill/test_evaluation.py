"""Scores: the calibrated threshold never sees an evaluation question, and every metric is in the catalogue."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.distill.evaluation import QuestionSet, evaluate, score_decoded
from engine.distill.inference import predict
from engine.metric_catalogue import METRICS, collapsed
from engine.tasks.squad import Answer, Question
from engine.tasks.squad_decode import Decoded, decode
from engine.tasks.squad_scoring import calibrate, score

SCORINGS = ("calibrated", "raw", "best")


def part_of(cases, prefix):
    """Questions from (answerable, answer is right, odds), and what a model said of them."""
    questions = [
        Question(f"{prefix}{n}", "who?", "anna met ben", (Answer("anna", 0),) if answerable else ())
        for n, (answerable, _, _) in enumerate(cases)
    ]
    texts = {f"{prefix}{n}": "anna" if right else "ben" for n, (_, right, _) in enumerate(cases)}
    odds = {f"{prefix}{n}": value for n, (_, _, value) in enumerate(cases)}
    return questions, Decoded(texts, odds, dict.fromkeys(texts, (0, 4)))


cases = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.floats(-5, 5).map(lambda x: round(x, 2))),
    min_size=2,
    max_size=25,
)


@given(cases, cases, st.randoms(use_true_random=False))
def test_threshold_never_looks_at_evaluation_answers(evaluation, calibration, rng):
    questions, decoded = part_of(evaluation, "e")
    held_back, held_back_decoded = part_of(calibration, "c")
    first = score_decoded(questions, decoded, held_back, held_back_decoded, "calibrated")
    answers = [item.answers for item in questions]
    rng.shuffle(answers)
    shuffled = [replace(item, answers=own) for item, own in zip(questions, answers, strict=True)]
    second = score_decoded(shuffled, decoded, held_back, held_back_decoded, "calibrated")
    assert first.threshold == second.threshold
    expected = calibrate(held_back, held_back_decoded.best_text, held_back_decoded.null_odds)
    assert first.threshold == first.metrics["no_answer_threshold"] == expected


@given(cases, cases, st.sampled_from(SCORINGS))
def test_each_figure_is_the_score_at_its_threshold(evaluation, calibration, scoring):
    questions, decoded = part_of(evaluation, "e")
    held_back, held_back_decoded = part_of(calibration, "c")
    result = score_decoded(questions, decoded, held_back, held_back_decoded, scoring)
    metrics = result.metrics
    calibrated = calibrate(held_back, held_back_decoded.best_text, held_back_decoded.null_odds)
    thresholds = {"raw": 0.0, "calibrated": calibrated, "best": metrics["best_exact_thresh"]}
    for prefix, threshold in (("raw_", 0.0), ("calibrated_", calibrated), ("", thresholds[scoring])):
        expected = score(questions, decoded.best_text, decoded.null_odds, threshold=threshold)
        for name in ("exact", "f1"):
            assert metrics[prefix + name] == expected.metrics[name]
            assert result.standard_errors[prefix + name] == expected.standard_error[name]
            assert metrics[prefix + name] <= metrics[f"best_{name}"] + 1e-9
    assert result.threshold == thresholds[scoring]


@given(cases, cases, st.sampled_from(SCORINGS))
def test_every_metric_is_in_the_catalogue(evaluation, calibration, scoring):
    result = score_decoded(*part_of(evaluation, "e"), *part_of(calibration, "c"), scoring)
    assert result.metrics.keys() <= METRICS.keys()
    assert result.standard_errors.keys() <= result.metrics.keys()
    assert {"exact", "f1", "total", "no_answer_threshold"} <= result.metrics.keys()
    for name in result.standard_errors:
        assert METRICS[name].unit == "%"
        assert 0 <= result.metrics[name] <= 100


def test_known_thresholds():
    """Held back: right answers below odds of 1, wrong ones above, so the threshold is half way."""
    held_back = part_of([(True, True, -1.0), (True, True, 1.0), (False, False, 2.0)], "c")
    questions = part_of([(True, True, 1.2), (False, False, 1.4), (False, False, 1.6), (True, True, 1.8)], "e")
    metrics = score_decoded(*questions, *held_back, "calibrated").metrics
    assert metrics["no_answer_threshold"] == 1.5
    assert (metrics["exact"], metrics["calibrated_exact"]) == (50.0, 50.0)
    assert (metrics["raw_exact"], metrics["best_exact"]) == (50.0, 75.0)
    assert (metrics["HasAns_exact"], metrics["NoAns_exact"]) == (50.0, 50.0)
    assert metrics["best_exact_thresh"] == 1.2


def test_a_model_that_answers_nothing_is_collapsed():
    cases = [(True, True, 9.0), (True, False, 9.0), (False, False, 9.0)]
    unanswerable = [(False, False, 9.0), (False, False, 8.0)]
    metrics = score_decoded(*part_of(cases, "e"), *part_of(unanswerable, "c"), "calibrated").metrics
    assert collapsed(metrics["HasAns_exact"], metrics["NoAns_exact"])
    metrics = score_decoded(*part_of(cases, "e"), *part_of(cases[:1], "c"), "calibrated").metrics
    assert not collapsed(metrics["HasAns_exact"], metrics["NoAns_exact"])


def test_a_part_without_unanswerable_questions():
    cases = [(True, True, 0.5), (True, False, -0.5)]
    metrics = score_decoded(*part_of(cases, "e"), *part_of(cases, "c"), "calibrated").metrics
    assert "NoAns_exact" not in metrics
    assert not collapsed(metrics.get("HasAns_exact"), metrics.get("NoAns_exact"))


def test_evaluating_a_model_is_predicting_decoding_and_scoring(small_training, tiny_prepared):
    model = small_training.student()
    evaluation, calibration = tiny_prepared.evaluation, tiny_prepared.calibration
    result = evaluate(
        model, evaluation, calibration, batch_size=8, precision="fp32", max_answer_length=5, scoring="raw"
    )
    decoded = []
    for part in (evaluation, calibration):
        logits = predict(model, part.features, 8, "fp32")
        decoded.append(decode(part.features, part.questions, logits.start, logits.end, max_answer_length=5))
    expected = score_decoded(evaluation.questions, decoded[0], calibration.questions, decoded[1], "raw")
    assert result == expected
    assert result.decoded.best_text.keys() == {item.id for item in evaluation.questions}


def test_evaluation_ignores_the_answers_when_it_decodes(small_training, tiny_prepared):
    """Blanking out all evaluation answers changes the scores only, never what the model is said to answer."""
    model = small_training.student()
    blank = QuestionSet(
        [replace(item, answers=()) for item in tiny_prepared.evaluation.questions],
        tiny_prepared.evaluation.features,
    )
    results = [
        evaluate(model, part, tiny_prepared.calibration, batch_size=8, precision="fp32", max_answer_length=30)
        for part in (tiny_prepared.evaluation, blank)
    ]
    assert results[0].decoded == results[1].decoded
    assert results[0].threshold == results[1].threshold
    assert results[0].metrics != results[1].metrics


def test_reports_cover_both_parts(small_training, tiny_prepared):
    shares = []
    evaluate(
        small_training.student(),
        tiny_prepared.evaluation,
        tiny_prepared.calibration,
        batch_size=4,
        precision="fp32",
        max_answer_length=30,
        report=shares.append,
    )
    assert shares == sorted(set(shares))
    assert shares[-1] == pytest.approx(1.0)

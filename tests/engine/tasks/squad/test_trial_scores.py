"""Scores of questions: the calibrated threshold never sees an evaluation question; every metric is in the catalogue."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.metric_catalogue import METRICS
from engine.tasks.catalogue import TASKS
from engine.tasks.squad.decoding import Decoded
from engine.tasks.squad.loading import Answer, Question
from engine.tasks.squad.scoring import calibrate, score
from engine.tasks.squad.trial_scores import answers_nothing, score_decoded

SCORINGS = ("calibrated", "raw", "best")
RIGHT = {"span": (0, 4), "score": 1.0, "partial": 1.0}


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
    expected = calibrate(held_back, held_back_decoded.best_text, held_back_decoded.null_odds)
    assert first.metrics["no_answer_threshold"] == second.metrics["no_answer_threshold"] == expected
    assert told(first) == told(second)


def told(scores):
    """What the model said, without whether that is right."""
    return {
        key: {name: value for name, value in found.items() if name not in ("score", "partial")}
        for key, found in scores.predictions.items()
    }


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
    assert metrics["no_answer_threshold"] == thresholds[scoring]


@given(cases, cases, st.sampled_from(SCORINGS))
def test_metrics_are_means_of_what_each_question_scored(evaluation, calibration, scoring):
    questions, decoded = part_of(evaluation, "e")
    result = score_decoded(questions, decoded, *part_of(calibration, "c"), scoring)
    found = result.example_scores
    assert next(iter(found)) == "exact"
    assert found.keys() == result.standard_errors.keys()
    for name, scores in found.items():
        assert 100 * scores.values.mean() == pytest.approx(result.metrics[name])
        assert set(scores.weights) == {1.0}
    assert found["exact"].examples == tuple(item.id for item in questions)
    answerable = {item.id for item in questions if item.answerable}
    assert set(found["HasAns_exact"].examples if "HasAns_exact" in found else ()) == answerable


@given(cases, cases, st.sampled_from(SCORINGS))
def test_every_metric_is_in_the_catalogue(evaluation, calibration, scoring):
    result = score_decoded(*part_of(evaluation, "e"), *part_of(calibration, "c"), scoring)
    assert result.metrics.keys() <= METRICS.keys()
    assert result.standard_errors.keys() <= result.metrics.keys()
    assert result.metrics.keys() <= {*TASKS["squad_v2"].metrics, "collapsed"}
    assert {"exact", "f1", "total", "no_answer_threshold", "collapsed"} <= result.metrics.keys()
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
    assert metrics["collapsed"] == 1.0
    metrics = score_decoded(*part_of(cases, "e"), *part_of(cases[:1], "c"), "calibrated").metrics
    assert metrics["collapsed"] == 0.0


def test_a_part_without_unanswerable_questions():
    cases = [(True, True, 0.5), (True, False, -0.5)]
    metrics = score_decoded(*part_of(cases, "e"), *part_of(cases, "c"), "calibrated").metrics
    assert "NoAns_exact" not in metrics
    assert metrics["collapsed"] == 0.0


@pytest.mark.parametrize(
    ("has_answer", "no_answer", "expected"),
    [
        (0.0, 100.0, True),
        (0.9, 99.5, True),
        (1.0, 100.0, False),
        (0.0, 99.0, False),
        (60.0, 70.0, False),
        (100.0, 0.0, False),
        (None, 100.0, False),
        (0.0, None, False),
        (None, None, False),
    ],
)
def test_collapse_is_answering_nothing(has_answer, no_answer, expected):
    told = {"HasAns_exact": has_answer, "NoAns_exact": no_answer}
    assert answers_nothing({name: value for name, value in told.items() if value is not None}) is expected


def test_predictions_say_what_is_answered_and_what_was_held_back():
    evaluation = part_of([(True, True, 1.0), (False, False, 2.0)], "e")
    scores = score_decoded(*evaluation, *part_of([(True, True, 1.0), (False, True, 2.0)], "c"), "calibrated")
    assert scores.metrics["no_answer_threshold"] == 1.5
    assert scores.predictions == {
        "e0": {"answer": "anna", "best_span": "anna", "null_odds": 1.0} | RIGHT,
        "e1": {"answer": "", "best_span": "ben", "null_odds": 2.0} | RIGHT,
    }

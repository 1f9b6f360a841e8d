"""Metrics agree with scikit-learn and scipy, and their standard errors with formulas and repeated sampling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engine.metric_catalogue import METRICS as CATALOGUE
from engine.tasks.bootstrap import mean
from engine.tasks.sequence.metrics import METRICS, Judged
from engine.tasks.sequence.records import Example

sklearn_metrics = pytest.importorskip("sklearn.metrics")


def judged(gold, predicted, classes=2, groups=None, subsets=None, candidates=None, golds=None) -> Judged:
    examples = [
        Example(
            id=str(n),
            text="t",
            pair=None,
            label=0,
            group="" if groups is None else str(groups[n]),
            subset="" if subsets is None else subsets[n],
            candidate="" if candidates is None else candidates[n],
            golds=() if golds is None else golds[n],
        )
        for n in range(len(gold))
    ]
    return Judged(np.array(gold, dtype=float), np.array(predicted, dtype=float), examples, classes)


def value(name: str, answers: Judged) -> float:
    measured = METRICS[name](answers)
    assert measured is not None
    return measured.value


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 5), st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40))
def test_class_metrics_agree_with_scikit_learn(classes, pairs):
    gold = [a % classes for a, _ in pairs]
    predicted = [b % classes for _, b in pairs]
    answers = judged(gold, predicted, classes)
    assert value("accuracy", answers) == pytest.approx(100 * sklearn_metrics.accuracy_score(gold, predicted))
    assert value("mcc", answers) == pytest.approx(
        100 * sklearn_metrics.matthews_corrcoef(gold, predicted), abs=1e-9
    )
    assert value("macro_f1", answers) == pytest.approx(
        100 * sklearn_metrics.f1_score(gold, predicted, average="macro", zero_division=0)
    )
    if classes == 2:
        assert value("f1", answers) == pytest.approx(
            100 * sklearn_metrics.f1_score(gold, predicted, zero_division=0)
        )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1000), st.integers(3, 60), st.booleans())
def test_correlations_agree_with_scipy(seed, n, ties):
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, 6, n) / (1 if ties else 7) + (0 if ties else rng.normal(size=n))
    predicted = gold + rng.normal(size=n)
    predicted = np.round(predicted) if ties else predicted
    if np.ptp(gold) == 0 or np.ptp(predicted) == 0:
        return
    answers = judged(gold, predicted, 1)
    assert value("pearson", answers) == pytest.approx(100 * stats.pearsonr(gold, predicted).statistic)
    assert value("spearman", answers) == pytest.approx(100 * stats.spearmanr(gold, predicted).statistic)


@pytest.mark.parametrize("name", ["pearson", "spearman"])
def test_constant_predictions_have_no_correlation(name):
    assert METRICS[name](judged([0.1, 0.7, 1.3], [2.2, 2.2, 2.2], 1))[:2] == (0.0, 0.0)


def test_one_class_throughout_scores_zero_not_an_error():
    answers = judged([0, 1, 1], [0, 0, 0])
    assert value("mcc", answers) == 0
    assert value("f1", answers) == 0


def test_error_of_a_mean_is_the_usual_one():
    measured = METRICS["accuracy"](judged([0] * 40, [0] * 30 + [1] * 10))
    right = np.array([1.0] * 30 + [0.0] * 10)
    assert measured is not None
    assert measured[:2] == (75.0, pytest.approx(100 * right.std(ddof=1) / 40**0.5))


def test_error_over_groups_is_that_of_group_means():
    values = np.array([1.0, 1, 0, 0, 1, 0])
    group = np.array([0, 0, 1, 1, 2, 2])
    means = np.array([1.0, 0.0, 0.5])
    measured = mean(values, group, ["a", "b", "c"])
    assert measured[:2] == (50.0, pytest.approx(100 * means.std(ddof=1) / 3**0.5))


def test_a_single_group_has_no_error():
    assert METRICS["accuracy"](judged([1, 1], [1, 0], groups=[7, 7]))[:2] == (50.0, None)
    assert METRICS["mcc"](judged([1], [1]))[:2] == (0.0, None)


@pytest.mark.parametrize("name", ["f1", "mcc", "pearson", "spearman"])
def test_bootstrap_error_is_what_repeated_samples_show(name):
    rng = np.random.default_rng(0)
    classes = 1 if name in ("pearson", "spearman") else 2

    def draw():
        if classes == 1:
            gold = rng.normal(size=300)
            return judged(gold, gold + rng.normal(size=300), 1)
        gold = rng.integers(0, 2, 300)
        return judged(gold, np.where(rng.random(300) < 0.8, gold, 1 - gold))

    measured = [METRICS[name](draw()) for _ in range(60)]
    spread = np.std([one.value for one in measured], ddof=1)
    assert np.mean([one.error for one in measured]) == pytest.approx(spread, rel=0.3)


def test_bootstrap_draws_whole_groups():
    """Ten copies of each example say no more than one, and must not shrink the error."""
    rng = np.random.default_rng(1)
    gold = rng.integers(0, 2, 60)
    predicted = np.where(rng.random(60) < 0.75, gold, 1 - gold)
    once = METRICS["mcc"](judged(gold, predicted))
    copied = METRICS["mcc"](
        judged(np.repeat(gold, 10), np.repeat(predicted, 10), groups=np.repeat(range(60), 10))
    )
    assert copied == pytest.approx(once)


def test_bootstrap_is_the_same_every_time():
    answers = judged([0, 1, 1, 0, 1], [0, 1, 0, 0, 1])
    assert METRICS["f1"](answers) == METRICS["f1"](answers)


def test_questions_with_all_answers_right():
    answers = judged([1, 0, 1, 1, 0], [1, 0, 1, 0, 0], groups=["a", "a", "b", "b", "c"])
    assert value("em", answers) == pytest.approx(100 * 2 / 3)
    assert value("f1a", answers) == pytest.approx(80.0)


def test_gender_parity_counts_pairs_with_equal_predictions_right_or_wrong():
    answers = judged([1, 1, 0, 0], [0, 0, 0, 1], groups=["p", "p", "q", "q"])
    assert value("gender_parity", answers) == 50.0
    assert METRICS["gender_parity"](judged([1, 1], [0, 0])) is None


def test_subsets_have_their_own_accuracy():
    answers = judged([1, 1, 1, 1], [1, 0, 0, 0], subsets=["", "", "mismatched", "mismatched"])
    assert value("accuracy", answers) == 50.0
    assert value("mismatched_accuracy", answers) == 0.0
    assert METRICS["mismatched_accuracy"](judged([1], [1])) is None


def test_answers_as_texts_take_the_best_gold():
    answers = judged(
        [1, 1],
        [1, 0],
        candidates=["The Red River", "stone bridge"],
        golds=[("red river",), ("bridge", "hill")],
    )
    assert value("exact", answers) == 50.0
    # Two words against one shared: precision 1/2, recall 1, F1 2/3.
    assert value("word_f1", answers) == pytest.approx(100 * (1 + 2 / 3) / 2)


def test_every_metric_is_in_the_catalogue():
    for name in METRICS:
        assert CATALOGUE[name].unit == "%"
        assert CATALOGUE[name].better == "maximize"

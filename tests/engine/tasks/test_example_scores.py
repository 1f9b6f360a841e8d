"""Metrics example by example: groups, files, and that they are what the metrics are the means of."""

from __future__ import annotations

import numpy as np
import pytest

from engine.tasks.bootstrap import grouped_mean, resamples
from engine.tasks.corpus.scores import score_masked_lm
from engine.tasks.example_scores import (
    ExampleScores,
    by_group,
    one_each,
    read_example_scores,
    wanted,
    write_example_scores,
)
from engine.tasks.sequence.catalogue import definition
from engine.tasks.sequence.judging import score_examples
from engine.tasks.sequence.records import Example


def mean(scores: ExampleScores) -> float:
    return float(np.average(scores.values, weights=scores.weights))


def test_groups_count_by_their_size():
    values = np.array([1.0, 0.0, 1.0, 1.0, 0.0])
    scores = by_group(["a", "b"], values, np.array([0, 0, 0, 1, 1]))
    assert scores.examples == ("a", "b")
    assert scores.values.tolist() == pytest.approx([2 / 3, 0.5])
    assert scores.weights.tolist() == [3, 2]
    assert mean(scores) == pytest.approx(values.mean())


def test_what_is_written_is_read_again(tmp_path):
    path = tmp_path / "scores.parquet"
    given = {
        "f1": by_group(["b", "ä"], np.array([0.25, 0.5, 1.0]), np.array([0, 1, 1])),
        "accuracy": one_each(["x"], np.array([1.0])),
    }
    write_example_scores(given, path)
    found = read_example_scores(path)
    assert (list(found), found) == (["f1", "accuracy"], given)
    assert found["f1"] != found["accuracy"]
    assert [item.name for item in tmp_path.iterdir()] == ["scores.parquet"], "nothing half-written is left"
    assert read_example_scores(tmp_path / "missing.parquet") == {}


def test_wanted_are_those_named_and_the_tasks_own():
    scores = {name: one_each(["a"], np.ones(1)) for name in ("exact", "f1", "raw_exact")}
    assert list(wanted(scores, {"raw_exact", "num_parameters"})) == ["exact", "raw_exact"]
    assert wanted({}, {"exact"}) == {}


def test_sequence_metrics_that_are_means_come_by_question():
    examples = [
        Example(str(number), "t", "p", label, group=group)
        for number, (label, group) in enumerate([(1, "q1"), (0, "q1"), (1, "q2"), (1, "q2"), (0, "q3")])
    ]
    logits = np.array([[0, 1], [1, 0], [0, 1], [1, 0], [1, 0]], dtype=np.float32)
    found = score_examples(definition("multirc"), examples, logits, 2)
    assert set(found.example_scores) == {"em"} | ({"accuracy"} & found.metrics.keys())
    em = found.example_scores["em"]
    assert em.examples == ("q1", "q2", "q3")
    assert em.values.tolist() == [1, 0, 1]
    for name, scores in found.example_scores.items():
        assert 100 * mean(scores) == pytest.approx(found.metrics[name])


def test_a_correlation_is_no_mean_over_examples():
    examples = [Example(str(number), "t", None, label) for number, label in enumerate([1, 0, 1, 0])]
    logits = np.array([[0, 1], [1, 0], [1, 0], [1, 0]], dtype=np.float32)
    found = score_examples(definition("cola"), examples, logits, 2)
    assert "mcc" in found.metrics
    assert "mcc" not in found.example_scores


def test_masked_words_come_by_row_with_their_number_as_weight():
    outputs = {
        "row": np.array([3, 3, 3, 8]),
        "answer": np.array([1, 2, 1, 1]),
        "correct": np.array([True, False, True, False]),
        "loss": np.array([0.1, 2.0, 0.3, 4.0]),
    }
    found = score_masked_lm(outputs)
    assert list(found.example_scores) == ["mlm_accuracy", "mlm_loss"]
    accuracy = found.example_scores["mlm_accuracy"]
    assert (accuracy.examples, accuracy.weights.tolist()) == (("3", "8"), [3, 1])
    assert 100 * mean(accuracy) == pytest.approx(found.metrics["mlm_accuracy"])
    assert mean(found.example_scores["mlm_loss"]) == pytest.approx(found.metrics["mlm_loss"])


def test_resamples_of_examples_spread_as_the_standard_error_says():
    rng = np.random.default_rng(0)
    values = rng.random(300)
    group = np.concatenate([np.arange(60), rng.integers(0, 60, 240)])
    _, error = grouped_mean(values, group)
    scores = by_group([str(number) for number in range(60)], values, group)
    counts = np.concatenate(list(resamples(60, 4000, seed=1)))
    assert counts.shape == (4000, 60)
    assert (counts.sum(axis=1) == 60).all()
    means = counts @ (scores.values * scores.weights) / (counts @ scores.weights)
    assert means.std() == pytest.approx(error, rel=0.06)

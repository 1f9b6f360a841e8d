"""Metrics of masked LM against values worked out by hand and a simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.errors import DatasetError
from engine.tasks.corpus.scores import score_masked_lm


def outputs(row: list[int], correct: list[int], loss: list[float]) -> dict[str, np.ndarray]:
    return {
        "row": np.array(row),
        "answer": np.arange(len(row)),
        "correct": np.array(correct, dtype=bool),
        "loss": np.array(loss, dtype=np.float32),
    }


def test_scores_by_hand() -> None:
    # Rows of 2, 1 and 1 hidden tokens: 1 of 2, 1 of 1 and 0 of 1 right.
    scores = score_masked_lm(outputs([4, 4, 0, 9], [1, 0, 1, 0], [1.0, 2.0, 0.5, 0.5]))
    assert scores.metrics == pytest.approx(
        {"mlm_accuracy": 50.0, "mlm_loss": 1.0, "perplexity": math.e, "collapsed": 0.0}
    )
    # Residuals of the sums: 1 - 2/2, 1 - 1/2 and 0 - 1/2; then 3 - 2, 0.5 - 1 and 0.5 - 1.
    assert scores.standard_errors["mlm_accuracy"] == pytest.approx(100 * math.sqrt(0.5 * 3 / 2) / 4)
    assert scores.standard_errors["mlm_loss"] == pytest.approx(math.sqrt(1.5 * 3 / 2) / 4)
    assert scores.standard_errors["perplexity"] == pytest.approx(math.e * scores.standard_errors["mlm_loss"])


def test_standard_errors_are_the_spread_over_samples() -> None:
    rng = np.random.default_rng(0)
    values, told = [], []
    for _ in range(300):
        masks = rng.integers(1, 9, 200)
        skill = np.repeat(rng.uniform(0, 1, 200), masks)  # tokens of a row share their difficulty
        correct = rng.uniform(size=masks.sum()) < skill
        scores = score_masked_lm(
            outputs(np.repeat(np.arange(200), masks).tolist(), correct.tolist(), skill.tolist())
        )
        values.append(scores.metrics["mlm_accuracy"])
        told.append(scores.standard_errors["mlm_accuracy"])
    assert np.mean(told) == pytest.approx(np.std(values), rel=0.12)


def test_one_row_has_no_standard_error_and_one_answer_to_everything_is_a_collapse() -> None:
    found = outputs([3, 3], [1, 0], [1.0, 1.0]) | {"answer": np.array([8, 8])}
    scores = score_masked_lm(found)
    assert scores.standard_errors == {}
    assert scores.metrics["collapsed"] == 1


def test_nothing_hidden_is_told() -> None:
    with pytest.raises(DatasetError, match="no token"):
        score_masked_lm(outputs([], [], []))

"""The model of failures finds edges along the axes and holds beyond the last failure."""

from __future__ import annotations

import numpy as np

from engine.strategies.success import PRIOR_TRIALS, learn_success


def test_it_holds_beyond_the_last_failure() -> None:
    random = np.random.default_rng(0)
    points = random.random((40, 4))
    fails = points[:, 1] > 0.7
    seen = points[points[:, 1] < 0.85]
    model = learn_success(seen[seen[:, 1] <= 0.7], seen[seen[:, 1] > 0.7])
    far, near = np.array([[0.5, 0.99, 0.5, 0.5]]), np.array([[0.5, 0.3, 0.5, 0.5]])
    assert fails.any()
    assert model.probability(far)[0] < 0.2
    assert model.probability(near)[0] > 0.8


def test_one_failure_is_no_certainty() -> None:
    model = learn_success(np.array([[0.2], [0.4]]), np.array([[0.9]]))
    low, high = model.probability(np.array([[0.95], [0.1]]))
    assert 0.1 < low < 0.5 < high < 1.0


def test_a_search_without_a_single_success_has_no_model_yet() -> None:
    """Two classes are needed; models are only fitted once trials have completed."""
    model = learn_success(np.array([[0.5]]), np.array([[0.5]]))
    assert 0.2 < model.probability(np.array([[0.5]]))[0] < 0.8


def test_trees_asked_one_by_one_say_what_the_forest_says() -> None:
    random = np.random.default_rng(3)
    model = learn_success(random.random((30, 3)), random.random((10, 3)) + 0.4)
    points = random.random((50, 3)) * 1.4
    share = (model.trials * model.trees.predict_proba(points)[:, 1] + PRIOR_TRIALS * model.share) / (
        model.trials + PRIOR_TRIALS
    )
    assert np.allclose(model.probability(points), share)

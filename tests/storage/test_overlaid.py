"""Curves of several trials at once: few points each, on three axes; scores by example whatever the experiment."""

from __future__ import annotations

import numpy as np
import pytest

from storage.errors import SettingError
from storage.experiments import ExperimentRow
from storage.overlaid import (
    evaluated_metrics,
    evaluation_curves,
    metrics_of_trials,
    step_curves,
)
from storage.paired import metrics_by_example, scored_examples
from storage.store import Store
from storage.trials import NewTrial, add_trials


@pytest.fixture
def trials(store: Store, demo: ExperimentRow) -> list[int]:
    """One with 900 steps, one with 3, one with none."""
    rows = add_trials(store, demo.experiment_id, [NewTrial("student", {}, seed) for seed in range(3)])
    with store.write() as connection:
        connection.execute(
            """
            INSERT INTO steps (trial_id, step, epoch, loss, soft_loss, ts)
            SELECT trial, k, k / 100, 10 - k / 100, CASE WHEN trial = 1 THEN 1 END,
                TIMESTAMP '2026-11-20' + to_seconds(2 * k)
            FROM (VALUES (1, 900), (2, 3)) AS t(trial, most), range(1, 901) AS s(k) WHERE k <= most
            """
        )
        connection.execute(
            """
            INSERT INTO evaluations (trial_id, step, name, value, standard_error, ts) VALUES
                (1, 450, 'exact', 60, 1, TIMESTAMP '2026-11-20'), (1, 900, 'exact', 70, 1, TIMESTAMP '2026-11-20'),
                (2, 3, 'exact', NULL, NULL, TIMESTAMP '2026-11-20'), (2, 3, 'f1', 5, NULL, TIMESTAMP '2026-11-20'),
                (3, 5, 'exact', 50, 2, TIMESTAMP '2026-11-20')
            """
        )
        connection.execute(
            "INSERT INTO trial_metrics VALUES (1, 'exact', 70, 1), (1, 'flops', 5, NULL), (3, 'exact', 50, 2)"
        )
        connection.execute(
            """
            INSERT INTO example_scores
            SELECT trial, 'exact', n, 'q' || (n + shift), n % 2, 1
            FROM (VALUES (1, 0), (2, 5)) AS t(trial, shift), range(10) AS s(n)
            """
        )
    return [row.trial_id for row in rows]


def test_step_curves_are_thinned_one_by_one(store: Store, trials: list[int]) -> None:
    curves = step_curves(store, trials, "loss", max_points=30)
    long, short = (curves[curves["trial_id"] == trial] for trial in trials[:2])
    assert len(long) == 30
    assert short["step"].tolist() == [1, 2, 3]
    assert short["seconds"].tolist() == [0.0, 2.0, 4.0]
    assert short["epoch"].tolist() == [0.01, 0.02, 0.03]
    assert long["step"].tolist() == list(range(30, 901, 30))
    assert long["value"].iloc[0] == pytest.approx(10 - 15.5 / 100)
    assert step_curves(store, trials, "soft_loss", max_points=30)["trial_id"].unique().tolist() == trials[:1]
    assert step_curves(store, [99], "loss").empty


def test_only_known_columns_are_curves(store: Store) -> None:
    with pytest.raises(SettingError, match="no curve 'ts'"):
        step_curves(store, [1], "ts")


def test_evaluations_know_their_epoch_and_time(store: Store, trials: list[int]) -> None:
    curves = evaluation_curves(store, trials, "exact")
    assert curves[["trial_id", "step", "value"]].to_numpy().tolist() == [
        [1, 450, 60],
        [1, 900, 70],
        [3, 5, 50],
    ]
    assert curves["epoch"].tolist()[:2] == [4.5, 9.0]
    assert curves["seconds"].tolist()[:2] == [898.0, 1798.0]
    assert curves["epoch"].isna().tolist()[2], "a trial without steps"
    assert evaluation_curves(store, trials, "exact", max_points=1)["step"].tolist() == [900, 5]
    assert evaluated_metrics(store, trials) == ["exact", "f1"]


def test_final_metrics_of_a_few_trials(store: Store, trials: list[int]) -> None:
    assert metrics_of_trials(store, trials) == {
        1: {"exact": (70.0, 1.0), "flops": (5.0, None)},
        3: {"exact": (50.0, 2.0)},
    }


def test_scores_by_example_share_the_numbers_of_equal_names(store: Store, trials: list[int]) -> None:
    assert metrics_by_example(store, trials) == {1: ["exact"], 2: ["exact"]}
    found = scored_examples(store, trials, "exact")
    assert found.keys() == {1, 2}
    assert len(np.intersect1d(found[1].examples, found[2].examples)) == 5
    for own in found.values():
        assert (np.diff(own.examples.astype(object)) > 0).all()
        assert own.values.sum() == 5
        assert own.weights.tolist() == [1.0] * 10
    assert scored_examples(store, trials, "f1") == {}

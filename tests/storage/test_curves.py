"""Curves are thinned without losing their ends; events page; the end of an attempt is found."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.curves import (
    evaluation_count,
    evaluations_frame,
    evaluations_of,
    events_frame,
    final_event,
    steps_frame,
)
from storage.experiments import ExperimentRow
from storage.ingest import ingest
from storage.store import Store
from storage.trials import NewTrial, add_trials

TRIAL = 1


@pytest.fixture
def curve(store: Store, demo: ExperimentRow) -> Store:
    add_trials(store, demo.experiment_id, [NewTrial("student", {}, 0)])
    with store.write() as connection:
        connection.execute(
            "INSERT INTO steps (trial_id, step, loss, ts) "
            "SELECT 1, 10 * range, 1 / (1 + range), TIMESTAMP '2026-11-20' FROM range(500)"
        )
    return store


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(2, 700))
def test_thinning_keeps_both_ends_and_the_limit(curve: Store, points: int) -> None:
    steps = steps_frame(curve, TRIAL, max_points=points)["step"].tolist()
    assert (steps[0], steps[-1]) == (0, 4990)
    assert steps == sorted(set(steps))
    assert min(500, points) / 2 <= len(steps) <= points
    gaps = {later - earlier for earlier, later in pairwise(steps[:-1])}
    assert len(gaps) <= 1


def test_too_few_points_are_refused(curve: Store) -> None:
    with pytest.raises(ValueError, match="max_points is 1"):
        steps_frame(curve, TRIAL, max_points=1)


def test_an_empty_curve_has_its_columns(store: Store) -> None:
    assert list(steps_frame(store, 5)) == [
        *("step", "epoch", "loss", "soft_loss", "hard_loss", "learning_rate", "examples_per_second", "ts"),
        *("cosine_loss", "hidden_loss", "attention_loss"),
    ]
    assert list(evaluations_frame(store, 5)) == ["step", "name", "value", "standard_error", "ts"]


def test_events_and_ends(curve: Store, tmp_path: Path) -> None:
    events = [
        {"kind": "started", "attempt": 1},
        {"kind": "failed", "attempt": 1, "reason": "diverged", "error": "loss is NaN"},
        {"kind": "started", "attempt": 2},
        {"kind": "evaluation", "attempt": 2, "step": 5, "metrics": {"f1": 2.0, "exact": 1.0}},
    ]
    file = tmp_path / "events.jsonl"
    broken = b"broken\n"
    file.write_bytes(
        broken
        + b"".join(
            json.dumps({"seq": seq, "ts": "2026-11-20T05:00:00Z"} | event).encode() + b"\n"
            for seq, event in enumerate(events, 1)
        )
    )
    ingest(curve, TRIAL, file)
    assert events_frame(curve, TRIAL)["kind"].tolist() == [
        *("malformed", "started", "failed", "started", "evaluation")
    ]
    assert events_frame(curve, TRIAL, after_seq=1, limit=2)["seq"].tolist() == [2, 3]
    assert evaluations_frame(curve, TRIAL)["name"].tolist() == ["exact", "f1"]
    assert final_event(curve, TRIAL, 1) == {
        "seq": 2,
        "ts": datetime(2026, 11, 20, 5, tzinfo=UTC),
        "attempt": 1,
        "kind": "failed",
        "reason": "diverged",
        "error": "loss is NaN",
    }
    assert final_event(curve, TRIAL, 2) is None


def test_evaluations_of_an_experiment_come_in_order_with_the_metrics_wanted(
    store: Store, demo: ExperimentRow
) -> None:
    add_trials(store, demo.experiment_id, [NewTrial("student", {}, seed) for seed in range(2)])
    with store.write() as connection:
        connection.execute(
            """
            INSERT INTO evaluations (trial_id, step, name, value, ts) VALUES
                (1, 20, 'exact', 50, TIMESTAMP '2026-11-20 10:00:02'),
                (1, 10, 'exact', 40, TIMESTAMP '2026-11-20 10:00:01'),
                (1, 10, 'f1', 45, TIMESTAMP '2026-11-20 10:00:01'),
                (2, 10, 'exact', NULL, TIMESTAMP '2026-11-20 10:00:03'),
                (2, 10, 'f1', 30, TIMESTAMP '2026-11-20 10:00:03')
            """
        )
    found = evaluations_of(store, demo.experiment_id, ["exact"])
    assert [(row.step, row.metrics) for row in found[1]] == [(10, {"exact": 40.0}), (20, {"exact": 50.0})]
    assert found[1][0].ts == datetime(2026, 11, 20, 10, 0, 1, tzinfo=UTC)
    # An evaluation whose number was not finite took place all the same.
    assert [(row.step, row.metrics) for row in found[2]] == [(10, {})]
    assert evaluation_count(store, demo.experiment_id) == 5
    assert evaluations_of(store, 99, ["exact"]) == {}
    assert evaluation_count(store, 99) == 0

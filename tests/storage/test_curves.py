"""Curves are thinned without losing their ends; events page; the end of an attempt is found."""

from __future__ import annotations

import json
from datetime import UTC, datetime
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
    latest_events,
    steps_frame,
    steps_range,
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
@given(st.integers(3, 700))
def test_thinning_keeps_both_ends_the_limit_and_every_step_in_some_mean(curve: Store, points: int) -> None:
    frame = steps_frame(curve, TRIAL, max_points=points)
    steps = frame["step"].tolist()
    assert (steps[0], steps[-1]) == (0, 4990)
    assert steps == sorted(set(steps))
    assert len(steps) == min(500, points)
    assert (frame["loss_low"] <= frame["loss"] + 1e-12).all()
    assert (frame["loss"] <= frame["loss_high"] + 1e-12).all()
    assert frame["steps"].sum() == 500
    inner = frame["steps"].tolist()[1:-1]
    assert max(inner) - min(inner) <= 1
    assert (frame["loss"] * frame["steps"]).sum() == pytest.approx(sum(1 / (1 + n) for n in range(500)))


def test_a_spike_is_never_lost(curve: Store) -> None:
    with curve.write() as connection:
        connection.execute("UPDATE steps SET loss = 99 WHERE step = 2340")
    assert steps_frame(curve, TRIAL, max_points=20)["loss_high"].max() == 99


def test_a_range_of_steps_shows_more_of_it(curve: Store) -> None:
    near = steps_frame(curve, TRIAL, max_points=50, low=1000, high=1300)
    assert near["step"].tolist() == list(range(1000, 1310, 10))
    assert near["steps"].unique().tolist() == [1]
    assert steps_frame(curve, TRIAL, low=9000).empty
    assert steps_range(curve, TRIAL) == (0, 4990, 500)
    assert steps_range(curve, 99) is None


def test_too_few_points_are_refused(curve: Store) -> None:
    with pytest.raises(ValueError, match="max_points is 2"):
        steps_frame(curve, TRIAL, max_points=2)


def test_evaluations_are_thinned_from_the_end_and_chosen_by_name(curve: Store) -> None:
    with curve.write() as connection:
        connection.execute(
            "INSERT INTO evaluations (trial_id, step, name, value, ts) "
            "SELECT 1, step, name, step, TIMESTAMP '2026-11-20' FROM range(100) AS s(step), "
            "(VALUES ('exact'), ('f1')) AS n(name)"
        )
    assert len(evaluations_frame(curve, TRIAL)) == 200
    few = evaluations_frame(curve, TRIAL, ["f1"], max_points=10)
    assert few["name"].unique().tolist() == ["f1"]
    assert few["step"].tolist() == list(range(9, 100, 10))


def test_latest_events_come_first(curve: Store, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    kinds = ["started", "progress", "resources", "progress", "resources"]
    file.write_text(
        "".join(
            json.dumps(
                {"seq": seq, "ts": f"2026-11-20T05:00:0{seq}Z", "attempt": 1, "kind": kind, "fraction": 0.5}
            )
            + "\n"
            for seq, kind in enumerate(kinds, 1)
        )
    )
    ingest(curve, TRIAL, file)
    assert latest_events(curve, TRIAL, 2)["seq"].tolist() == [5, 4]
    assert latest_events(curve, TRIAL, 2, without=["resources"])["seq"].tolist() == [4, 2]


def test_an_empty_curve_has_its_columns(store: Store) -> None:
    assert list(steps_frame(store, 5)) == [
        *("step", "epoch", "loss", "soft_loss", "hard_loss", "learning_rate", "examples_per_second", "ts"),
        *("cosine_loss", "hidden_loss", "attention_loss", "loss_low", "loss_high", "steps"),
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

"""Looks at the use of the machine become rows once, and few rows of many looks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storage.experiments import ExperimentRow
from storage.ingest import ingest
from storage.resources import resources_frame
from storage.store import Store
from storage.trials import NewTrial, add_trials, move_trial


@pytest.fixture
def trial(store: Store, demo: ExperimentRow) -> int:
    (row,) = add_trials(store, demo.experiment_id, [NewTrial("student", {}, 0)])
    return row.trial_id


def line(seq: int, second: int, cpu: float, memory: float, **more: float) -> str:
    event = {"seq": seq, "ts": f"2026-11-20T05:{second // 60:02d}:{second % 60:02d}Z", "attempt": 1}
    event |= {"kind": "resources", "cpu_percent": cpu, "memory_mb": memory}
    return json.dumps(event | more) + "\n"


def test_looks_are_stored_once(store: Store, trial: int, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text(line(1, 0, 90.0, 500.0) + line(2, 5, 150.0, 700.0, gpu_percent=80.0, gpu_memory_mb=2e4))
    assert ingest(store, trial, file) == 2
    assert ingest(store, trial, file) == 0
    with file.open("a") as more:
        more.write(line(3, 10, 30.0, 600.0))
    ingest(store, trial, file)
    rows = resources_frame(store, trial)
    assert rows["seconds"].tolist() == [0.0, 5.0, 10.0], "from the first look, where the start is not known"
    assert rows["cpu_percent"].tolist() == [90.0, 150.0, 30.0]
    assert rows["memory_mb"].tolist() == [500.0, 700.0, 600.0]
    assert rows["gpu_percent"].tolist()[1] == 80.0
    assert rows["gpu_percent"].isna().tolist() == [True, False, True]


def test_broken_looks_hold_nothing_up(store: Store, trial: int, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text(line(1, 0, 1.0, 1.0).replace("1.0", '"much"') + line(2, 1, 20.0, 30.0))
    ingest(store, trial, file)
    assert resources_frame(store, trial)["cpu_percent"].tolist() == [20.0]


def test_many_looks_become_few_rows(store: Store, trial: int) -> None:
    with store.write() as connection:
        connection.execute(
            "INSERT INTO resources SELECT ?, TIMESTAMP '2026-11-20' + to_seconds(5 * n), 1, n % 2 * 100, n, NULL, NULL "
            "FROM range(10000) AS looks(n)",
            [trial],
        )
        move_trial(store, trial, "running", allowed_from=["queued"], started=True)
    rows = resources_frame(store, trial, max_points=100)
    assert len(rows) == 100
    assert rows["cpu_percent"].unique().tolist() == [50.0]
    assert rows["memory_mb"].tolist() == [100 * n + 99 for n in range(100)], "the most of each stretch"
    assert rows["seconds"].is_monotonic_increasing
    assert resources_frame(store, 99).empty

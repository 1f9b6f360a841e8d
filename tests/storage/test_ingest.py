"""However a file of events is cut, repeated or forgotten, its rows are those of one clean reading."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.curves import steps_frame
from storage.errors import UnknownNameError
from storage.experiments import ExperimentRow
from storage.ingest import ingest
from storage.store import Store
from storage.trials import NewTrial, add_trials, get_trial, metrics_of
from storage.views import view_frame

TABLES = ("events", "steps", "evaluations", "trial_metrics", "ingest_offsets")


def lines(events: list[dict]) -> bytes:
    """The events as a file, numbered and dated; an event that is a string is written as it is."""
    head = {"ts": "2026-11-20T05:10:11.123456Z", "attempt": 1}
    return b"".join(
        json.dumps({"seq": number} | head | event).encode() + b"\n" for number, event in enumerate(events, 1)
    )


@pytest.fixture
def trial_id(store: Store, demo: ExperimentRow) -> int:
    return add_trials(store, demo.experiment_id, [NewTrial("student", {"layers": 3}, 0)])[0].trial_id


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def rows(store: Store, trial_id: int) -> dict[str, list[tuple]]:
    with store.read() as connection:
        stored = {
            table: connection.execute(
                f"SELECT * EXCLUDE (trial_id) FROM {table} WHERE trial_id = ? ORDER BY ALL", [trial_id]
            ).fetchall()
            for table in TABLES
        }
        stored["trials"] = connection.execute(
            "SELECT progress, progress_message FROM trials WHERE trial_id = ?", [trial_id]
        ).fetchall()
    return stored


def test_each_kind_reaches_its_table(store: Store, trial_id: int, file: Path) -> None:
    file.write_bytes(
        lines(
            [
                {
                    "kind": "started",
                    "pid": 1,
                    "host": "h",
                    "device": "cpu",
                    "threads": 1,
                    "resumed_from_step": None,
                },
                {"kind": "progress", "fraction": 0.25, "message": "training"},
                {"kind": "step", "step": 10, "epoch": 0.5, "loss": 2.5, "soft_loss": math.nan},
                {
                    "kind": "evaluation",
                    "step": 10,
                    "metrics": {"exact": 50.5},
                    "standard_errors": {"exact": 1.5},
                },
                {"kind": "checkpoint", "step": 10},
                {
                    "kind": "finished",
                    "metrics": {"exact": 60.5, "f1": 70.0},
                    "standard_errors": {"exact": 1.25},
                },
            ]
        )
    )
    assert ingest(store, trial_id, file) == 6
    stored = rows(store, trial_id)
    assert [row[3] for row in stored["events"]] == [
        *("started", "progress", "step", "evaluation", "checkpoint", "finished")
    ]
    assert [row[:4] for row in stored["steps"]] == [(10, 0.5, 2.5, None)]
    assert [row[:4] for row in stored["evaluations"]] == [(10, "exact", 50.5, 1.5)]
    assert stored["trials"] == [(0.25, "training")]
    assert metrics_of(store, 1) == {1: {"exact": (60.5, 1.25), "f1": (70.0, None)}}
    assert view_frame(store, "demo")["f1"].tolist() == [70.0]
    assert get_trial(store, "demo", 1).state == "pending"


def test_nothing_new_writes_nothing(store: Store, trial_id: int, file: Path) -> None:
    assert ingest(store, trial_id, file) == 0
    file.write_bytes(lines([{"kind": "note"}]))
    assert ingest(store, trial_id, file) == 1
    revision = store.revision
    assert ingest(store, trial_id, file) == 0
    with file.open("ab") as torn:
        torn.write(b'{"seq": 2, "ts"')
    assert ingest(store, trial_id, file) == 0
    assert store.revision == revision


def test_a_resumed_trial_overwrites_the_steps_after_its_checkpoint(
    store: Store, trial_id: int, file: Path
) -> None:
    steps = [{"kind": "step", "step": step, "loss": 1.0} for step in (1, 2, 3)]
    again = [{"kind": "step", "step": step, "loss": 2.0, "attempt": 2} for step in (2, 3, 4)]
    file.write_bytes(lines([*steps, *again]))
    ingest(store, trial_id, file)
    assert steps_frame(store, trial_id)["loss"].tolist() == [1.0, 2.0, 2.0, 2.0]


def test_final_metrics_are_those_of_the_last_attempt(store: Store, trial_id: int, file: Path) -> None:
    file.write_bytes(
        lines(
            [
                {"kind": "finished", "metrics": {"exact": 1.0, "f1": 2.0}},
                {"kind": "finished", "metrics": {"exact": 3.0, "lost": math.inf}, "attempt": 2},
            ]
        )
    )
    ingest(store, trial_id, file)
    assert metrics_of(store, 1) == {1: {"exact": (3.0, None)}}


def test_a_broken_line_is_kept_and_holds_nothing_up(store: Store, trial_id: int, file: Path) -> None:
    good = lines([{"kind": "note"}, {"kind": "step", "step": 1}])
    first, second = good.splitlines(keepends=True)
    file.write_bytes(first + b'{"seq": 2, "t\n' + second)
    assert ingest(store, trial_id, file) == 3
    malformed = [row for row in rows(store, trial_id)["events"] if row[3] == "malformed"]
    assert [(row[0], json.loads(row[4])) for row in malformed] == [
        (-len(first) - 1, {"text": '{"seq": 2, "t'})
    ]
    with store.write() as connection:
        connection.execute("DELETE FROM ingest_offsets")
    assert ingest(store, trial_id, file) == 0


def test_an_unknown_trial_is_refused(store: Store, file: Path) -> None:
    file.write_bytes(lines([{"kind": "note"}]))
    with pytest.raises(UnknownNameError, match="no trial has the id 77"):
        ingest(store, 77, file)


def test_a_file_longer_than_a_batch(
    store: Store, trial_id: int, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.ingest.BATCH_BYTES", 1000)
    file.write_bytes(lines([{"kind": "step", "step": step} for step in range(100)]))
    assert ingest(store, trial_id, file) == 100
    assert len(steps_frame(store, trial_id)) == 100
    assert rows(store, trial_id)["ingest_offsets"] == [(file.stat().st_size, 100)]


metric_values = st.dictionaries(st.sampled_from(["exact", "f1"]), st.floats() | st.none(), max_size=2)
event = st.one_of(
    st.fixed_dictionaries({"kind": st.just("step"), "step": st.integers(0, 5), "loss": st.floats()}),
    st.fixed_dictionaries(
        {"kind": st.just("evaluation"), "step": st.integers(0, 3), "metrics": metric_values}
    ),
    st.fixed_dictionaries({"kind": st.just("progress"), "fraction": st.floats(-1, 2), "message": st.text()}),
    st.fixed_dictionaries({"kind": st.just("finished"), "metrics": metric_values}),
    st.fixed_dictionaries({"kind": st.text(max_size=5), "x": st.text() | st.integers() | st.floats()}),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), events=st.lists(event, min_size=1, max_size=12))
def test_any_way_of_reading_gives_the_rows_of_one_clean_reading(
    store: Store, demo: ExperimentRow, tmp_path: Path, data: st.DataObject, events: list[dict]
) -> None:
    written = lines(events).splitlines(keepends=True)
    junk = st.binary(max_size=8).map(lambda text: text.replace(b"\n", b"") + b"\n")
    for place in data.draw(st.lists(st.integers(0, len(written)), max_size=3)):
        written.insert(place, data.draw(junk))
    whole = b"".join(written)
    clean, cut = add_trials(store, demo.experiment_id, [NewTrial("student", {}, 0)] * 2)
    file = tmp_path / "events.jsonl"
    file.write_bytes(whole)
    ingest(store, clean.trial_id, file)

    total = 0
    for end in [*sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5))), len(whole)]:
        file.write_bytes(whole[:end])
        if data.draw(st.booleans()):
            with store.write() as connection:
                connection.execute("DELETE FROM ingest_offsets WHERE trial_id = ?", [cut.trial_id])
        total += ingest(store, cut.trial_id, file)
    assert rows(store, cut.trial_id) == rows(store, clean.trial_id)
    assert total == len(rows(store, clean.trial_id)["events"])

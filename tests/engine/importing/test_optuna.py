"""Studies in Optuna's storages are read without Optuna, and as Optuna itself would read them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.errors import DatasetError, SettingError
from engine.importing.optuna_values import joined, parse_range
from engine.importing.reading import read_study_file
from engine.importing.study import Study
from engine.importing.wishes import Wishes, parse_metric
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter
from tests.engine.importing.optuna_files import write_journal, write_sqlite

WRITERS = {"study.db": write_sqlite, "journal.log": write_journal}


@pytest.fixture(params=WRITERS)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return WRITERS[request.param](tmp_path / request.param)


def read(storage: Path, study: str | None = "two", *metrics: str) -> Study:
    return read_study_file(storage, Wishes([parse_metric(text) for text in metrics], study))


def test_a_study_of_two_objectives(storage: Path) -> None:
    study = read(storage)
    assert study.source == "Optuna study two"
    assert [(metric.name, metric.direction) for metric in study.metrics] == [
        ("exact", "maximize"),
        ("num_parameters", "minimize"),
    ]
    assert study.parameters == {
        "n_layers": IntegerParameter(low=1, high=12),
        "lr": FloatParameter(low=1e-6, high=1e-3, log=True),
        "kind": CategoricalParameter(values=("linear", "null", "3")),
    }
    first, second, third = study.trials
    assert (first.number, first.state) == (0, "completed")
    assert first.parameters == {"n_layers": 6, "lr": 1e-4, "kind": "linear"}
    assert first.metrics == {"exact": 55.5, "num_parameters": 30e6, "latency_ms": 12.0}
    assert second.parameters == {"n_layers": 12, "lr": 2e-5, "kind": "null", "extra": 3}
    assert (third.number, third.state, third.metrics) == (2, "failed", {})
    assert first.started_at == datetime(2026, 11, 20, 15, 14, 34, 18190, tzinfo=UTC)
    assert first.finished_at == datetime(2026, 11, 20, 15, 14, 35, 18190, tzinfo=UTC)


def test_what_is_left_out_is_told(storage: Path) -> None:
    unended, unusable, sometimes = read(storage).notes
    assert unended.startswith("1 trial has not ended")
    assert unusable.startswith("2 trials have")
    assert "extra" in sometimes


def test_values_on_the_way_and_pruned_trials(storage: Path) -> None:
    pruned, completed = read(storage, "one").trials
    assert (pruned.state, pruned.metrics) == ("stopped", {})
    assert pruned.evaluations == ((0, "value", 0.1), (2, "value", 0.3))
    assert (completed.state, completed.metrics) == ("completed", {"value": 0.9})


def test_objectives_can_be_named_and_attributes_given_a_direction(storage: Path) -> None:
    study = read(
        storage, "two", "f1:maximize:threshold=50", "size:minimize", "ms:minimize:store:from=latency_ms"
    )
    assert [metric.name for metric in study.metrics] == ["f1", "size", "ms"]
    assert study.metrics[0].threshold == 50
    assert study.trials[0].metrics == {"f1": 55.5, "size": 30e6, "ms": 12.0}
    with pytest.raises(SettingError, match="is to minimize"):
        read(storage, "two", "f1:maximize", "size:maximize")
    with pytest.raises(SettingError, match="2 objectives"):
        read(storage, "two", "f1:maximize")


def test_which_study_must_be_clear(storage: Path) -> None:
    with pytest.raises(SettingError, match="2 studies; name one with --study: one, two"):
        read(storage, None)
    with pytest.raises(SettingError, match="'three'"):
        read(storage, "three")


@pytest.mark.parametrize(("library", "hour"), [("5.0.0", 15), ("4.6.0", 20)])
def test_times_were_local_before_version_5(
    tmp_path: Path, library: str, hour: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        found = read(write_sqlite(tmp_path / "study.db", library=library))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert found.trials[0].started_at is not None
    assert found.trials[0].started_at.hour == hour


def test_other_versions_and_other_files_are_explained(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"Optuna 2\.0\.0; only 3 to 5"):
        read(write_sqlite(tmp_path / "old.db", library="2.0.0", schema=11))
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE t (x)")
    with pytest.raises(DatasetError, match="no Optuna storage"):
        read(other)
    (tmp_path / "broken.db").write_bytes(b"SQLite format 3\x00 and no more")
    with pytest.raises(DatasetError, match="cannot be read"):
        read(tmp_path / "broken.db")
    (tmp_path / "broken.log").write_text(
        '{"op_code": 0, "study_name": "a"}\n{"op_code": 1}\n', encoding="utf-8"
    )
    with pytest.raises(DatasetError, match="line 1"):
        read(tmp_path / "broken.log")
    (tmp_path / "text.txt").write_text("hello", encoding="utf-8")
    with pytest.raises(DatasetError, match="journal file"):
        read(tmp_path / "text.txt")
    with pytest.raises(DatasetError, match="cannot be read"):
        read(tmp_path / "missing.db")


def test_a_study_without_results_is_explained(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "study.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE trials SET state = 'RUNNING'")
    with pytest.raises(SettingError, match="nothing to import"):
        read(path)


@pytest.mark.parametrize(
    ("name", "attributes", "parameter"),
    [
        ("UniformDistribution", {"low": 0.0, "high": 1.0}, FloatParameter(low=0, high=1)),
        ("LogUniformDistribution", {"low": 0.1, "high": 1.0}, FloatParameter(low=0.1, high=1, log=True)),
        ("DiscreteUniformDistribution", {"low": 0.0, "high": 1.0, "q": 0.5}, FloatParameter(low=0, high=1)),
        ("IntUniformDistribution", {"low": 1, "high": 8, "step": 2}, IntegerParameter(low=1, high=8)),
        ("IntLogUniformDistribution", {"low": 1, "high": 8}, IntegerParameter(low=1, high=8, log=True)),
        ("IntDistribution", {"low": 3, "high": 3}, CategoricalParameter(values=(3,))),
        ("CategoricalDistribution", {"choices": [1, 2.5]}, CategoricalParameter(values=(1, 2.5))),
        ("CategoricalDistribution", {"choices": [True, "a"]}, CategoricalParameter(values=("true", "a"))),
    ],
)
def test_ranges_of_every_version(name: str, attributes: dict[str, object], parameter: object) -> None:
    assert joined([parse_range(json.dumps({"name": name, "attributes": attributes}))]) == parameter


def test_ranges_that_changed_are_joined() -> None:
    ranges = [
        parse_range(json.dumps({"type": "int", "low": low, "high": high})) for low, high in ((1, 4), (2, 9))
    ]
    assert joined(ranges) == IntegerParameter(low=1, high=9)
    with pytest.raises(SettingError, match="Odd"):
        parse_range('{"name": "OddDistribution", "attributes": {}}')


def test_optuna_reads_the_same(tmp_path: Path) -> None:
    """A storage that Optuna itself has written."""
    optuna = pytest.importorskip(
        "optuna", reason="Optuna is not installed; storages written by hand are read above"
    )
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    address = f"sqlite:///{tmp_path}/real.db"
    study = optuna.create_study(
        storage=address, directions=["maximize", "minimize"], sampler=optuna.samplers.RandomSampler(seed=0)
    )

    def measure(trial: optuna.Trial) -> tuple[float, float]:  # type: ignore[name-defined]
        layers = trial.suggest_int("layers", 1, 12)
        rate = trial.suggest_float("rate", 1e-6, 1e-3, log=True)
        trial.set_user_attr("ms", 2.0 * layers)
        return 50 + layers - 1e4 * rate, 5e6 * layers

    study.optimize(measure, n_trials=5)
    found = read_study_file(tmp_path / "real.db", Wishes())
    assert [trial.parameters for trial in found.trials] == [trial.params for trial in study.trials]
    assert [list(trial.metrics.values())[-2:] for trial in found.trials] == [
        trial.values for trial in study.trials
    ]
    assert found.parameters["rate"] == FloatParameter(low=1e-6, high=1e-3, log=True)

"""A database of the first schema version opens, keeps its rows, and takes what later versions know."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from storage import schema, store
from storage.experiments import create_experiment, get_experiment
from storage.ingest import ingest
from storage.schema import known_migrations, schema_version
from storage.store import Store
from storage.trials import NewTrial, add_trials, list_trials

STEP = {
    "ts": "2026-01-01T00:00:00Z",
    "attempt": 1,
    "kind": "step",
    "epoch": 0.5,
    "loss": 2.0,
    "soft_loss": 1.5,
}
STEP |= {"hard_loss": 2.5, "learning_rate": 1e-4, "examples_per_second": 80.0}
NEW = {"cosine_loss": 0.25, "hidden_loss": 0.5, "attention_loss": 0.75}


@pytest.fixture
def old(database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database as the first version of the program made it, with an experiment, a trial and a step."""
    first = known_migrations()[:1]
    with monkeypatch.context() as patch:
        for module in (store, schema):
            patch.setattr(module, "known_migrations", lambda: first)
        with Store.open(database) as opened:
            row = create_experiment(
                opened,
                name="demo",
                task="squad_v2",
                strategy="nehvi",
                budget_trials=3,
                spec={"seed": 1},
                spec_toml="seed = 1\n",
                parameters={"n_layers": "integer"},
                metrics={"exact": "float"},
            )
            add_trials(opened, row.experiment_id, [NewTrial("student", {"n_layers": 2}, 5)], state="running")
            with opened.write() as connection:
                connection.execute(
                    "INSERT INTO steps (trial_id, step, epoch, loss, soft_loss, hard_loss, ts) "
                    "SELECT trial_id, 1, 0.1, 3.0, 2.0, 4.0, TIMESTAMP '2026-01-01' FROM trials"
                )
    with duckdb.connect(str(database), read_only=True) as connection:
        assert schema_version(connection) == 1
        assert "cosine_loss" not in columns(connection)
    return database


def columns(connection: duckdb.DuckDBPyConnection) -> set[str]:
    names = "SELECT column_name FROM duckdb_columns() WHERE table_name = 'steps'"
    return {name for (name,) in connection.execute(names).fetchall()}


def test_an_old_database_keeps_its_rows_and_takes_new_losses(old: Path, tmp_path: Path) -> None:
    with Store.open(old) as opened:
        with opened.read() as connection:
            assert schema_version(connection) == known_migrations()[-1].version
            assert columns(connection) >= NEW.keys()
        experiment = get_experiment(opened, "demo")
        (trial,) = list_trials(opened, experiment.experiment_id)
        assert (experiment.spec, trial.parameters, trial.seed) == ({"seed": 1}, {"n_layers": 2}, 5)
        events = tmp_path / "events.jsonl"
        lines = [STEP | {"seq": 1, "step": 2} | NEW, STEP | {"seq": 2, "step": 3}]
        events.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        ingest(opened, trial.trial_id, events)
        with opened.read() as connection:
            rows = connection.execute(
                "SELECT step, loss, soft_loss, hard_loss, cosine_loss, hidden_loss, attention_loss "
                "FROM steps ORDER BY step"
            ).fetchall()
    assert rows == [
        (1, 3.0, 2.0, 4.0, None, None, None),
        (2, 2.0, 1.5, 2.5, 0.25, 0.5, 0.75),
        (3, 2.0, 1.5, 2.5, None, None, None),
    ]
    with Store.open(old) as again, again.read() as connection:
        assert connection.execute("SELECT count(*) FROM steps").fetchall() == [(3,)]


def test_a_migrated_database_has_the_tables_of_a_new_one(old: Path, tmp_path: Path) -> None:
    outlines = []
    for path in (old, tmp_path / "new" / "frontier.duckdb"):
        with Store.open(path) as opened, opened.read() as connection:
            outlines.append(
                connection.execute(
                    "SELECT table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns() "
                    "WHERE NOT internal AND schema_name = 'main' AND table_name NOT IN ('demo') "
                    "ORDER BY ALL"
                ).fetchall()
            )
    assert outlines[0] == outlines[1]

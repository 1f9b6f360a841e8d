"""``bert-frontier import``, with and without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli import import_study
from engine.cli.main import cli
from storage.experiments import get_experiment
from storage.store import Store
from tests.engine.importing.optuna_files import write_sqlite

OPTIONS = ["--name", "taken-over", "--study", "two", "--baseline", "0", "--task", "squad_v2"]


def run(home: Path, *arguments: str) -> Any:
    return CliRunner().invoke(cli, ["import", *arguments, "--home", str(home)])


def test_into_the_database(tmp_path: Path) -> None:
    storage = write_sqlite(tmp_path / "study.db")
    done = run(tmp_path / "home", str(storage), *OPTIONS)
    assert done.exit_code == 0, done.output
    assert "3 trials imported as taken-over" in done.output
    assert "1 trial has not ended" in done.stderr
    with Store.open(tmp_path / "home" / "frontier.duckdb") as store:
        row = get_experiment(store, "taken-over")
        assert (row.strategy, row.task, row.state) == ("imported", "squad_v2", "completed")


def test_through_the_server_that_owns_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    class Server:
        address = "http://127.0.0.1:1"

        def import_study(self, *given: Any) -> str:
            sent.append(given)
            return "taken-over-2"

    monkeypatch.setattr(import_study, "running_server", lambda home: Server())
    done = run(tmp_path / "home", str(write_sqlite(tmp_path / "study.db")), *OPTIONS)
    assert done.exit_code == 0, done.output
    assert "http://127.0.0.1:1/experiment?id=taken-over-2" in done.output
    [(name, study, task, baseline)] = sent
    assert (name, task, baseline, len(study["trials"])) == ("taken-over", "squad_v2", 0, 3)
    assert not (tmp_path / "home" / "frontier.duckdb").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.db", "--name", "x"], "cannot be read"),
        (["study.db", "--name", "x"], "2 studies"),
        (["study.db", "--name", "x", "--study", "two", "--metric", "f1"], "such as exact:maximize"),
        (["study.db", "--name", "x y", "--study", "two"], "cannot be used"),
    ],
)
def test_errors_are_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_sqlite(tmp_path / "study.db")
    done = run(tmp_path / "home", *arguments)
    assert done.exit_code != 0
    assert told in str(done.exception)

"""An open store in a temporary folder, and an experiment in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.experiments import ExperimentRow, create_experiment
from storage.store import Store


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "home" / "frontier.duckdb"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    with Store.open(database) as opened:
        yield opened


@pytest.fixture
def demo(store: Store) -> ExperimentRow:
    return create_experiment(
        store,
        name="demo",
        task="squad",
        strategy="nehvi",
        budget_trials=12,
        spec={"seed": 1},
        spec_toml="seed = 1\n",
        parameters={"layers": "integer", "learning_rate": "float", "pruning": "text"},
        metrics={"exact": "float", "num_parameters": "float"},
    )

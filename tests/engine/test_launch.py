"""Launching: rows, folder, names."""

from __future__ import annotations

import pytest

from engine.errors import HomeError
from engine.experiment import ExperimentSpec
from engine.launch import column_types, submit
from engine.settings import Home
from engine.spec_files import read_spec
from storage.experiments import list_experiments
from storage.store import Store
from storage.trials import list_trials
from storage.views import view_frame


def test_an_experiment_has_its_row_its_teacher_and_its_file(
    store: Store, home: Home, sample_spec: ExperimentSpec
) -> None:
    row = submit(store, home, sample_spec)
    assert (row.name, row.state, row.budget_trials, row.strategy) == ("sample", "pending", 3, "nehvi")
    assert ExperimentSpec.model_validate(row.spec) == sample_spec
    (teacher,) = list_trials(store, row.experiment_id)
    assert (teacher.number, teacher.role, teacher.state, teacher.seed) == (
        0,
        "teacher",
        "queued",
        sample_spec.seed,
    )
    assert read_spec(home.path / "experiments/sample/experiment.toml") == sample_spec
    assert {"n_layers", "learning_rate", "exact", "num_parameters"} <= set(view_frame(store, "sample"))


def test_a_taken_name_gets_a_number_and_so_does_one_whose_folder_is_there(
    store: Store, home: Home, sample_spec: ExperimentSpec
) -> None:
    (home.path / "experiments" / "sample-2" / "0001").mkdir(parents=True)
    (home.path / "experiments" / "sample-2" / "0001" / "events.jsonl").write_text("left over")
    names = [submit(store, home, sample_spec).name for _ in range(3)]
    assert names == ["sample", "sample-3", "sample-4"]


def test_a_name_that_is_a_word_of_sql_gets_a_number(
    store: Store, home: Home, sample_spec: ExperimentSpec
) -> None:
    assert submit(store, home, sample_spec.changed(name="select")).name == "select-2"


def test_nothing_is_stored_when_the_folder_cannot_be_made(
    store: Store, home: Home, sample_spec: ExperimentSpec
) -> None:
    (home.path / "experiments").write_text("in the way")
    with pytest.raises(HomeError, match="nothing was launched"):
        submit(store, home, sample_spec)
    assert list_experiments(store) == []


def test_column_types_follow_the_parameters(sample_spec: ExperimentSpec) -> None:
    spec = sample_spec.changed(
        parameters={
            "n_layers": {"type": "int", "low": 1, "high": 4},
            "n_heads": {"type": "categorical", "values": [2, 4]},
            "alpha": {"type": "categorical", "values": [0, 0.5]},
            "dropout": {"type": "float", "low": 0.0, "high": 0.5},
            "temperature": {"type": "categorical", "values": ["1", 2]},
        },
        baseline={"n_layers": 2, "n_heads": 4, "temperature": 2},
        fixed={},
    )
    assert column_types(spec.space()) == {
        "n_layers": "integer",
        "n_heads": "integer",
        "alpha": "float",
        "dropout": "float",
        "temperature": "text",
    }

"""The view of an experiment: one row per trial, typed columns, no clashes, no injection."""

from __future__ import annotations

import pytest

from storage.errors import UnknownNameError
from storage.experiments import ExperimentRow, create_experiment
from storage.outline import schema_outline
from storage.sql import run_query
from storage.store import Store
from storage.trials import NewTrial, add_trials, set_frontier
from storage.views import add_columns, refresh_view, view_frame, view_name


def test_the_design_query_just_works(store: Store, demo: ExperimentRow) -> None:
    parameters = {"layers": 6, "learning_rate": 3e-5, "pruning": "random"}
    add_trials(store, demo.experiment_id, [NewTrial("teacher", {}, 0), NewTrial("baseline", parameters, 1)])
    with store.write() as connection:
        connection.execute(
            "INSERT INTO trial_metrics VALUES (2, 'exact', 61.5, 0.7), (2, 'num_parameters', 66e6, NULL)"
        )
    set_frontier(store, demo.experiment_id, [1])
    result = run_query(
        store, "SELECT layers, learning_rate, pruning, exact, num_parameters FROM demo WHERE on_frontier"
    )
    assert result.types == ["BIGINT", "DOUBLE", "VARCHAR", "DOUBLE", "DOUBLE"]
    assert result.rows == [(6, 3e-5, "random", 61.5, 66e6)]
    frame = view_frame(store, "demo")
    assert frame["trial"].tolist() == [0, 1]
    assert frame["role"].tolist() == ["teacher", "baseline"]
    assert frame["exact"].isna().tolist() == [True, False]


def test_duration_counts_from_start_to_end(store: Store, demo: ExperimentRow) -> None:
    add_trials(store, demo.experiment_id, [NewTrial("student", {}, 1)] * 2)
    with store.write() as connection:
        connection.execute("UPDATE trials SET started_at = '2026-11-20 05:00:00'")
        connection.execute("UPDATE trials SET finished_at = '2026-11-20 05:01:30.5' WHERE number = 1")
    durations = view_frame(store, "demo")["duration_seconds"]
    assert durations[0] == 90.5
    assert durations.isna().tolist() == [False, True]


def test_clashing_names_get_a_suffix_and_keep_it(store: Store) -> None:
    experiment = create_experiment(
        store,
        name="clash",
        task="t",
        strategy="s",
        budget_trials=1,
        spec={},
        spec_toml="",
        parameters={"state": "text", "exact": "float", "Exact": "float", "x_metric": "float", "x": "integer"},
        metrics={"exact": "float", "x": "float", "trial_id": "float", "trial": "float"},
    )
    add_trials(store, experiment.experiment_id, [NewTrial("student", {"state": "a", "exact": 1, "x": 4}, 0)])
    with store.write() as connection:
        connection.execute(
            "INSERT INTO trial_metrics VALUES (1, 'exact', 2, NULL), (1, 'x', 3, NULL), (1, 'trial_id', 9, 0)"
        )
    row = view_frame(store, "clash").iloc[0]
    assert row["state"] == "pending"
    assert row["state_parameter"] == "a"
    assert (row["exact"], row["exact_metric"]) == (1, 2)
    assert (row["x"], row["x_metric_2"]) == (4, 3)
    assert row["trial_id"] == 9
    assert {"Exact_parameter", "trial_metric"} <= set(row.index)
    before = list(row.index)
    assert add_columns(store, experiment.experiment_id, "metric", {"exact_metric": "float"})
    assert not add_columns(store, experiment.experiment_id, "metric", {"exact_metric": "float"})
    refresh_view(store, experiment.experiment_id)
    after = list(view_frame(store, "clash"))
    assert [name for name in after if name != "exact_metric_metric"] == before


@pytest.mark.parametrize(
    "name", ["a b", 'a"b', "a'b", "a.b", "a/b~c", "$.a", "ä", "a;DROP TABLE trials;--", "select"]
)
def test_any_parameter_and_metric_name_is_only_a_name(store: Store, name: str) -> None:
    create_experiment(
        store,
        name="odd",
        task="t",
        strategy="s",
        budget_trials=1,
        spec={},
        spec_toml="",
        parameters={name: "float"},
        metrics={name: "float"},
    )
    add_trials(store, 1, [NewTrial("student", {name: 1.5}, 0)])
    with store.write() as connection:
        connection.execute("INSERT INTO trial_metrics VALUES (1, ?, 2.5, NULL)", [name])
    row = view_frame(store, "odd").iloc[0]
    assert (row[name], row[f"{name}_metric"]) == (1.5, 2.5)


def test_a_value_of_another_type_is_null_not_an_error(store: Store, demo: ExperimentRow) -> None:
    add_trials(store, demo.experiment_id, [NewTrial("student", {"layers": "many", "pruning": 3}, 0)])
    row = view_frame(store, "demo").iloc[0]
    assert row.isna()["layers"]
    assert row["pruning"] == "3"


def test_the_outline_shows_views_first_with_comments(store: Store, demo: ExperimentRow) -> None:
    outline = schema_outline(store)
    assert (outline[0].name, outline[0].kind) == ("demo", "view")
    assert "demo" in (outline[0].comment or "")
    by_name = {column.name: column for column in outline[0].columns}
    assert by_name["layers"].type == "BIGINT"
    assert by_name["layers"].comment == "Parameter layers"
    assert [column.name for column in outline[0].columns][:2] == ["trial", "role"]


def test_unknown_experiments(store: Store) -> None:
    assert view_name("squad-small-2") == "squad_small_2"
    with pytest.raises(UnknownNameError):
        view_frame(store, "none")
    with pytest.raises(UnknownNameError):
        refresh_view(store, 9)

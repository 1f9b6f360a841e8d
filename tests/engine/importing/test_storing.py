"""An imported study is an experiment like any other to look at, and none to run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.controls import resume_trial
from engine.errors import SettingError, SpecificationError, StateError
from engine.importing.reading import read_study_file
from engine.importing.storing import import_study
from engine.importing.study import Study
from engine.importing.wishes import Wishes, parse_metric
from engine.inputs import check_inputs
from engine.launch import stored_spec
from engine.overview import overview
from engine.queueing import queue_trial
from engine.search_problems import search_problem
from engine.settings import Home
from engine.spec_files import parse_spec, to_toml
from engine.summary import detailed_summary
from storage.curves import evaluations_frame
from storage.experiments import list_experiments
from storage.store import Store
from storage.suggestions import get_suggestion
from storage.trials import list_trials
from storage.views import view_frame
from tests.engine.importing.optuna_files import write_sqlite


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    with Store.open(home.database) as opened:
        yield opened


@pytest.fixture
def two(tmp_path: Path) -> Study:
    return read_study_file(write_sqlite(tmp_path / "study.db"), Wishes(study="two"))


def grown(two: Study, count: int = 40) -> Study:
    """A study with many more trials, so that there is something to learn from."""
    trials = [
        two.trials[0].model_copy(
            update={
                "number": 100 + place,
                "parameters": {"n_layers": 1 + place % 12, "lr": 1e-5 * (1 + place), "kind": "linear"},
                "metrics": {
                    "exact": 40.0 + place % 12 + 0.1 * place,
                    "num_parameters": 5e6 * (1 + place % 12),
                },
            }
        )
        for place in range(count)
    ]
    return two.model_copy(update={"trials": (*two.trials, *trials)})


def test_rows_of_an_imported_study(store: Store, home: Home, two: Study) -> None:
    row = import_study(store, home, two, "taken-over", baseline=0)
    assert (row.name, row.state, row.strategy, row.task, row.budget_trials) == (
        "taken-over",
        "completed",
        "imported",
        "imported",
        3,
    )
    trials = list_trials(store, row.experiment_id)
    assert [(trial.number, trial.role, trial.state) for trial in trials] == [
        (0, "teacher", "completed"),
        (1, "baseline", "completed"),
        (2, "student", "completed"),
        (3, "student", "failed"),
    ]
    assert trials[1].parameters == two.trials[0].parameters
    assert trials[1].started_at == two.trials[0].started_at
    assert {trial.number for trial in trials if trial.on_frontier} == {1, 2}
    chosen = get_suggestion(store, row.experiment_id, 2)
    assert chosen is not None
    assert (chosen.strategy, chosen.note) == ("imported", "trial 1 of Optuna study two")
    frame = view_frame(store, "taken-over")
    assert frame.set_index("trial").loc[
        2, ["exact", "num_parameters", "latency_ms", "n_layers", "extra"]
    ].tolist() == [
        61.0,
        60e6,
        24.0,
        12,
        3.0,
    ]
    assert (home.path / "experiments" / "taken-over" / "experiment.toml").is_file()


def test_it_can_be_looked_at_like_any_other(store: Store, home: Home, two: Study) -> None:
    row = import_study(store, home, grown(two), "taken-over", task="squad_v2", baseline=0)
    view = overview(store, row)
    assert view.done == 43
    assert view.baseline is not None
    assert view.claims
    found = detailed_summary(view)
    assert found["strategy"] == "imported"
    assert found["importance"]["exact"]
    spec = stored_spec(row)
    assert parse_spec(to_toml(spec)) == spec
    assert spec.scores[0] == "exact"
    assert spec.settings({"n_layers": 3}) == {"n_layers": 3}
    problem = search_problem(store, home, row)
    assert problem.known is None
    assert problem.baseline == {name: two.trials[0].parameters[name] for name in two.parameters}


def test_without_a_baseline_nothing_is_claimed(store: Store, home: Home, two: Study) -> None:
    view = overview(store, import_study(store, home, two, "taken-over"))
    assert view.baseline is None
    assert view.spec.baseline_configuration() == {}
    assert search_problem(store, home, view.experiment).baseline is None


def test_values_on_the_way_are_its_evaluations(store: Store, home: Home, tmp_path: Path) -> None:
    study = read_study_file(write_sqlite(tmp_path / "study.db"), Wishes(study="one"))
    row = import_study(store, home, study, "one")
    pruned = list_trials(store, row.experiment_id)[1]
    assert pruned.state == "stopped"
    frame = evaluations_frame(store, pruned.trial_id)
    assert frame[["step", "name", "value"]].values.tolist() == [[0, "value", 0.1], [2, "value", 0.3]]


def test_a_name_that_is_taken_gets_a_number(store: Store, home: Home, two: Study) -> None:
    assert [import_study(store, home, two, "same").name for _ in range(2)] == ["same", "same-2"]
    with pytest.raises(SettingError, match="cannot be used"):
        import_study(store, home, two, "Not a name")


def test_nothing_of_it_runs(store: Store, home: Home, two: Study) -> None:
    row = import_study(store, home, two, "taken-over")
    with pytest.raises(StateError, match="was imported"):
        resume_trial(store, "taken-over", 3)
    with pytest.raises(StateError, match="was imported"):
        queue_trial(store, home, "taken-over", two.trials[0].parameters)
    with pytest.raises(SettingError, match="imported"):
        check_inputs(stored_spec(row))


def test_what_cannot_be_imported_leaves_nothing(store: Store, home: Home, two: Study) -> None:
    with pytest.raises(SettingError, match="--baseline 2"):
        import_study(store, home, two, "taken-over", baseline=2)
    many = two.model_copy(
        update={"metrics": tuple(parse_metric(f"m{place}:maximize").metric for place in range(5))}
    )
    with pytest.raises(SpecificationError, match="one to four"):
        import_study(store, home, many, "taken-over")
    assert list_experiments(store) == []


def test_many_trials_at_once(store: Store, home: Home, two: Study) -> None:
    row = import_study(store, home, grown(two, 3000), "large")
    assert len(list_trials(store, row.experiment_id)) == 3004

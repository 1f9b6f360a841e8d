"""What the strategy of a stored experiment has to solve: the specification's part, exact sizes, earlier experiments."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from engine.distill.students.architecture import Architecture, num_parameters
from engine.errors import SettingError
from engine.launch import stored_spec, submit
from engine.search_problems import search_problem
from engine.strategies.wire import problem_from_json, problem_to_json
from engine.trial_folder import TrialFolder
from storage.experiments import get_experiment
from tests.engine.conftest import Lab

TEACHER = Architecture("bert", 4, 4, 128, 512, 4, 2000, 128, 2)


def test_the_problem_is_that_of_the_specification(lab: Lab) -> None:
    spec = stored_spec(lab.row)
    problem = search_problem(lab.store, lab.home, lab.row)
    assert problem.baseline == spec.baseline_configuration()
    assert (problem.metrics, problem.seed) == (spec.metrics, 1)
    assert problem.initial_trials == spec.strategy.initial_trials
    assert list(problem.space.parameters) == list(spec.parameters)
    assert problem.known is None


def test_sizes_are_known_once_the_teacher_has_said_what_it_is_made_of(lab: Lab) -> None:
    lab.path(0).mkdir(parents=True, exist_ok=True)
    TrialFolder(lab.path(0)).architecture.write_text(json.dumps(asdict(TEACHER)))
    problem = search_problem(lab.store, lab.home, lab.row)
    baseline = problem.baseline
    assert baseline is not None
    values = problem.known_values({**baseline, "n_layers": 4, "n_heads": 4})
    assert values is not None
    assert values["num_parameters"] == num_parameters(TEACHER)
    assert not problem.is_legal({**baseline, "n_heads": 5})
    again = problem_from_json(problem_to_json(problem))
    assert again == problem


def test_an_experiment_learns_from_earlier_ones(lab: Lab) -> None:
    lab.students_running()
    lab.finish(1, exact=61.0)
    lab.tick()
    spec = stored_spec(lab.row)
    later = spec.changed(strategy={"name": "nehvi", "transfer_from": [lab.row.name]})
    row = submit(lab.store, lab.home, later)
    [trial] = search_problem(lab.store, lab.home, row).earlier
    assert (trial.source, trial.state, trial.metrics["exact"]) == (1, "completed", 61.0)
    other = spec.model_dump()["parameters"]
    name = "learning_rate"
    wider = {**other, name: {**other[name], "high": 2 * other[name]["high"]}}
    row = submit(lab.store, lab.home, later.changed(parameters=wider))
    with pytest.raises(SettingError, match=rf"has another search space \({name}\)"):
        search_problem(lab.store, lab.home, get_experiment(lab.store, row.name))

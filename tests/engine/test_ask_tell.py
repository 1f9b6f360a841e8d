"""Ask and tell: the notebook's way, without runner, server or database."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

from engine import AskTell, Metric, SearchSpace
from engine.ask_tell import StudyTrial
from engine.errors import SettingError, StateError
from engine.parameters import Value

SPACE = SearchSpace.from_dict(
    {
        "layers": {"type": "int", "low": 1, "high": 12},
        "ffn": {"type": "categorical", "values": [256, 512]},
        "lr": {"type": "float", "low": 1e-6, "high": 1e-2, "log": True},
    }
)


def size(parameters: dict[str, Value]) -> float:
    return float(parameters["layers"]) * float(parameters["ffn"]) * 1000


EXACT = Metric(name="exact", direction="maximize", threshold=50.0)
SIZE = Metric(name="num_parameters", direction="minimize", known=size)


def exact(parameters: dict[str, Value]) -> float:
    rate = math.log10(float(parameters["lr"])) + 4
    return 75 * (1 - math.exp(-float(parameters["layers"]) / 3)) - 8 * rate**2


def run(study: AskTell, count: int) -> list[StudyTrial]:
    for _ in range(count):
        trial = study.ask()
        if float(trial.parameters["lr"]) > 3e-3:
            study.tell(trial, failed="the loss is not finite")
        else:
            study.tell(trial, {"exact": exact(trial.parameters)})
    return study.trials


def test_a_search_in_a_notebook() -> None:
    study = AskTell(SPACE, [EXACT, SIZE], strategy="nehvi", seed=0)
    trials = run(study, 14)
    assert {t.suggestion.strategy for t in trials if t.suggestion} == {"centre", "sobol", "nehvi"}
    best = study.frontier()
    assert best
    assert all(t.metrics["num_parameters"] == size(t.parameters) and t.metrics["exact"] >= 50 for t in best)
    values = [t.metrics["exact"] for t in best]
    assert values == sorted(values, reverse=True)
    assert study.hypervolume({"exact": 50.0, "num_parameters": 12 * 512e3}) > 0
    last = trials[-1].suggestion
    assert last is not None
    assert last.predicted["num_parameters"] == (pytest.approx(size(trials[-1].parameters)), 0.0)
    assert last.model is not None
    assert last.model["known"] == ["num_parameters"]
    assert set(last.model["learned"]) == {"exact"}


def test_the_same_seed_and_values_give_the_same_trials() -> None:
    first, second = (run(AskTell(SPACE, [EXACT, SIZE], seed=3), 8) for _ in range(2))
    assert [t.parameters for t in first] == [t.parameters for t in second]


def test_what_if_answers_from_the_trials() -> None:
    study = AskTell(SPACE, [EXACT, SIZE], seed=1)
    run(study, 10)
    answer = study.what_if({"layers": 4}, at_most={"num_parameters": 3e6})
    assert answer.best is not None
    assert answer.best.parameters["layers"] == 4
    assert answer.best.estimates["num_parameters"].mean == size(answer.best.parameters)


def test_trials_run_side_by_side() -> None:
    study = AskTell(SPACE, [EXACT, SIZE], strategy="nehvi", seed=2, initial_trials=3)
    run(study, 4)
    waiting = [study.ask() for _ in range(3)]
    assert len({tuple(t.parameters.items()) for t in waiting}) == 3
    study.tell(waiting[1].number, {"exact": 60.0})
    assert [t.state for t in study.trials[4:]] == ["pending", "completed", "pending"]


def test_a_baseline_and_trials_of_ones_own() -> None:
    baseline = {"layers": 6, "ffn": 512, "lr": 1e-4}
    study = AskTell(SPACE, [EXACT, SIZE], strategy="sobol", baseline=baseline)
    assert study.ask().parameters == baseline
    own = study.add({"layers": 2, "ffn": 256, "lr": 2e-4})
    study.tell(own, {"exact": 55.0}, standard_errors={"exact": 0.7})
    assert study.frontier() == [study.trials[1]]
    with pytest.raises(SettingError, match="layers = 99 is outside its range"):
        study.add({"layers": 99, "ffn": 256, "lr": 2e-4})


def test_a_later_study_starts_from_earlier_frontiers() -> None:
    first = AskTell(SPACE, [EXACT, SIZE], seed=5)
    run(first, 12)
    second = AskTell(SPACE, [EXACT, SIZE], seed=6, earlier=[first])
    trials = run(second, 7)
    on_frontier = [t.parameters for t in first.frontier()]
    started = [t for t in trials if t.suggestion and t.suggestion.strategy == "transfer"]
    assert started
    assert all(t.parameters in on_frontier for t in started)
    assert trials[-1].suggestion is not None
    assert trials[-1].suggestion.strategy == "nehvi"
    other = SearchSpace.from_dict({"layers": {"type": "int", "low": 1, "high": 6}})
    with pytest.raises(SettingError, match="another search space"):
        AskTell(other, [EXACT], earlier=[first])


def test_mistakes_are_told() -> None:
    study = AskTell(SPACE, [EXACT, SIZE])
    trial = study.ask()
    with pytest.raises(SettingError, match="either its metrics or why it failed"):
        study.tell(trial)
    with pytest.raises(SettingError, match="metric exact is missing"):
        study.tell(trial, {"f1": 70.0})
    with pytest.raises(SettingError, match="metric exact is nan"):
        study.tell(trial, {"exact": math.nan})
    study.tell(trial, {"exact": 60.0})
    with pytest.raises(StateError, match="told of before: it is completed"):
        study.tell(trial, failed="late")
    with pytest.raises(StateError, match="trial 7 is not of this study"):
        study.tell(7, {"exact": 1.0})
    with pytest.raises(SettingError, match="strategy 'magic' is unknown"):
        AskTell(SPACE, [EXACT], strategy="magic").ask()
    with pytest.raises(SettingError, match="each may be listed once"):
        AskTell(SPACE, [EXACT, EXACT])


def test_a_grid_ends() -> None:
    space = SearchSpace.from_dict({"layers": {"type": "int", "low": 1, "high": 3}})
    study = AskTell(space, [EXACT], strategy="grid")
    assert {study.ask().parameters["layers"] for _ in range(3)} == {1, 2, 3}
    with pytest.raises(StateError, match="no more configurations"):
        study.ask()


def test_a_known_function_that_gives_no_number_is_told() -> None:
    broken = SIZE.model_copy(update={"known": lambda parameters: math.inf})
    with pytest.raises(SettingError, match=r"metric num_parameters: its function gave inf"):
        AskTell(SPACE, [EXACT, broken]).ask()


def test_public_names_are_there_without_loading_anything_else() -> None:
    code = "import sys, engine; assert 'engine.space' not in sys.modules; engine.AskTell; engine.nothing"
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert "module 'engine' has no attribute 'nothing'" in found.stderr

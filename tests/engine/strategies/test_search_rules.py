"""What a search may suggest: never what cannot be built or is known to be beyond a threshold, rarely failures."""

from __future__ import annotations

import numpy as np
import pytest

from engine.metrics import Metric
from engine.parameters import CategoricalParameter, FloatParameter, IntegerParameter, configuration_key
from engine.rules import Rule
from engine.space import SearchSpace
from engine.strategies import nehvi, registry, sobol
from engine.strategies.candidates import neighbours
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.processes import SCRATCH_EVERY, Memory
from tests.engine.strategies.test_acquisition import PARAMETERS, SIZES
from tests.engine.strategies.test_nehvi import EXACT, SIZE, SQUARE, on_grid

BERT = SearchSpace(
    {
        "n_layers": IntegerParameter(low=1, high=20),
        "n_heads": IntegerParameter(low=1, high=12),
        "hidden_size": CategoricalParameter(values=(192, 320, 500, 768, 1024)),
        "alpha": FloatParameter(low=0, high=1),
    },
    (Rule("n_heads <= 2 * n_layers"),),
)
LEGAL = {192: 3, 320: 5, 768: 12}
"""Widths that heads of 64 units divide and the teacher can give, with the heads each has room for."""


def is_buildable(parameters: dict[str, object]) -> bool:
    layers, heads, hidden = (int(str(parameters[name])) for name in ("n_layers", "n_heads", "hidden_size"))
    return heads <= 2 * layers and heads <= LEGAL.get(hidden, 0)


def test_no_illegal_architecture_in_ten_thousand_draws() -> None:
    problem = SearchProblem(BERT, (EXACT, PARAMETERS), known=SIZES)
    drawn = 0
    for seed in range(10):
        points = sobol.legal_points(BERT, seed, 0, set(), problem.is_legal)
        centres = [next(points) for _ in range(20)]
        near = neighbours(BERT, centres, 800, set(), np.random.default_rng(seed), problem.is_legal)
        found = [*near, *(next(points) for _ in range(300))]
        drawn += len(found)
        assert all(is_buildable(dict(parameters)) for parameters in found)
    assert drawn >= 10_000


def test_suggested_architectures_are_legal_and_within_known_thresholds() -> None:
    small = PARAMETERS.model_copy(update={"threshold": 60e6})
    problem = SearchProblem(BERT, (EXACT, small), known=SIZES, seed=4)
    seen: list[Observation] = []
    memory = Memory()
    while len(seen) < 12:
        [made] = registry.suggest("nehvi", problem, seen, 1, memory)
        assert is_buildable(dict(made.parameters))
        sizes = SIZES.values(made.parameters)
        assert sizes is not None
        if made.strategy == "nehvi":
            assert sizes["num_parameters"] <= 60e6
        quality = 10 * np.log(float(made.parameters["n_layers"]) + 1)
        seen.append(Observation(len(seen) + 1, made.parameters, "completed", {**sizes, "exact": quality}))
    assert {registry.suggest("nehvi", problem, seen)[0].strategy} == {"nehvi"}


def test_a_known_threshold_that_nothing_meets_does_not_stop_the_search() -> None:
    impossible = PARAMETERS.model_copy(update={"threshold": 1.0})
    problem = SearchProblem(BERT, (EXACT, impossible), known=SIZES)
    seen = []
    for number, layers in enumerate((2, 4, 8), 1):
        parameters = {"n_layers": layers, "n_heads": 3, "hidden_size": 192, "alpha": 0.5}
        sizes = SIZES.values(parameters)
        assert sizes is not None
        seen.append(Observation(number, parameters, "completed", {**sizes, "exact": float(layers)}))
    assert nehvi.suggest(problem, seen)[0].strategy == "nehvi"


def test_a_parameter_that_does_not_count_makes_no_difference() -> None:
    space = SearchSpace.from_dict(
        {
            "alpha": {"type": "int", "low": 0, "high": 1},
            "temperature": {"type": "int", "low": 1, "high": 9, "when": "alpha > 0", "otherwise": 2},
        }
    )
    problem = SearchProblem(space, (EXACT,), initial_trials=3)
    seen: list[Observation] = []
    for number in range(1, 11):
        [made] = registry.suggest("nehvi", problem, seen)
        seen.append(Observation(number, made.parameters, "completed", {"exact": float(number % 4)}))
    assert len({configuration_key(trial.parameters) for trial in seen}) == 10
    assert [t.parameters["temperature"] for t in seen if t.parameters["alpha"] == 0] == [2]


def test_failures_push_suggestions_away() -> None:
    """Quality rises with x; the same search is told that three trials beyond x = 0.8 failed."""
    trials = on_grid()
    rising = [
        Observation(t.number, t.parameters, "completed", {"exact": 50 + 20 * float(t.parameters["x"])})
        for t in trials
    ]
    beyond = [Observation(20 + i, {"x": 0.9, "y": y}, "failed") for i, y in enumerate((0.1, 0.5, 0.9))]
    problem = SearchProblem(SQUARE, (EXACT,))
    without = [s.parameters["x"] for s in nehvi.suggest(problem, rising[:9], 2)]
    told = [s.parameters["x"] for s in nehvi.suggest(problem, [*rising[:9], *beyond], 2)]
    assert max(float(x) for x in without) > 0.9
    assert max(float(x) for x in told) < 0.85


def test_what_became_of_other_trials() -> None:
    """Stopped trials are not suggested again, and teach what they were expected to end with."""
    space = SearchSpace({"x": IntegerParameter(low=0, high=9)})
    problem = SearchProblem(space, (EXACT,))
    ended = [Observation(i, {"x": i}, "completed", {"exact": 50.0 + i}) for i in range(1, 6)]
    forecast = Observation(6, {"x": 9}, "stopped", {"exact": 10.0}, {"exact": 1.0})
    silent = Observation(6, {"x": 9}, "stopped")
    assert nehvi.suggest(problem, [*ended, silent])[0].parameters != {"x": 9}
    [told], [untold] = nehvi.suggest(problem, [*ended, forecast]), nehvi.suggest(problem, [*ended, silent])
    assert told.parameters != {"x": 9}
    assert told.predicted["exact"][0] < untold.predicted["exact"][0]


def test_hyperparameters_are_kept_and_now_and_then_found_anew() -> None:
    memory = Memory()
    problem = SearchProblem(SQUARE, (EXACT, SIZE))
    trials = on_grid()
    fits = []
    for _ in range(SCRATCH_EVERY + 1):
        [made] = nehvi.suggest(problem, trials, 1, memory)
        assert made.model is not None
        fits.append(made.model["fit"])
        x, y = float(made.parameters["x"]), float(made.parameters["y"])
        values = {"exact": 70 - 60 * (x - 0.7) ** 2 - 60 * (y - 0.5) ** 2, "size": 100 * x}
        trials.append(Observation(len(trials) + 1, made.parameters, "completed", values))
    assert fits == ["from scratch", *["warm"] * (SCRATCH_EVERY - 1), "from scratch"]


@pytest.mark.parametrize("shift", [0.0, 30.0])
def test_earlier_trials_teach_whatever_their_level(shift: float) -> None:
    """Two own trials say nothing of the optimum; twelve earlier ones do, even if all their values lie elsewhere."""
    earlier = tuple(
        Observation(t.number, t.parameters, "completed", {"exact": t.metrics["exact"] + shift}, source=1)
        for t in on_grid()
    )
    own = [
        Observation(
            i, {"x": x, "y": y}, "completed", {"exact": 70 - 60 * (x - 0.7) ** 2 - 60 * (y - 0.5) ** 2}
        )
        for i, (x, y) in enumerate(((0.1, 0.2), (0.2, 0.9), (0.9, 0.1)), 1)
    ]
    problem = SearchProblem(SQUARE, (EXACT,), earlier=earlier)
    [made] = nehvi.suggest(problem, own)
    assert float(made.parameters["x"]) == pytest.approx(0.7, abs=0.2)
    assert float(made.parameters["y"]) == pytest.approx(0.5, abs=0.2)


def test_two_to_four_objectives() -> None:
    extra = [Metric(name=name, direction="minimize") for name in ("latency_ms", "model_mb")]
    for count in (2, 3, 4):
        metrics = (EXACT, SIZE, *extra)[:count]
        trials = [
            Observation(
                t.number,
                t.parameters,
                "completed",
                {**t.metrics, "latency_ms": float(t.parameters["y"]), "model_mb": float(t.number)},
            )
            for t in on_grid()
        ]
        [made] = nehvi.suggest(SearchProblem(SQUARE, metrics), trials)
        assert made.strategy == "nehvi"
        assert set(made.predicted) == {metric.name for metric in metrics}

"""The Bayesian search: legal, repeatable, aware of pending and failed trials, and better than chance."""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch
from botorch.exceptions.errors import ModelFittingError
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.frontier import hypervolume
from engine.metrics import Metric
from engine.parameters import FloatParameter, IntegerParameter, Value, configuration_key
from engine.space import SearchSpace
from engine.strategies import nehvi, registry
from engine.strategies.acquisition import reference
from engine.strategies.interface import Observation, SearchProblem
from engine.strategies.models import fit
from engine.strategies.trials import usable, with_pending
from tests.engine.strategies.random_spaces import spaces, trials
from tests.engine.strategies.student_surface import METRICS, REFERENCE, SPACE, run

EXACT = Metric(name="exact", direction="maximize")
SIZE = Metric(name="size", direction="minimize")
SQUARE = SearchSpace({"x": FloatParameter(low=0, high=1), "y": FloatParameter(low=0, high=1)})
GRID = [(x, y) for x in (0.05, 0.35, 0.65, 0.95) for y in (0.1, 0.5, 0.9)]


def quality(x: float, y: float) -> float:
    """Highest at (0.7, 0.5)."""
    return 70 - 60 * (x - 0.7) ** 2 - 60 * (y - 0.5) ** 2


def completed(number: int, x: float, y: float, **metrics: float) -> Observation:
    values = {"exact": quality(x, y), "size": 100 * x, **metrics}
    return Observation(number, {"x": x, "y": y}, "completed", values)


def on_grid() -> list[Observation]:
    return [completed(i, x, y) for i, (x, y) in enumerate(GRID, 1)]


def place(parameters: dict[str, Value]) -> tuple[float, float]:
    return float(parameters["x"]), float(parameters["y"])


@given(data=st.data())
@settings(max_examples=4, deadline=None)
def test_suggestions_are_legal_and_new(data: st.DataObject) -> None:
    space = data.draw(spaces())
    seen = data.draw(trials(space, least=4))
    problem = SearchProblem(space, (EXACT, SIZE), initial_trials=2)
    expected = "nehvi" if len(usable(problem, seen)) >= 2 else "sobol"
    for suggestion in registry.suggest("nehvi", problem, seen, 2):
        assert suggestion.strategy == expected
        assert space.allows(suggestion.parameters)
        assert configuration_key(suggestion.parameters) not in {configuration_key(t.parameters) for t in seen}
        seen = with_pending(seen, [suggestion])


def test_the_same_trials_give_the_same_suggestion_whatever_the_state_of_torch() -> None:
    problem = SearchProblem(SQUARE, (EXACT, SIZE), seed=5)
    torch.manual_seed(1)
    [first] = nehvi.suggest(problem, on_grid())
    torch.manual_seed(2)
    [second] = nehvi.suggest(problem, on_grid()[::-1])
    assert first.strategy == "nehvi"
    assert second.parameters == first.parameters
    assert second.acquisition_value == first.acquisition_value
    assert second.predicted == first.predicted


def test_predictions_are_in_the_units_of_the_metrics() -> None:
    [suggestion] = nehvi.suggest(SearchProblem(SQUARE, (EXACT, SIZE)), on_grid())
    x, y = place(suggestion.parameters)
    for name, expected, tolerance in (("exact", quality(x, y), 3.0), ("size", 100 * x, 3.0)):
        mean, deviation = suggestion.predicted[name]
        assert mean == pytest.approx(expected, abs=tolerance)
        assert 0 < deviation < 10
    assert suggestion.seconds > 0


def test_pending_trials_change_the_suggestion() -> None:
    problem = SearchProblem(SQUARE, (EXACT, SIZE), seed=1)
    first, second, third = nehvi.suggest(problem, on_grid(), 3)
    places = [place(s.parameters) for s in (first, second, third)]
    assert min(math.dist(a, b) for i, a in enumerate(places) for b in places[:i]) > 0.05


def test_one_objective_is_maximised() -> None:
    [suggestion] = nehvi.suggest(SearchProblem(SQUARE, (EXACT,)), on_grid())
    assert suggestion.strategy == "nehvi"
    assert place(suggestion.parameters) == pytest.approx((0.7, 0.5), abs=0.1)


def test_suggestions_approach_the_known_pareto_set() -> None:
    """Quality falls away from x = 0.7 and size grows with x: the set is x <= 0.7 at y = 0.5."""
    made = nehvi.suggest(SearchProblem(SQUARE, (EXACT, SIZE)), on_grid(), 4)
    assert all(abs(float(s.parameters["y"]) - 0.5) < 0.12 for s in made)
    assert all(float(s.parameters["x"]) < 0.85 for s in made)


def test_three_objectives_and_a_constraint() -> None:
    metrics = (
        EXACT,
        SIZE,
        Metric(name="latency", direction="minimize"),
        Metric(name="memory", role="constrain", direction="minimize", threshold=50.0),
    )
    seen = [completed(i, x, y, latency=y, memory=100 * x) for i, (x, y) in enumerate(GRID, 1)]
    for suggestion in nehvi.suggest(SearchProblem(SQUARE, metrics), seen, 3):
        assert suggestion.strategy == "nehvi"
        assert set(suggestion.predicted) == {"exact", "size", "latency", "memory"}
        assert float(suggestion.parameters["x"]) < 0.55


def test_thresholds_of_objectives_bound_the_search() -> None:
    exact = EXACT.model_copy(update={"threshold": 65.0})
    for suggestion in nehvi.suggest(SearchProblem(SQUARE, (exact, SIZE)), on_grid(), 3):
        assert quality(*place(suggestion.parameters)) > 62
    size = SIZE.model_copy(update={"threshold": 40.0})
    for suggestion in nehvi.suggest(SearchProblem(SQUARE, (EXACT, size)), on_grid(), 3):
        assert float(suggestion.parameters["x"]) < 0.45


def test_no_trial_need_be_feasible_yet() -> None:
    metrics = (EXACT, Metric(name="size", role="constrain", direction="minimize", threshold=2.0))
    [suggestion] = nehvi.suggest(SearchProblem(SQUARE, metrics), on_grid())
    assert suggestion.strategy == "nehvi"
    assert float(suggestion.parameters["x"]) < 0.2
    strict = (EXACT.model_copy(update={"threshold": 90.0}), SIZE.model_copy(update={"threshold": 1.0}))
    assert nehvi.suggest(SearchProblem(SQUARE, strict), on_grid())[0].strategy == "nehvi"


def test_equal_values_of_a_metric_do_no_harm() -> None:
    seen = [completed(i, x, y, size=66.0) for i, (x, y) in enumerate(GRID, 1)]
    [suggestion] = nehvi.suggest(SearchProblem(SQUARE, (EXACT, SIZE)), seen)
    assert suggestion.strategy == "nehvi"
    assert place(suggestion.parameters) == pytest.approx((0.7, 0.5), abs=0.2)
    same = [completed(i, x, y, size=66.0, exact=50.0) for i, (x, y) in enumerate(GRID, 1)]
    assert nehvi.suggest(SearchProblem(SQUARE, (EXACT, SIZE)), same)[0].strategy == "nehvi"


def test_failed_regions_are_avoided() -> None:
    """Quality grows with x, but trials beyond about x = 0.5 fail."""
    rows = [(x, y) for x in (0.05, 0.2, 0.35, 0.5) for y in (0.1, 0.5, 0.9)]
    ran = [completed(i, x, y, exact=100 * x) for i, (x, y) in enumerate(rows, 1)]
    beyond = [(x, y) for x in (0.55, 0.75, 0.95) for y in (0.1, 0.5, 0.9)]
    failed = [Observation(i, {"x": x, "y": y}, "failed") for i, (x, y) in enumerate(beyond, 20)]
    problem = SearchProblem(SQUARE, (EXACT,))
    [naive] = nehvi.suggest(problem, ran)
    assert float(naive.parameters["x"]) > 0.57
    for suggestion in nehvi.suggest(problem, ran + failed, 2):
        assert float(suggestion.parameters["x"]) < 0.57


def test_the_chance_of_failing_is_said() -> None:
    seen = [Observation(t.number, t.parameters, "failed") if t.number % 2 else t for t in on_grid()]
    [suggestion] = nehvi.suggest(SearchProblem(SQUARE, (EXACT,)), seen)
    surrogate = fit(SearchProblem(SQUARE, (EXACT,)), seen)
    chances = surrogate.predict([seen[1].parameters, seen[2].parameters]).success
    assert chances is not None
    assert chances[0] > chances[1]
    assert fit(SearchProblem(SQUARE, (EXACT,)), on_grid()).predict([seen[1].parameters]).success is None
    assert suggestion.note is None or "probability" in suggestion.note


def test_measured_noise_is_believed() -> None:
    noisy = [
        Observation(
            t.number, t.parameters, "completed", {"exact": 50.0 + 10 * (-1) ** t.number}, {"exact": error}
        )
        for error in (1e-3, 20.0)
        for t in on_grid()
    ]
    problem = SearchProblem(SQUARE, (EXACT,))
    sure, unsure = (fit(problem, part).predict([{"x": 0.05, "y": 0.1}]) for part in (noisy[:12], noisy[12:]))
    assert unsure.means[0, 0] > sure.means[0, 0] + 2
    assert sure.means[0, 0] < 46.0


def test_reference_is_the_threshold_or_beyond_the_frontier() -> None:
    outcomes = torch.tensor([[0.0, 3.0], [2.0, 0.0], [-5.0, -5.0]], dtype=torch.double)
    assert reference(outcomes, [None, None], 2) == pytest.approx([-0.2, -0.3])
    assert reference(outcomes, [-1.0, None], 2) == pytest.approx([-1.0, -0.3])
    assert reference(outcomes[:1], [None, None], 2) == pytest.approx([-0.1, 2.9])
    assert reference(outcomes, [9.0, None], 2) == pytest.approx([9.0, -0.3])


def test_a_failing_model_falls_back_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ModelFittingError("no luck")

    monkeypatch.setattr(nehvi, "fit", fail)
    [suggestion] = nehvi.suggest(SearchProblem(SQUARE, (EXACT, SIZE)), on_grid())
    assert suggestion.strategy == "sobol"
    assert suggestion.note is not None
    assert "ModelFittingError: no luck" in suggestion.note


def test_an_exhausted_space_repeats_with_a_note() -> None:
    space = SearchSpace({"x": IntegerParameter(low=0, high=3)})
    seen = [
        Observation(i, {"x": i - 1}, "completed", {"exact": float(i), "size": float(i * i)})
        for i in range(1, 5)
    ]
    [suggestion] = nehvi.suggest(SearchProblem(space, (EXACT, SIZE)), seen)
    assert suggestion.note is not None
    assert "repeats" in suggestion.note
    assert nehvi.suggest(SearchProblem(space, (EXACT, SIZE)), seen[:3])[0].parameters == {"x": 3}


def test_torch_keeps_its_threads() -> None:
    before = torch.get_num_threads()
    nehvi.suggest(SearchProblem(SQUARE, (EXACT,)), on_grid())
    assert torch.get_num_threads() == before


def test_it_beats_quasi_random_search_on_the_student_surface() -> None:
    """Both with 18 trials, three at a time; seeds 1 to 4 gain 2 to 66 % (13 to 45 % with 24 trials)."""
    volumes = {}
    for strategy in ("sobol", "nehvi"):
        suggest = partial(registry.suggest, strategy, count=3)
        volumes[strategy] = sum(
            hypervolume(METRICS, {t.number: t.metrics for t in run(problem, suggest, 18)}, REFERENCE)
            for problem in (SearchProblem(SPACE, METRICS, seed=seed) for seed in (1, 2))
        )
    assert volumes["nehvi"] > 1.05 * volumes["sobol"]

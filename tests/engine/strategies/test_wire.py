"""Problems, trials and suggestions survive JSON."""

from __future__ import annotations

import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.metrics import Metric
from engine.parameters import IntegerParameter
from engine.space import SearchSpace
from engine.strategies import wire
from engine.strategies.interface import Observation, SearchProblem, Suggestion
from tests.engine.strategies.random_spaces import spaces, trials

METRICS = (
    Metric(name="exact", direction="maximize", threshold=50.0),
    Metric(name="size", direction="minimize"),
    Metric(name="f1", role="store"),
)
NUMBERS = st.floats(allow_nan=False)


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_problems_and_trials_survive_json(data: st.DataObject) -> None:
    space = data.draw(spaces())
    baseline = data.draw(st.sampled_from([None, space.from_unit([0.5] * len(space.parameters))]))
    problem = SearchProblem(space, METRICS, seed=data.draw(st.integers(0, 2**40)), baseline=baseline)
    sent = json.loads(json.dumps(wire.problem_to_json(problem)))
    assert wire.problem_from_json(sent) == problem
    observations = data.draw(trials(space))
    received = wire.observations_from_json(json.loads(json.dumps(wire.observations_to_json(observations))))
    assert received == observations
    for before, after in zip(observations, received, strict=True):
        assert [type(v) for v in after.parameters.values()] == [type(v) for v in before.parameters.values()]


@given(value=NUMBERS, mean=NUMBERS, note=st.text())
def test_suggestions_survive_json(value: float, mean: float, note: str) -> None:
    suggestion = Suggestion({"x": 1.0, "n": 1, "k": "1"}, "nehvi", value, {"exact": (mean, 1.0)}, 0.5, note)
    received = wire.suggestions_from_json(json.loads(json.dumps(wire.suggestions_to_json([suggestion]))))
    assert received == [suggestion]
    assert [type(v) for v in received[0].parameters.values()] == [float, int, str]


def test_values_that_are_not_finite_survive_the_whole_way() -> None:
    trial = Observation(1, {"x": 1}, "completed", {"exact": math.nan, "size": math.inf})
    problem = SearchProblem(SearchSpace({"x": IntegerParameter(low=0, high=1)}), METRICS)
    request = wire.Request.of(7, "sobol", problem, [trial], 1)
    received = wire.Request.model_validate_json(json.dumps(request.model_dump()))
    metrics = wire.observations_from_json(received.observations)[0].metrics
    assert math.isnan(metrics["exact"])
    assert metrics["size"] == math.inf

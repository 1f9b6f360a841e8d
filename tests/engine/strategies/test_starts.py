"""What a search starts with: the reference configuration, earlier frontiers, or the middle of the space."""

from __future__ import annotations

import pytest

from engine.metrics import Metric
from engine.parameters import FloatParameter, IntegerParameter
from engine.rules import Rule
from engine.space import SearchSpace
from engine.strategies import centre, registry, transfer
from engine.strategies.interface import Observation, SearchProblem

EXACT = Metric(name="exact", direction="maximize", threshold=50.0)
SIZE = Metric(name="size", direction="minimize")
SPACE = SearchSpace(
    {
        "n_heads": IntegerParameter(low=1, high=12),
        "hidden": IntegerParameter(low=1, high=20),
        "rate": FloatParameter(low=1e-6, high=1e-2, log=True),
    },
    (Rule("hidden % n_heads == 0"),),
)


def trial(number: int, hidden: int, exact: float, source: int = 1) -> Observation:
    parameters = {"n_heads": 1, "hidden": hidden, "rate": 1e-4}
    return Observation(
        number, parameters, "completed", {"exact": exact, "size": float(hidden)}, source=source
    )


EARLIER = (trial(1, 4, 52.0), trial(2, 8, 60.0), trial(3, 9, 55.0), trial(4, 16, 70.0), trial(5, 2, 40.0))
"""Trials 1, 2 and 4 are on the frontier; 3 is dominated, 5 below the threshold."""


def test_without_a_reference_the_middle_comes_first() -> None:
    problem = SearchProblem(SPACE, (EXACT, SIZE))
    [first] = registry.suggest("nehvi", problem, [])
    assert first.strategy == "centre"
    assert SPACE.allows(first.parameters)
    assert 1e-5 < float(first.parameters["rate"]) < 1e-3
    assert registry.suggest("sobol", problem, [])[0].strategy == "sobol"
    free = SearchSpace({"rate": SPACE.parameters["rate"]})
    assert centre.suggest(SearchProblem(free, (EXACT,))).parameters["rate"] == pytest.approx(1e-4)  # type: ignore[union-attr]


def test_a_reference_comes_first() -> None:
    baseline = {"n_heads": 2, "hidden": 4, "rate": 1e-5}
    problem = SearchProblem(SPACE, (EXACT, SIZE), baseline=baseline)
    first, second = registry.suggest("nehvi", problem, [], 2)
    assert (first.strategy, first.parameters) == ("baseline", baseline)
    assert second.strategy == "sobol"


def test_earlier_frontiers_come_from_the_middle_outwards() -> None:
    problem = SearchProblem(SPACE, (EXACT, SIZE), earlier=EARLIER)
    seen: list[Observation] = []
    while found := transfer.suggest(problem, seen):
        seen.append(Observation(len(seen) + 1, found.parameters, "pending"))
    assert [t.parameters["hidden"] for t in seen] == [8, 4, 16]


def test_experiments_take_turns_and_what_is_not_legal_here_is_left_out() -> None:
    other = tuple(trial(t.number, int(t.parameters["hidden"]) + 1, t.metrics["exact"], 2) for t in EARLIER)
    narrow = SearchSpace({**SPACE.parameters, "hidden": IntegerParameter(low=1, high=10)}, SPACE.rules)
    problem = SearchProblem(narrow, (EXACT, SIZE), earlier=(*EARLIER, *other))
    seen: list[Observation] = []
    while found := transfer.suggest(problem, seen):
        seen.append(Observation(len(seen) + 1, found.parameters, "pending"))
    assert [t.parameters["hidden"] for t in seen] == [8, 9, 4, 5]

"""The desk of suggestions: ready ahead of need, and a quasi-random point where the strategy is late or fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.errors import SettingError
from engine.rules import Rule
from engine.search_problems import search_problem
from engine.settings import RunnerSettings
from engine.space import SearchSpace
from engine.strategies import registry
from engine.strategies.interface import SearchProblem, Suggestion
from engine.suggester import SuggestionFailure
from engine.suggestions import SuggestionDesk
from storage.trials import NewTrial, add_trials, list_trials
from tests.engine.conftest import Lab


@dataclass
class FakeProcess:
    """Answers when the test says so."""

    requests: list[tuple[str, int, int]] = field(default_factory=list)
    result: Any = None
    busy: bool = False

    def request(self, strategy: str, problem: SearchProblem, seen: list[Any], count: int) -> None:
        assert not self.busy
        self.requests.append((strategy, len(seen), count))
        self.busy = True

    def poll(self) -> Any:
        result, self.result = self.result, None
        self.busy = self.busy and result is None
        return result

    def close(self) -> None:
        self.busy = False


def point(**changes: Any) -> Suggestion:
    return Suggestion(
        {"n_layers": 3, "n_heads": 2, "learning_rate": 1e-3, "alpha": 0.3, "temperature": 3.0} | changes,
        "nehvi",
    )


@pytest.fixture
def process() -> FakeProcess:
    return FakeProcess()


@pytest.fixture
def desk(lab: Lab, process: FakeProcess) -> SuggestionDesk:
    return SuggestionDesk(lab.store, RunnerSettings(suggestion_seconds=1e6, prefetch=1), process)  # type: ignore[arg-type]


@pytest.fixture
def problem(lab: Lab) -> SearchProblem:
    return search_problem(lab.store, lab.home, lab.row)


def test_what_is_asked_for_is_handed_out_once(
    desk: SuggestionDesk, process: FakeProcess, problem: SearchProblem
) -> None:
    desk.prepare(1, "nehvi", problem, 2)
    desk.prepare(1, "nehvi", problem, 2)
    assert process.requests == [("nehvi", 0, 2)]
    assert desk.take(1, problem) is None
    process.result = [point(), point(n_layers=2)]
    assert desk.take(1, problem) == point()
    assert desk.take(2, problem) is None
    desk.prepare(1, "nehvi", problem, 2)
    # The one that is ready is shown to the strategy as pending, so that it is not made again.
    assert process.requests[1:] == [("nehvi", 1, 1)]
    assert desk.take(1, problem) == point(n_layers=2)
    assert desk.take(1, problem) is None


def test_a_failing_strategy_gives_a_quasi_random_point_with_a_note(
    lab: Lab, desk: SuggestionDesk, process: FakeProcess, problem: SearchProblem
) -> None:
    lab.students_running()
    desk.prepare(1, "nehvi", problem, 1)
    process.result = SuggestionFailure("died", "the suggestion process ended (exit status -9)")
    made = desk.take(1, problem)
    assert made is not None
    assert (made.strategy, made.note) == (
        "sobol",
        "quasi-random, because the suggestion process ended (exit status -9)",
    )
    assert made.parameters not in [trial.parameters for trial in list_trials(lab.store, 1)]
    # One failure, one point; then the strategy is asked again.
    assert desk.take(1, problem) is None
    desk.prepare(1, "nehvi", problem, 1)
    assert len(process.requests) == 2


def test_nobody_is_asked_while_a_failure_waits_to_be_made_good(
    desk: SuggestionDesk, process: FakeProcess, problem: SearchProblem
) -> None:
    desk.prepare(1, "nehvi", problem, 1)
    process.result = SuggestionFailure("error", "ValueError: x")
    desk.prepare(1, "nehvi", problem, 1)
    assert len(process.requests) == 1
    desk.prepare(2, "sobol", problem, 1)
    assert process.requests[1][0] == "sobol"


def test_the_baseline_is_no_stopgap(
    desk: SuggestionDesk, process: FakeProcess, problem: SearchProblem
) -> None:
    desk.prepare(1, "nehvi", problem, 1)
    process.result = SuggestionFailure("error", "ValueError: x")
    made = desk.take(1, problem)
    assert made is not None
    assert (made.strategy, made.parameters, made.note) == ("baseline", problem.baseline, None)


def test_a_late_strategy_is_not_waited_for_and_its_answer_repeats_nothing(
    lab: Lab, desk: SuggestionDesk, process: FakeProcess, problem: SearchProblem
) -> None:
    lab.students_running()
    desk.settings = RunnerSettings(suggestion_seconds=0.0)
    desk.prepare(1, "nehvi", problem, 2)
    made = desk.take(1, problem)
    assert made is not None
    assert "the strategy needed more than 0 s" in str(made.note)
    process.result = [Suggestion(made.parameters, "nehvi"), point()]
    assert desk.take(1, problem) == point()
    assert desk.take(1, problem) is None


def test_a_space_without_a_legal_point_is_the_experiments_fault(
    desk: SuggestionDesk, process: FakeProcess, problem: SearchProblem
) -> None:
    space = SearchSpace(problem.space.parameters, (Rule("n_layers > 100"),))
    impossible = SearchProblem(space, problem.metrics)
    desk.prepare(1, "nehvi", impossible, 1)
    process.result = SuggestionFailure("setting", "no configuration that meets the rules")
    with pytest.raises(SettingError, match="n_layers > 100"):
        desk.take(1, impossible)


def test_a_strategy_with_a_list_needs_no_stopgap(
    desk: SuggestionDesk, process: FakeProcess, problem: SearchProblem
) -> None:
    """Late or broken, its next point is made here; a quasi-random one would be none of its list."""
    listed = registry.suggest("grid", problem, [], 2)
    for expected in listed:
        desk.prepare(1, "grid", problem, 1)
        process.result = SuggestionFailure("error", "ValueError: x")
        made = desk.take(1, problem)
        assert made is not None
        assert (made.parameters, made.note) == (expected.parameters, expected.note)
        add_trials(desk.store, 1, [NewTrial("student", made.parameters, 1)])

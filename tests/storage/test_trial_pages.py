"""Pages of trials: what is filtered, sorted and counted by the database is what filtering by hand gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.launch import column_types, stored_spec
from engine.settings import Home
from storage.errors import SettingError
from storage.experiments import ExperimentRow
from storage.store import Store
from storage.trial_pages import Condition, Span, marked_numbers, sampled_numbers, trials_page
from storage.trials import TrialRow, list_trials, metrics_of
from tests.simulated import fill

Row = tuple[TrialRow, dict[str, float]]


@pytest.fixture
def filled(store: Store) -> ExperimentRow:
    return fill(store, Home(store.path.parent), trials=80, steps=1, examples=0)


@pytest.fixture
def page(store: Store, filled: ExperimentRow) -> Callable[..., Any]:
    types = column_types(stored_spec(filled).space())
    return lambda **asked: trials_page(
        store, filled.experiment_id, parameters=types, **({"limit": 1000} | asked)
    )


@pytest.fixture
def rows(store: Store, filled: ExperimentRow) -> list[Row]:
    metrics = metrics_of(store, filled.experiment_id)
    return [
        (trial, {name: value for name, (value, _) in metrics.get(trial.number, {}).items()})
        for trial in list_trials(store, filled.experiment_id)
    ]


def numbers(rows: list[Row], keep: Callable[[TrialRow, dict[str, float]], bool]) -> set[int]:
    return {trial.number for trial, metrics in rows if keep(trial, metrics)}


def test_all_trials_with_the_frontier_first(page: Callable[..., Any], rows: list[Row]) -> None:
    found = page()
    assert found.total == 81
    front = [trial.number for trial, _ in rows if trial.on_frontier]
    assert found.numbers[: len(front)] == front
    assert found.numbers[len(front) :] == sorted(set(range(81)) - set(front))


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", ["exact", "learning_rate", "seconds", "trial"])
def test_sorted_by_any_column(
    page: Callable[..., Any], rows: list[Row], order: str, descending: bool
) -> None:
    def value(number: int) -> float | None:
        trial, metrics = rows[number]
        if order == "seconds":
            assert trial.finished_at is not None
            assert trial.started_at is not None
            return (trial.finished_at - trial.started_at).total_seconds()
        return number if order == "trial" else metrics.get(order, trial.parameters.get(order))

    found = [value(number) for number in page(order=order, descending=descending).numbers]
    known = [item for item in found if item is not None]
    assert found[: len(known)] == known, "trials without a value come last"
    assert known == sorted(known, reverse=descending)


def test_pages_follow_each_other(page: Callable[..., Any]) -> None:
    whole = page(order="exact").numbers
    parts = [page(order="exact", limit=30, offset=start) for start in (0, 30, 60)]
    assert [number for part in parts for number in part.numbers] == whole
    assert {part.total for part in parts} == {81}
    assert page(limit=10, offset=500).numbers == []


@pytest.mark.parametrize(
    ("condition", "keep"),
    [
        (Condition("n_layers", (Span(3, 6),)), lambda t, m: 3 <= t.parameters.get("n_layers", -1) <= 6),
        (
            Condition("n_layers", (Span(high=3, with_high=False), Span(low=9, with_low=False))),
            lambda t, m: t.parameters and not 3 <= t.parameters["n_layers"] <= 9,
        ),
        (Condition("exact", (Span(low=55.0),)), lambda t, m: m.get("exact", 0) >= 55),
        (Condition("exact", (Span(low=55.0),), negated=True), lambda t, m: not m.get("exact", 0) >= 55),
        (Condition("exact", (Span(),)), lambda t, m: "exact" in m),
        (Condition("state", words=("failed", "stopped")), lambda t, m: t.state in ("failed", "stopped")),
        (Condition("role", words=("student",), negated=True), lambda t, m: t.role != "student"),
        (Condition("on_frontier", words=("yes",)), lambda t, m: t.on_frontier),
        (Condition("reason", words=("stopped by a person",)), lambda t, m: t.state == "stopped"),
        (Condition("trial", (Span(7, 7),)), lambda t, m: t.number == 7),
        (
            Condition("intermediate_size", (Span(768, 768), Span(3072, 3072))),
            lambda t, m: t.parameters.get("intermediate_size") in (768, 3072),
        ),
        (Condition("nothing_of_the_kind", (Span(),)), lambda t, m: False),
    ],
)
def test_conditions(
    page: Callable[..., Any],
    rows: list[Row],
    condition: Condition,
    keep: Callable[[TrialRow, dict[str, float]], bool],
) -> None:
    found = page(conditions=[condition])
    assert set(found.numbers) == numbers(rows, keep)
    assert found.total == len(found.numbers)


def test_all_conditions_hold_at_once(page: Callable[..., Any], rows: list[Row]) -> None:
    found = page(
        conditions=[Condition("n_layers", (Span(low=6),)), Condition("exact", (Span(high=62.0),))],
        order="latency_ms",
        limit=3,
    )
    kept = numbers(rows, lambda t, m: t.parameters.get("n_layers", 0) >= 6 and m.get("exact", 99) <= 62)
    assert set(found.numbers) <= kept
    assert (len(found.numbers), found.total) == (3, len(kept))


def test_values_are_never_part_of_the_query(page: Callable[..., Any]) -> None:
    assert page(conditions=[Condition("state", words=("' OR 1 = 1 --",))]).total == 0
    assert page(conditions=[Condition("x' OR 1 = 1 --", (Span(0.0, 1.0),))]).total == 0


def test_words_and_numbers_are_not_compared(page: Callable[..., Any]) -> None:
    with pytest.raises(SettingError, match="exact is a number"):
        page(conditions=[Condition("exact", words=("good",))])
    with pytest.raises(SettingError, match="state is a word"):
        page(conditions=[Condition("state", (Span(1.0, 2.0),))])


def test_samples_are_even_and_stay_the_same(store: Store, filled: ExperimentRow, rows: list[Row]) -> None:
    key = filled.experiment_id
    done = sorted(numbers(rows, lambda t, m: t.state == "completed" and t.role != "teacher"))
    assert sampled_numbers(store, key, ["completed"], 1000) == done
    few, more = (sampled_numbers(store, key, {"completed"}, most) for most in (10, 30))
    assert (len(few), len(more)) == (10, 30)
    assert set(few) <= set(more) <= set(done)
    assert few == sorted(few)
    assert sampled_numbers(store, key, ["queued"], 10) == []


def test_marked_are_the_teacher_the_baseline_and_the_frontier(
    store: Store, filled: ExperimentRow, rows: list[Row]
) -> None:
    found = marked_numbers(store, filled.experiment_id)
    assert found == sorted(numbers(rows, lambda t, m: t.on_frontier or t.number in (0, 1)))

"""Frontier and hypervolume against known answers and the definition."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.frontier import frontier, hypervolume, reference_point
from engine.growth import hypervolume_history
from engine.metrics import Metric

EXACT = Metric(name="exact", direction="maximize", threshold=50.0)
SIZE = Metric(name="size", direction="minimize")
METRICS = (EXACT, SIZE, Metric(name="latency", role="constrain", direction="minimize", threshold=9.0))


def row(exact: float, size: float, latency: float = 1.0) -> dict[str, float]:
    return {"exact": exact, "size": size, "latency": latency}


def test_known_frontier() -> None:
    values = {
        1: row(67, 66),
        2: row(67, 52),
        3: row(60, 40),
        4: row(60, 40),
        5: row(49, 10),
        6: row(80, 30, latency=10),
        7: row(math.nan, 1),
        8: row(math.inf, 1),
        9: {"exact": 99.0, "latency": 1.0},
    }
    assert frontier(METRICS, values) == {2, 3, 4}


def test_nothing_is_on_a_frontier_without_objectives_or_trials() -> None:
    assert frontier((Metric(name="f1", role="store"),), {1: {"f1": 1.0}}) == set()
    assert frontier(METRICS, {}) == set()


def test_one_objective_keeps_all_that_share_the_best_value() -> None:
    assert frontier((SIZE,), {1: {"size": 2.0}, 2: {"size": 1.0}, 3: {"size": 1.0}}) == {2, 3}


def test_known_hypervolume() -> None:
    values = {1: row(60, 40), 2: row(70, 80), 3: row(55, 90), 4: row(100, 0, latency=10)}
    reference = {"exact": 50.0, "size": 100.0}
    assert hypervolume(METRICS, values, reference) == pytest.approx(10 * 60 + 10 * 20)
    assert hypervolume((SIZE,), {1: {"size": 40.0}}, {"size": 100.0}) == 60
    assert hypervolume(METRICS, {}, reference) == 0


def test_reference_is_the_threshold_or_beyond_the_worst() -> None:
    values = {1: row(40, 20), 2: row(60, 120), 3: {"exact": 70.0}}
    assert reference_point(METRICS, values) == {"exact": 50.0, "size": pytest.approx(130.0)}
    assert reference_point((SIZE,), {1: {"size": 20.0}}) == {"size": pytest.approx(22.0)}
    with pytest.raises(ValueError, match="size"):
        reference_point((SIZE,), {1: {"exact": 1.0}})


def test_known_history() -> None:
    ordered = [row(60, 100), {}, row(60, 50), row(40, 0), row(70, 50)]
    # The reference is (50, 110): the worst size 100 and a tenth of the range 100 - 0.
    assert hypervolume_history(METRICS, ordered) == pytest.approx([100, 100, 600, 600, 1200])
    assert hypervolume_history(METRICS, [row(40, 1), {}]) == [0, 0]
    assert hypervolume_history((Metric(name="f1", role="store"),), [{"f1": 1.0}]) == [0]


def three_metrics(directions: list[str]) -> list[Metric]:
    return [Metric(name=f"m{i}", direction=d) for i, d in enumerate(directions)]  # type: ignore[arg-type]


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[Metric], list[dict[str, float]]]:
    count = draw(st.integers(1, 4))
    metrics = three_metrics(
        draw(st.lists(st.sampled_from(["maximize", "minimize"]), min_size=count, max_size=count))
    )
    if draw(st.booleans()):
        metrics[0] = metrics[0].model_copy(update={"threshold": 3.0})
    number = st.one_of(st.integers(0, 6).map(float), st.just(math.nan))
    rows = draw(st.lists(st.fixed_dictionaries({m.name: number for m in metrics}), min_size=1, max_size=25))
    return metrics, rows


def dominates(metrics: list[Metric], a: dict[str, float], b: dict[str, float]) -> bool:
    gains = [m.sign * (a[m.name] - b[m.name]) for m in metrics]
    return min(gains) >= 0 and max(gains) > 0


@given(problems())
def test_frontier_is_that_of_the_definition(problem: tuple[list[Metric], list[dict[str, float]]]) -> None:
    metrics, rows = problem
    valid = {
        i: r
        for i, r in enumerate(rows)
        if all(math.isfinite(r[m.name]) and m.meets_threshold(r[m.name]) for m in metrics)
    }
    expected = {
        i for i, r in valid.items() if not any(dominates(metrics, other, r) for other in valid.values())
    }
    assert frontier(metrics, dict(enumerate(rows))) == expected


@given(problems())
def test_history_never_decreases_and_agrees_with_the_hypervolume(
    problem: tuple[list[Metric], list[dict[str, float]]],
) -> None:
    metrics, rows = problem
    history = hypervolume_history(metrics, rows)
    assert history == sorted(history)
    numbered = dict(enumerate(rows))
    if not frontier(metrics, numbered):
        assert set(history) == {0.0}
        return
    reference = reference_point(metrics, numbered)
    for i, volume in enumerate(history):
        part = {k: numbered[k] for k in range(i + 1)}
        assert volume == pytest.approx(hypervolume(metrics, part, reference), rel=1e-9, abs=1e-9)


def test_ten_thousand_trials() -> None:
    rows = [row(50 + (i * 7919 % 10_000) / 200, (i * 104_729 % 10_007) / 100) for i in range(10_000)]
    values = dict(enumerate(rows))
    best = frontier(METRICS, values)
    history = hypervolume_history(METRICS, rows)
    assert history[-1] == pytest.approx(
        hypervolume(METRICS, {i: values[i] for i in best}, reference_point(METRICS, values))
    )

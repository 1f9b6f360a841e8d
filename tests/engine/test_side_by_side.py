"""Experiments side by side: one reference point for all, frontiers as stored, and the best so far."""

from __future__ import annotations

import numpy as np
import pytest

from engine.comparing import (
    MOST,
    chosen_experiments,
    chosen_trials,
    compared_pairs,
    names_in,
    paired_metrics,
)
from engine.errors import SettingError, UnknownNameError
from engine.frontier import hypervolume, reference_point
from engine.settings import Home
from engine.side_by_side import axes, beside, best_beside, common_objectives, fronts, hypervolumes_beside
from storage.experiments import ExperimentRow, list_experiments
from storage.store import Store
from tests.simulated import fill


@pytest.fixture
def rows(store: Store, home: Home) -> list[ExperimentRow]:
    fill(store, home, name="one", trials=30, seed=1, examples=80)
    fill(store, home, name="two", trials=20, seed=2, examples=80)
    return list_experiments(store)


def test_axes_are_what_all_optimise(store: Store, rows: list[ExperimentRow]) -> None:
    items = beside(store, rows)
    found = axes(items)
    assert found is not None
    assert [metric.name for metric in found] == ["exact", "num_parameters"]
    assert [metric.name for metric in common_objectives(items)] == ["exact", "num_parameters"]


def test_fronts_are_those_stored(store: Store, rows: list[ExperimentRow]) -> None:
    items = beside(store, rows)
    found = axes(items)
    assert found is not None
    table = fronts(items, *found)
    with store.read() as connection:
        expected = connection.execute(
            "SELECT e.name, number FROM trials JOIN experiments AS e USING (experiment_id) WHERE on_frontier"
        ).fetchall()
    assert set(zip(table["experiment"], table["number"], strict=True)) == set(expected)
    assert table["joined"].all()
    assert (table["y"] <= 100).all()
    assert (table["x"] > 1e6).all()


def test_hypervolumes_are_measured_from_one_point(store: Store, rows: list[ExperimentRow]) -> None:
    items = beside(store, rows)
    grown = hypervolumes_beside(items)
    assert grown["value"].max() == pytest.approx(100)
    metrics = common_objectives(items)
    values = [
        [dict(row) for row in item.outcomes.frame[["exact", "num_parameters"]].to_dict("records")]
        for item in items
    ]
    counted = [[row for row in own if row["exact"] >= 50.0] for own in values]
    point = reference_point(metrics, dict(enumerate([row for own in counted for row in own])))
    volumes = [hypervolume(metrics, dict(enumerate(own)), point) for own in counted]
    last = grown.groupby("experiment")["value"].last()
    assert last["one"] / last["two"] == pytest.approx(volumes[0] / volumes[1])
    for _, part in grown.groupby("experiment"):
        assert part["value"].is_monotonic_increasing
        assert part["trials"].is_monotonic_increasing
    assert grown[grown["experiment"] == "one"]["trials"].iloc[-1] == len(values[0])


def test_best_so_far(store: Store, rows: list[ExperimentRow]) -> None:
    items = beside(store, rows)
    found = axes(items)
    assert found is not None
    for item, (_, part) in zip(items, best_beside(items, found[0]).groupby("experiment"), strict=True):
        exact = item.outcomes.frame["exact"].to_numpy()
        for trials, value in zip(part["trials"], part["value"], strict=True):
            seen = exact[:trials]
            assert value == np.max(seen[seen >= 50.0])
    smallest = best_beside(items, found[1])
    assert smallest.groupby("experiment")["value"].apply(lambda part: part.is_monotonic_decreasing).all()


def test_nothing_in_common(store: Store, rows: list[ExperimentRow]) -> None:
    items = beside(store, rows)
    other = items[1].spec.model_copy(update={"metrics": items[1].spec.metrics[1:]})
    mixed = [items[0], type(items[1])(items[1].experiment, other, items[1].outcomes)]
    assert [metric.name for metric in common_objectives(mixed)] == ["num_parameters"]
    assert axes(mixed) is None
    assert not hypervolumes_beside(mixed).empty


def test_names() -> None:
    assert names_in(" a/1, ,b/2,a/1 ") == ["a/1", "b/2"]
    assert names_in("") == []


def test_trials_by_name(store: Store, rows: list[ExperimentRow]) -> None:
    chosen = chosen_trials(store, ["two/1", "one/1", "one/0"])
    assert [item.name for item in chosen] == ["two/1", "one/1", "one/0"]
    assert chosen[0].measured is not None
    assert chosen[0].measured.metrics["exact"] > 0
    assert chosen[0].settings["n_layers"] == 6
    assert chosen[2].settings == {}
    assert chosen[0].data == chosen[1].data
    with pytest.raises(UnknownNameError, match="its last is 30"):
        chosen_trials(store, ["one/31"])
    with pytest.raises(SettingError, match="does not name a trial"):
        chosen_trials(store, ["one"])
    with pytest.raises(SettingError, match=f"names {MOST + 1} trials; at most {MOST}"):
        chosen_trials(store, [f"one/{n}" for n in range(MOST + 1)])
    with pytest.raises(UnknownNameError, match="no experiment is called 'three'"):
        chosen_experiments(store, ["three"])


def test_pairs_over_experiments_on_the_same_data(store: Store, rows: list[ExperimentRow]) -> None:
    completed = {
        row.name: [int(n) for n in item.outcomes.frame["number"]]
        for row, item in zip(rows, beside(store, rows), strict=True)
    }
    names = [
        f"one/{completed['one'][0]}",
        f"one/{completed['one'][1]}",
        f"two/{completed['two'][0]}",
        "one/0",
    ]
    chosen = chosen_trials(store, names)
    assert paired_metrics(store, chosen) == ["exact"]
    pairs = compared_pairs(store, chosen, "exact")
    assert len(pairs) == 6
    assert all(pair.examples == 80 for pair in pairs if "one/0" not in (pair.first, pair.second))
    first = pairs[0]
    values = {item.name: item.measured.metrics["exact"] for item in chosen if item.measured is not None}
    assert first.difference == pytest.approx(values[first.second] - values[first.first])
    told = [pair.reason for pair in pairs if pair.second == "one/0"]
    assert told == ["one/0 kept no exact match example by example"] * 3


def test_a_trial_that_has_not_completed_says_so(store: Store, rows: list[ExperimentRow]) -> None:
    with store.read() as connection:
        ((number,),) = connection.execute(
            "SELECT min(number) FROM trials WHERE state <> 'completed' AND experiment_id = ?",
            [rows[0].experiment_id],
        ).fetchall()
    (pair,) = compared_pairs(store, chosen_trials(store, ["one/1", f"one/{number}"]), "exact")
    assert "has not completed" in str(pair.reason)

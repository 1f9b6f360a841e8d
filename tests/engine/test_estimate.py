"""Time estimates follow what was measured: in proportion to the work, and not at all where nothing is comparable."""

from __future__ import annotations

from typing import Any

import pytest

from engine.estimate import estimate_time
from engine.experiment import ExperimentSpec
from engine.spec_files import parse_spec, read_spec
from storage.pace import PaceRow
from tests.engine.sample_spec import SAMPLE

SPEC = parse_spec(SAMPLE)


def row(
    spec: ExperimentSpec = SPEC, trials: int = 10, middle: float = 60.0, name: str = "earlier", **changes: Any
) -> PaceRow:
    """An earlier experiment whose trials took half to twice the middle time."""
    changed = spec.changed(**changes) if changes else spec
    return PaceRow(name, changed.model_dump(mode="json"), trials, middle / 2, middle, 2 * middle)


def task(**changes: Any) -> dict[str, Any]:
    return SPEC.task.model_dump() | changes


def test_the_same_work_takes_the_same_time() -> None:
    found = estimate_time(SPEC, [row()], 2)
    assert found is not None
    assert (found.each, found.low, found.high) == (60.0, 30.0, 120.0)
    assert (found.trials, found.experiments, found.is_scaled) == (10, ("earlier",), False)
    # Twelve trials in two slots.
    assert (found.slots, found.total) == (2, 6 * 60.0)


@pytest.mark.parametrize(
    ("parallel", "slots", "at_once", "rounds"), [(1, 4, 1, 12), (0, 5, 5, 3), (3, 2, 2, 6)]
)
def test_slots_share_the_trials(parallel: int, slots: int, at_once: int, rounds: int) -> None:
    spec = SPEC.changed(budget={"trials": 12, "parallel": parallel})
    found = estimate_time(spec, [row()], slots)
    assert found is not None
    assert (found.slots, found.total) == (at_once, rounds * 60.0)


def test_more_data_and_more_epochs_take_longer_in_proportion() -> None:
    spec = SPEC.changed(task=task(train_samples=3200), fixed=SPEC.fixed | {"epochs": 6.0})
    found = estimate_time(spec, [row()], 2)
    assert found is not None
    assert found.each == pytest.approx(60.0 * 2 * 2)
    assert found.is_scaled


def test_trials_of_just_this_work_are_preferred() -> None:
    spec = SPEC.changed(task=task(train_samples=800))
    found = estimate_time(spec, [row(), row(spec, 1, 25.0, "same")], 2)
    assert found is not None
    assert (found.each, found.experiments, found.is_scaled) == (25.0, ("same",), False)


def test_several_experiments_count_by_their_trials() -> None:
    found = estimate_time(SPEC, [row(trials=30, middle=50.0), row(trials=10, middle=90.0, name="other")], 2)
    assert found is not None
    assert found.each == pytest.approx(60.0)
    assert found.trials == 40


@pytest.mark.parametrize(
    "other",
    [
        row(trials=0),
        row(teacher={"model": "google-bert/bert-base-uncased"}),
        row(task=task(max_length=256)),
        # Nobody knows how many examples "all" are.
        row(task=task(train_samples=0)),
        row(read_spec("pretrain")),
    ],
)
def test_nothing_is_told_where_nothing_is_comparable(other: PaceRow) -> None:
    assert estimate_time(SPEC, [other], 2) is None
    assert estimate_time(SPEC, [], 2) is None


def test_all_of_the_same_data_is_the_same_amount() -> None:
    spec = SPEC.changed(task=task(train_samples=0, dataset="a.json"))
    assert estimate_time(spec, [row(spec)], 2) is not None
    assert estimate_time(spec, [row(spec, task=task(train_samples=0, dataset="b.json"))], 2) is None


def test_searched_epochs_count_with_their_middle() -> None:
    fixed = {name: value for name, value in SPEC.fixed.items() if name != "epochs"}
    searched = {"epochs": {"type": "float", "low": 1.0, "high": 3.0}}
    parameters = {name: one.model_dump() for name, one in SPEC.parameters.items()}
    spec = SPEC.changed(
        fixed=fixed, parameters=parameters | searched, baseline={**SPEC.baseline, "epochs": 2.0}
    )
    # Measured per epoch, as the trials' epochs differ: 20 s each.
    found = estimate_time(spec, [row(spec, middle=20.0)], 1)
    assert found is not None
    assert found.each == pytest.approx(40.0)
    found = estimate_time(SPEC, [row(spec, middle=20.0)], 1)
    assert found is not None
    assert found.each == pytest.approx(60.0)


def test_candidates_of_an_extraction_go_by_their_steps() -> None:
    spec = read_spec("bort")
    longer = spec.changed(extract=spec.extract.model_dump() | {"steps": 2 * spec.extract.steps})
    found = estimate_time(longer, [row(spec, middle=5.0)], 1)
    assert found is not None
    assert found.each == pytest.approx(10.0)
    assert estimate_time(longer, [row(read_spec("pretrain"))], 1) is None

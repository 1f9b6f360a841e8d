"""Experiments are created whole, found by name, and move only from allowed states."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storage.errors import SettingError, StateError, UnknownNameError
from storage.experiments import (
    ExperimentRow,
    create_experiment,
    get_experiment,
    list_experiments,
    move_experiment,
)
from storage.store import Store


def create(store: Store, name: str, **changes) -> ExperimentRow:
    settings = {
        "task": "t",
        "strategy": "s",
        "budget_trials": 1,
        "spec": {},
        "spec_toml": "",
        "parameters": {},
    }
    return create_experiment(store, name=name, **(settings | {"metrics": {}} | changes))


def test_what_was_stored_comes_back(store: Store, demo: ExperimentRow) -> None:
    assert get_experiment(store, "demo") == demo
    assert demo.spec == {"seed": 1}
    assert demo.state == "pending"
    assert demo.started_at is None
    assert abs(datetime.now(UTC) - demo.created_at) < timedelta(minutes=5)
    other = create(store, "other")
    assert [row.name for row in list_experiments(store)] == ["demo", "other"]
    assert other.experiment_id != demo.experiment_id


def test_a_taken_name_is_refused(store: Store, demo: ExperimentRow) -> None:
    with pytest.raises(StateError, match="exists already"):
        create(store, "demo")
    assert len(list_experiments(store)) == 1


def test_a_refused_experiment_leaves_nothing(store: Store) -> None:
    with pytest.raises(SettingError, match=r"'x' has type 'complex'.*float, integer, text"):
        create(store, "demo", parameters={"x": "complex"})
    assert list_experiments(store) == []


def test_an_unknown_name_lists_close_ones(store: Store, demo: ExperimentRow) -> None:
    with pytest.raises(UnknownNameError, match=r"'dmeo'; did you mean demo\?"):
        get_experiment(store, "dmeo")


def test_moves_only_from_allowed_states(store: Store, demo: ExperimentRow) -> None:
    key = demo.experiment_id
    assert not move_experiment(store, key, "finished", allowed_from=["running"])
    assert get_experiment(store, "demo") == demo
    assert move_experiment(store, key, "running", allowed_from=["pending"])
    started = get_experiment(store, "demo").started_at
    assert started is not None
    assert move_experiment(store, key, "paused", allowed_from=["running"], reason="a person asked")
    assert get_experiment(store, "demo").reason == "a person asked"
    assert move_experiment(store, key, "running", allowed_from=["paused"])
    again = get_experiment(store, "demo")
    assert (again.started_at, again.reason, again.finished_at) == (started, None, None)
    assert move_experiment(store, key, "finished", allowed_from=["running"], finished=True)
    assert get_experiment(store, "demo").finished_at is not None
    assert not move_experiment(store, key, "running", allowed_from=[])
    assert not move_experiment(store, 99, "running", allowed_from=["pending"])

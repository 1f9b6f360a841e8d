"""Names of experiments work in SQL and never hide a table."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import SettingError
from storage.experiments import ExperimentRow, create_experiment
from storage.naming import MAX_NAME_LENGTH, NAME_PATTERN, check_name, did_you_mean, free_name, view_name
from storage.store import Store


def create(store: Store, name: str) -> None:
    create_experiment(
        store,
        name=name,
        task="t",
        strategy="s",
        budget_trials=1,
        spec={},
        spec_toml="",
        parameters={},
        metrics={},
    )


@pytest.mark.parametrize(
    "name",
    ["", "Demo", "1st", "a_b", "a--b", "-a", "a-", "a b", "a;drop", "ä", "a\n", "x" * (MAX_NAME_LENGTH + 1)],
)
def test_malformed_names_are_refused(store: Store, name: str) -> None:
    with store.read() as connection, pytest.raises(SettingError, match="cannot be used"):
        check_name(connection, name)


@pytest.mark.parametrize(
    "name", ["trials", "trial-metrics", "select", "left", "duckdb-tables", "schema-versions"]
)
def test_names_that_mean_something_in_sql_are_refused(store: Store, name: str) -> None:
    with pytest.raises(SettingError, match="already has a meaning"):
        create(store, name)
    assert free_name(store, name) == f"{name}-2"


def test_free_name_counts_up(store: Store, demo: ExperimentRow) -> None:
    assert free_name(store, "other") == "other"
    assert free_name(store, "demo") == "demo-2"
    create(store, "demo-2")
    create(store, "demo-3")
    assert free_name(store, "demo") == "demo-4"
    with pytest.raises(SettingError):
        free_name(store, "No Good")


def test_free_name_stays_within_the_length(store: Store) -> None:
    longest = "a" * (MAX_NAME_LENGTH - 3) + "-bc"
    create(store, longest)
    name = free_name(store, longest)
    assert len(name) <= MAX_NAME_LENGTH
    create(store, name)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.from_regex(NAME_PATTERN, fullmatch=True).filter(lambda name: len(name) <= MAX_NAME_LENGTH))
def test_the_view_of_any_free_name_needs_no_quotes(store: Store, base: str) -> None:
    name = free_name(store, base)
    create(store, name)
    with store.read() as connection:
        assert connection.execute(f"SELECT * FROM {view_name(name)}").fetchall() == []


def test_did_you_mean() -> None:
    assert did_you_mean("demp", ["demo", "zzz"]) == "did you mean demo?"
    assert did_you_mean("q", ["demo"]) == "there are: demo"
    assert did_you_mean("q", []) == "there are none yet"

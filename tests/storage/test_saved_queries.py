"""Queries are kept under names, and the last ones that were run."""

from __future__ import annotations

import pytest

from storage.errors import SettingError, UnknownNameError
from storage.saved_queries import (
    HISTORY,
    QueryParameter,
    drop_query,
    get_query,
    list_history,
    list_queries,
    note_query,
    save_query,
)
from storage.sql import run_query
from storage.store import Store

PARAMETERS = (QueryParameter("most", "number", 45e6), QueryParameter("role", "text", None))


def test_saved_queries_come_back_whole(store: Store) -> None:
    save_query(store, " Small ones ", "SELECT $most, $role", PARAMETERS, {"kind": "scatter", "x": "a"})
    save_query(store, "all", "FROM trials")
    found = get_query(store, "Small ones")
    assert found.sql == "SELECT $most, $role"
    assert found.parameters == PARAMETERS
    assert found.chart == {"kind": "scatter", "x": "a"}
    assert [query.name for query in list_queries(store)] == ["all", "Small ones"]
    assert run_query(store, "SELECT name FROM saved_queries ORDER BY 1").rows == [("Small ones",), ("all",)]


def test_a_name_is_used_once(store: Store) -> None:
    save_query(store, "mine", "SELECT 1", PARAMETERS)
    save_query(store, "mine", "SELECT 2")
    assert [(query.sql, query.parameters) for query in list_queries(store)] == [("SELECT 2", ())]
    drop_query(store, "mine")
    drop_query(store, "mine")
    assert list_queries(store) == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "two\nlines"])
def test_names_that_cannot_be_used(store: Store, name: str) -> None:
    with pytest.raises(SettingError, match="1 to 80 printable"):
        save_query(store, name, "SELECT 1")


def test_an_empty_query_is_not_saved(store: Store) -> None:
    with pytest.raises(SettingError, match="no query"):
        save_query(store, "mine", " \n")


def test_an_unknown_name_gets_a_hint(store: Store) -> None:
    save_query(store, "frontier", "SELECT 1")
    with pytest.raises(UnknownNameError, match="did you mean frontier"):
        get_query(store, "fronteir")


def test_the_history_tells_what_became_of_queries(store: Store) -> None:
    note_query(store, "SELECT $most", PARAMETERS, seconds=0.5, rows=7)
    note_query(store, "SELEC", (), seconds=0.1, rows=None, error="Parser Error")
    failed, ran = list_history(store)
    assert (failed.sql, failed.rows, failed.error) == ("SELEC", None, "Parser Error")
    assert (ran.parameters, ran.seconds, ran.rows, ran.error) == (PARAMETERS, 0.5, 7, None)
    assert ran.ran_at.tzinfo is not None


def test_the_history_keeps_the_last_different_ones(store: Store) -> None:
    for number in range(HISTORY + 5):
        note_query(store, f"SELECT {number}", (), seconds=0, rows=1)
    for _ in range(2 * HISTORY):
        note_query(store, "SELECT 20", (), seconds=0, rows=1)
    kept = [query.sql for query in list_history(store)]
    assert kept[0] == "SELECT 20"
    assert len(kept) == len(set(kept)) == HISTORY
    assert "SELECT 5" in kept
    assert "SELECT 4" not in kept

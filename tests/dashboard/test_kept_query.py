"""Addresses of runs that began before a change do not undo it; a person's own do."""

from __future__ import annotations

from dashboard.kept_query import STALE_SECONDS, KeptQuery

FIRST = {"experiment": "e", "max.size": "5"}


def test_a_change_stays_when_an_older_run_arrives() -> None:
    kept = KeptQuery(FIRST).changed({"max.size": "4"}, 1.0).changed({"max.size": "3"}, 2.0)
    assert kept.current == {"experiment": "e", "max.size": "3"}
    for stale in (FIRST, {"experiment": "e", "max.size": "4"}):
        assert kept.arrived(stale, 3.0).current == kept.current
    assert kept.arrived(kept.current, 3.0).current == kept.current


def test_another_address_is_taken() -> None:
    kept = KeptQuery(FIRST).changed({"max.size": "4"}, 1.0)
    other = {"experiment": "other"}
    assert kept.arrived(other, 2.0) == KeptQuery(other)


def test_after_a_while_a_replaced_address_is_the_way_back() -> None:
    kept = KeptQuery(FIRST).changed({"max.size": "4"}, 1.0)
    assert kept.arrived(FIRST, 0.9 + STALE_SECONDS).current == kept.current
    assert kept.arrived(FIRST, 1.1 + STALE_SECONDS).current == FIRST


def test_parameters_are_added_and_taken_away() -> None:
    kept = KeptQuery(FIRST).changed({"max.size": None, "layers": "4"}, 1.0)
    assert kept.current == {"experiment": "e", "layers": "4"}
    assert kept.changed({"layers": "4"}, 2.0) is kept


def test_a_change_back_is_no_stale_address() -> None:
    kept = KeptQuery(FIRST).changed({"max.size": "4"}, 1.0).changed({"max.size": "5"}, 2.0)
    assert kept.current == FIRST
    assert kept.arrived(FIRST, 3.0).current == FIRST
    assert kept.arrived({"experiment": "e", "max.size": "4"}, 3.0).current == FIRST

"""Links are stored, found by the hash of their code, counted, and taken back once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storage.clock import utc_now
from storage.errors import StateError, UnknownNameError
from storage.links import NewLink, add_link, find_link, list_links, note_link_use, revoke_link
from storage.store import Store

NOW = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


def new(code_hash: str = "h1", **changes: object) -> NewLink:
    fields = {"salt": "s", "page": "experiment", "title": "demo", "experiments": ["demo"], "creator": "ann"}
    return NewLink(**fields | {"code_hash": code_hash, "query": {"id": ["demo"]}} | changes)  # type: ignore[arg-type]


def test_what_was_stored_is_found(store: Store) -> None:
    query = {"id": ["demo"], "x": ["a", "b"]}
    made = add_link(store, new(query=query, note="look", frozen_at=NOW, expires_at=NOW + timedelta(days=30)))
    assert find_link(store, "h1") == made
    assert (made.link_id, made.query, made.experiments, made.note) == (1, query, ["demo"], "look")
    assert (made.frozen_at, made.expires_at) == (NOW, NOW + timedelta(days=30))
    assert abs((made.created_at.replace(tzinfo=None) - utc_now()).total_seconds()) < 60
    assert (made.uses, made.last_used_at, made.revoked_at) == (0, None, None)
    assert find_link(store, "h2") is None


def test_a_query_may_read_all_experiments(store: Store) -> None:
    assert add_link(store, new(experiments=None)).experiments is None
    assert add_link(store, new("h2", experiments=[])).experiments == []


def test_the_newest_comes_first(store: Store) -> None:
    for code_hash in ("h1", "h2", "h3"):
        add_link(store, new(code_hash))
    assert [link.code_hash for link in list_links(store)] == ["h3", "h2", "h1"]


def test_uses_are_counted(store: Store) -> None:
    link = add_link(store, new())
    note_link_use(store, link.link_id)
    note_link_use(store, link.link_id)
    found = find_link(store, "h1")
    assert found is not None
    assert found.uses == 2
    assert found.last_used_at is not None
    assert found.last_used_at.tzinfo is UTC


def test_a_link_is_revoked_once(store: Store) -> None:
    link = add_link(store, new())
    assert link.state(NOW) == "open"
    assert revoke_link(store, link.link_id, "bob").revoked_by == "bob"
    found = find_link(store, "h1")
    assert found is not None
    assert found.state(NOW) == "revoked"
    with pytest.raises(StateError, match="before"):
        revoke_link(store, link.link_id, "bob")
    with pytest.raises(UnknownNameError, match="link 7"):
        revoke_link(store, 7, "bob")


def test_a_link_ends_at_its_time(store: Store) -> None:
    link = add_link(store, new(expires_at=NOW))
    assert link.state(NOW - timedelta(seconds=1)) == "open"
    assert link.state(NOW) == "expired"
    assert add_link(store, new("h2")).state(datetime.max.replace(tzinfo=UTC)) == "open"

"""Links are made of views, found by their code, and what they show is kept with them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.access import frozen_files, link_data
from dashboard.access.shareable import VIEWS, question_of
from dashboard.access.sharing import Closed, Sharing, Wish, closed_words, looked_up
from engine.errors import SettingError, StateError, UnknownNameError
from engine.serving import AccessSettings
from engine.settings import Home
from storage import freezing
from storage.errors import QueryError
from storage.experiments import get_experiment, list_experiments
from storage.links import Link
from storage.sql import run_query
from storage.store import Store
from storage.trials import NewTrial, add_trials, list_trials
from tests.simulated import fill

WISH = Wish("trial", "mine/2", {"id": ["mine/2"]}, frozen=True, days=30, creator="ann", note=" look ")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Home]]:
    """Two experiments; trial 2 of the first has a log, a model and a lock."""
    home = Home(tmp_path_factory.mktemp("sharing"))
    with Store.open(home.database) as store:
        for name in ("mine", "other"):
            fill(store, home, name=name, trials=5, steps=4, examples=10)
        folder = home.path / "experiments" / "mine" / "0002"
        (folder / "model").mkdir(parents=True)
        (folder / "model" / "weights").write_text("secret", encoding="utf-8")
        (folder / "log.txt").write_text("as it was", encoding="utf-8")
        (folder / "process.lock").write_text("1", encoding="utf-8")
        yield store, home


@pytest.fixture
def sharing(filled: tuple[Store, Home]) -> Iterator[Sharing]:
    found = Sharing(*filled, AccessSettings())
    yield found
    found.data.close()


def made(sharing: Sharing, **changes: Any) -> Link:
    return sharing.make(replace(WISH, **changes))


def test_a_link_is_found_by_its_code_and_by_nothing_else(sharing: Sharing) -> None:
    link = made(sharing)
    code = sharing.code(link)
    assert code is not None
    assert len(code) == 22
    assert sharing.find(code) == link
    assert looked_up(sharing, code) == link
    assert hashlib.sha256(code.encode()).hexdigest() == link.code_hash
    for wrong in (code[:-1], code.swapcase(), link.salt, link.code_hash, ""):
        assert sharing.find(wrong) is None
    assert sharing.code(made(sharing)) != code


def test_what_was_wished_for_is_kept(sharing: Sharing) -> None:
    link = made(sharing, query={"id": ["mine/2"], "part": ["Curves"], "link": ["older"]})
    assert (link.page, link.title, link.note, link.creator) == ("trial", "mine/2", "look", "ann")
    assert link.query == {"id": ["mine/2"], "part": ["Curves"]}
    assert link.experiments == ["mine"]
    assert link.expires_at is not None
    assert timedelta(days=29, hours=23) < link.expires_at - link.created_at < timedelta(days=30, hours=1)
    assert made(sharing, days=0).expires_at is None


def test_a_frozen_link_keeps_rows_and_files(sharing: Sharing, filled: tuple[Store, Home]) -> None:
    store, home = filled
    link = made(sharing)
    log = home.path / "experiments" / "mine" / "0002" / "log.txt"
    log.write_text("as it is", encoding="utf-8")
    mine = get_experiment(store, "mine")
    before = len(list_trials(store, mine.experiment_id))
    add_trials(store, mine.experiment_id, [NewTrial("student", mine_parameters(store), 1)], state="queued")
    data, copy = sharing.data.open(link)
    assert [row.name for row in list_experiments(data)] == ["mine"]
    assert len(list_trials(data, mine.experiment_id)) == before
    folder = copy.path / "experiments" / "mine" / "0002"
    assert [path.name for path in folder.iterdir()] == ["log.txt"]
    assert (folder / "log.txt").read_text(encoding="utf-8") == "as it was"
    assert (copy.path / "experiments" / "mine" / "0000" / "architecture.json").is_file()
    assert copy.path.stat().st_mode & 0o077 == 0
    log.write_text("as it was", encoding="utf-8")


def mine_parameters(store: Store) -> dict[str, Any]:
    return list_trials(store, get_experiment(store, "mine").experiment_id)[1].parameters


def test_a_live_link_follows(sharing: Sharing, filled: tuple[Store, Home]) -> None:
    store, home = filled
    link = made(sharing, frozen=False)
    data, folder = sharing.data.open(link)
    assert folder == home
    assert not (home.links / link.salt).exists()
    mine = get_experiment(store, "mine")
    before = len(list_trials(data, mine.experiment_id))
    add_trials(store, mine.experiment_id, [NewTrial("student", mine_parameters(store), 1)], state="queued")
    assert len(list_trials(data, mine.experiment_id)) == before + 1
    assert sharing.data.open(link)[0] is data


@pytest.mark.parametrize("frozen", [False, True])
def test_a_revoked_link_can_no_longer_be_read(
    sharing: Sharing, filled: tuple[Store, Home], frozen: bool
) -> None:
    """Not even by a browser that has it open."""
    link = made(sharing, frozen=frozen)
    data, _ = sharing.data.open(link)
    assert list_experiments(data)
    sharing.revoke(link.link_id, "bob")
    with pytest.raises(StateError, match="revoked"):
        list_experiments(data)
    assert not (filled[1].links / link.salt).exists()
    code = sharing.code(link)
    assert code is not None
    told = looked_up(sharing, code)
    assert isinstance(told, Closed)
    assert told.known
    assert "bob took it back" in told.message


def test_an_ended_link_can_no_longer_be_read(sharing: Sharing, filled: tuple[Store, Home]) -> None:
    link = replace(made(sharing, frozen=False), expires_at=filled[0].now())
    with pytest.raises(StateError, match="ended"):
        list_experiments(sharing.data.open(link)[0])
    told = closed_words(link, filled[0].now())
    assert told is not None
    assert told.title == "This link has ended"
    assert "ann" in told.message


def test_copies_of_links_that_are_over_are_removed(sharing: Sharing, filled: tuple[Store, Home]) -> None:
    store, home = filled
    kept, ended = made(sharing), made(sharing)
    left = home.links / "left-by-a-crash"
    left.mkdir(parents=True)
    with store.write() as connection:
        connection.execute(
            "UPDATE links SET expires_at = TIMESTAMP '2020-01-01' WHERE link_id = ?", [ended.link_id]
        )
    Sharing(store, home, AccessSettings())
    names = {path.name for path in home.links.iterdir()}
    assert kept.salt in names
    assert not {ended.salt, left.name} & names


def test_links_outlive_their_secret_but_cannot_be_told(filled: tuple[Store, Home]) -> None:
    store, home = filled
    sharing = Sharing(store, home, AccessSettings())
    link = made(sharing, frozen=False)
    code = sharing.code(link)
    assert code is not None
    home.link_secret.unlink()
    again = Sharing(store, home, AccessSettings())
    assert again.find(code) == link
    assert again.code(link) is None


def test_what_cannot_be_shared_is_explained(
    sharing: Sharing, filled: tuple[Store, Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingError, match="'links' is no view"):
        made(sharing, page="links")
    with pytest.raises(SettingError, match="days = -1"):
        made(sharing, days=-1)
    with pytest.raises(UnknownNameError, match="nowhere"):
        made(sharing, query={"id": ["nowhere/1"]})
    monkeypatch.setattr(freezing, "MAX_ROWS", 3)
    with pytest.raises(StateError, match="make a live link"):
        made(sharing)
    monkeypatch.undo()
    monkeypatch.setattr(frozen_files, "MAX_BYTES", 3)
    count = len(list(filled[1].links.iterdir()))
    with pytest.raises(StateError, match="make a live link"):
        made(sharing)
    assert len(list(filled[1].links.iterdir())) == count


def test_few_are_kept_open(sharing: Sharing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_data, "KEPT_OPEN", 1)
    first, second = made(sharing), made(sharing)
    data, _ = sharing.data.open(first)
    assert list_experiments(data)
    sharing.data.open(second)
    assert list_experiments(data)
    assert sharing.data.open(first)[0] is not data


def test_links_that_are_switched_off(sharing: Sharing) -> None:
    told = looked_up(None, "anything")
    assert isinstance(told, Closed)
    assert "switched off" in told.title
    unknown = looked_up(sharing, "anything")
    assert isinstance(unknown, Closed)
    assert not unknown.known


def test_every_shareable_view_has_a_page() -> None:
    pages = Path(__file__).resolve().parents[3] / "dashboard" / "app_pages"
    assert [page for page in VIEWS if not (pages / f"{page}.py").is_file()] == []


def test_the_answer_to_a_query_is_kept(sharing: Sharing, filled: tuple[Store, Home]) -> None:
    query = {"q": ["SELECT count(*) AS n FROM trials WHERE number >= $low"], "n.low": ["1"]}
    link = made(sharing, page="sql", title="count", query=query)
    assert link.experiments is None
    data, _ = sharing.data.open(link)
    sql, given = question_of(query)
    before = run_query(filled[0], sql, parameters=given).rows
    mine = get_experiment(filled[0], "mine")
    add_trials(filled[0], mine.experiment_id, [NewTrial("student", mine_parameters(filled[0]), 1)])
    assert run_query(data, sql, parameters=given).rows == before
    assert run_query(filled[0], sql, parameters=given).rows != before
    assert list_experiments(data) == []


@pytest.mark.parametrize(
    ("query", "error"), [({"q": ["SELECT nothing FROM nowhere"]}, QueryError), ({}, SettingError)]
)
def test_a_query_without_an_answer_is_not_frozen(
    sharing: Sharing, filled: tuple[Store, Home], query: dict[str, list[str]], error: type[Exception]
) -> None:
    before = len(list(filled[1].links.iterdir())) if filled[1].links.is_dir() else 0
    with pytest.raises(error):
        made(sharing, page="sql", query=query)
    assert len(list(filled[1].links.iterdir())) == before

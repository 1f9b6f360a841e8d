"""Sharing a view, and the list of links."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access.sharing import Sharing, Wish
from dashboard.services import Services, provide
from engine.serving import AccessSettings
from storage.experiments import ExperimentRow
from storage.links import Link
from tests.dashboard.shown import words

Visit = Callable[..., AppTest]


@pytest.fixture
def sharing(present: Services) -> Iterator[Sharing]:
    found = Sharing(present.store, present.home, AccessSettings(public_url="https://frontier.example"))
    provide(replace(present, sharing=found))
    yield found
    found.data.close()


def make(sharing: Sharing, title: str = "demo", **changes: object) -> Link:
    wish = Wish("experiment", title, {"id": ["demo"]}, frozen=False, days=30, creator="ann")
    return sharing.make(replace(wish, **changes))  # type: ignore[arg-type]


def test_a_link_is_made_of_the_view_on_the_screen(
    sharing: Sharing, demo: ExperimentRow, visit: Visit
) -> None:
    at = visit("experiment", id="demo", x="latency_ms")
    at.selectbox(key="share end").set_value(7)
    at.text_input(key="share note").set_value("look here")
    at.button(key="share make").click().run()
    assert not at.exception
    [link] = sharing.listed()
    assert (link.page, link.title, link.creator, link.note) == ("experiment", "demo", "local", "look here")
    assert link.query == {"id": ["demo"], "x": ["latency_ms"]}
    assert link.frozen_at is None
    assert link.expires_at is not None
    assert (link.expires_at - link.created_at).days in (6, 7)
    address = f"https://frontier.example/s/{sharing.code(link)}"
    assert address in words(at)
    at.selectbox(key="share end").set_value(0).run()
    assert address not in words(at), "it is not the link of what is chosen now"
    at.button_group(key="share kind").set_value("Frozen").run()
    at.button(key="share make").click().run()
    newest = sharing.listed()[0]
    assert (newest.expires_at, newest.frozen_at is not None) == (None, True)


def test_what_stands_in_the_way_is_told(
    sharing: Sharing, demo: ExperimentRow, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage import freezing

    monkeypatch.setattr(freezing, "MAX_ROWS", 1)
    at = visit("experiment", id="demo")
    at.button_group(key="share kind").set_value("Frozen").run()
    at.button(key="share make").click().run()
    assert "make a live link" in words(at)
    assert sharing.listed() == []


def test_a_usual_time_of_ones_own(present: Services, demo: ExperimentRow, visit: Visit) -> None:
    sharing = Sharing(present.store, present.home, AccessSettings(link_days=10))
    provide(replace(present, sharing=sharing))
    ends = visit("experiment", id="demo").selectbox(key="share end")
    assert ends.value == 10
    assert ends.options[:4] == ["1 day", "1 week", "10 days", "30 days"]
    assert ends.options[-1] == "never"


def test_links_that_are_switched_off(present: Services, demo: ExperimentRow, visit: Visit) -> None:
    assert "share make" not in {button.key for button in visit("experiment", id="demo").button}
    assert "--share-links off" in words(visit("links"))


def test_an_empty_list_teaches(sharing: Sharing, visit: Visit) -> None:
    assert "press **Share**" in words(visit("links"))


def test_the_list(sharing: Sharing, demo: ExperimentRow, visit: Visit) -> None:
    first, second = make(sharing, "first", note="a *note*"), make(sharing, "second", frozen=True, days=0)
    sharing.note_use(first)
    sharing.note_use(first)
    told = words(visit("links"))
    for part in (
        "**first**",
        "**second**",
        "Experiment \u00b7 live",
        "Experiment \u00b7 frozen on",
        "Made by ann",
        "never ends",
        "opened 2 times",
        "not opened yet",
        "a \\*note\\*",
        "2 open links",
        f"/s/{sharing.code(first)}",
        f"/s/{sharing.code(second)}",
    ):
        assert part in told, part


def test_revoking(sharing: Sharing, demo: ExperimentRow, visit: Visit) -> None:
    link = make(sharing)
    at = visit("links")
    at.button(key=f"revoke {link.link_id}").click().run()
    assert not at.exception
    [revoked] = sharing.listed()
    assert revoked.revoked_by == "local"
    assert "**demo**" not in words(at)
    at.toggle(key="over").set_value(True).run()
    assert "revoked by local" in words(at)
    assert f"revoke {link.link_id}" not in {button.key for button in at.button}


def test_a_code_that_cannot_be_told_again(present: Services, demo: ExperimentRow, visit: Visit) -> None:
    make(Sharing(present.store, present.home, AccessSettings()))
    present.home.link_secret.unlink()
    provide(replace(present, sharing=Sharing(present.store, present.home, AccessSettings())))
    assert "cannot be told again" in words(visit("links"))


def test_many_links_come_in_pages(sharing: Sharing, demo: ExperimentRow, visit: Visit) -> None:
    for number in range(45):
        make(sharing, f"link {number}")
    told = words(visit("links"))
    assert "45 open links" in told
    assert told.count("Made by ann") == 20
    assert "**link 44**" in told

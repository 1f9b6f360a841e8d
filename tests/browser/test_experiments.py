"""The list of experiments in a real browser: empty, filled, found, tagged, archived, cloned and compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.settings import Home
from storage.store import Store
from tests.browser.settling import LONG, address, settled, untroubled
from tests.server import Server, serving, wait_until
from tests.simulated import fill

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
NAMES = [f"run-{number}" for number in range(24)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:

    def filled(store: Store, home: Home) -> None:
        for name in NAMES:
            fill(store, home, name=name, trials=6, steps=1, examples=20)

    with serving(tmp_path_factory.mktemp("list") / "home", filled) as started:
        yield started


def _rows(page: Any) -> int:
    return int(page.locator("[class*=st-key-row_]").count())


def test_an_empty_server_offers_three_ways(visit: Any, tmp_path: Path) -> None:
    with serving(tmp_path / "home") as server:
        page = visit.page
        page.set_default_timeout(LONG)
        page.goto(server.address)
        for title in ("Run the demo", "Use my own data", "Open a study from Optuna"):
            page.get_by_role("heading", name=title).wait_for()
        page.get_by_role("button", name="Choose a file").click()
        page.get_by_role("dialog").get_by_text("Storage of an Optuna study").wait_for()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Set up an experiment").click()
        page.wait_for_url("**/new?preset=quick")
        untroubled(visit)


def test_find_tag_archive_and_compare(visit: Any, server: Server) -> None:
    page = visit.page
    page.set_default_timeout(LONG)
    page.goto(server.address)
    wait_until(lambda: _rows(page) == 20)
    page.get_by_label("Search").fill("run-2")
    wait_until(lambda: _rows(page) == 5)
    wait_until(lambda: address(page).get("search") == ["run-2"])
    _tag(page, "run-21", "paper")
    page.locator(".st-key-row_run-21").get_by_text("paper").wait_for()
    _choose(page, "run-22", "Archive")
    wait_until(lambda: _rows(page) == 4 and settled(page))
    for name in ("run-20", "run-21"):
        page.locator(f".st-key-row_{name}").get_by_test_id("stCheckbox").locator("label").first.click()
        page.get_by_text(re.compile(rf"chosen: .*{name}")).wait_for()
        wait_until(lambda: settled(page))
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_url(re.compile(r"/compare\?experiments=run-20(%2C|,)run-21"))
    page.get_by_role("heading", name="Compare").wait_for()
    untroubled(visit)


def test_clone_and_pages(visit: Any, server: Server) -> None:
    page = visit.page
    page.set_default_timeout(LONG)
    page.goto(f"{server.address}/?archived=1")
    wait_until(lambda: _rows(page) == 20 and settled(page))
    page.get_by_role("button", name="Page 2", exact=True).click()
    wait_until(lambda: _rows(page) == 4)
    assert address(page).get("page") == ["2"]
    _choose(page, "run-0", "Clone")
    page.wait_for_url(re.compile(r"/new\?from=run-0"))
    page.get_by_label("experiment.toml").wait_for()
    wait_until(lambda: 'name = "run-0"' in page.get_by_label("experiment.toml").input_value())
    untroubled(visit)


def _choose(page: Any, name: str, action: str) -> None:
    page.locator(f".st-key-row_{name}").get_by_test_id("stMenuButton").get_by_role("button").click()
    page.get_by_role("menuitem", name=action, exact=True).or_(
        page.get_by_role("option", name=action, exact=True)
    ).first.click()


def _tag(page: Any, name: str, tag: str) -> None:
    _choose(page, name, "Tags and note")
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_role("combobox")
    field.fill(tag)
    field.press("Enter")
    dialog.get_by_label("Note").fill("Looks good.")
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="detached")

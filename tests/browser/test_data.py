"""The Data page in a real browser: contexts with marked answers, filters that stand in the address, charts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from engine.settings import Home
from storage.store import Store
from tests.browser.settling import LONG, address, settled, untroubled
from tests.server import Server, serving, wait_until
from tests.simulated import fill

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:

    def filled(store: Store, home: Home) -> None:
        fill(store, home, name="alpha", trials=4, steps=1, examples=0)

    with serving(tmp_path_factory.mktemp("data") / "home", filled) as started:
        yield started


def test_read_filter_and_measure(visit: Any, server: Server) -> None:
    page = visit.page
    page.set_default_timeout(LONG)
    page.goto(f"{server.address}/data")
    page.get_by_text(re.compile(r"[\d,]+ questions on [\d,]+ contexts")).wait_for()
    page.locator("mark").first.wait_for()
    search = page.get_by_label("Search")
    search.fill("harbour oak bridge")
    search.press("Enter")
    page.get_by_text("Take back one of the filters").wait_for()
    search.fill("bridge")
    search.press("Enter")
    page.get_by_text(re.compile(r"questions on \d+ contexts")).wait_for()
    wait_until(lambda: address(page).get("search") == ["bridge"] and settled(page))
    page.get_by_role("button", name="Page 2", exact=True).click()
    wait_until(lambda: address(page).get("page") == ["2"] and settled(page))
    copied, before = page.url, _contexts(page)
    page.goto("about:blank")
    page.goto(copied)
    page.locator("mark").first.wait_for()
    wait_until(lambda: _contexts(page) == before)
    page.get_by_test_id("stButtonGroup").get_by_text("Topics", exact=True).click()
    page.get_by_text("Questions by topic, with and without an answer").wait_for()
    page.locator(".js-plotly-plot").wait_for()
    page.get_by_test_id("stButtonGroup").get_by_text("Lengths", exact=True).click()
    page.get_by_text("Words in answers").wait_for()
    wait_until(lambda: page.locator(".js-plotly-plot").count() == 3)
    untroubled(visit)


def _contexts(page: Any) -> list[str]:
    return list(page.get_by_test_id("stHtml").all_inner_texts())

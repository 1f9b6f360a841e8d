"""The SQL page in a real browser: typing with completion, parameters, charts, addresses, cancelling, downloads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.settings import Home
from storage.store import Store
from tests.browser.settling import LONG, address, untroubled
from tests.server import Server, serving, wait_until
from tests.simulated import fill

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
SLOW = "SELECT count(*) FROM range(100000000000)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:

    def filled(store: Store, home: Home) -> None:
        fill(store, home, name="alpha", trials=40, steps=10, examples=50)

    with serving(tmp_path_factory.mktemp("sql") / "home", filled) as started:
        yield started


def test_write_complete_run_and_copy_the_address(visit: Any, server: Server) -> None:
    page = visit.page
    page.set_default_timeout(LONG)
    page.goto(f"{server.address}/sql")
    page.get_by_text("Begin with one of these").wait_for()
    editor = page.get_by_label("Query")
    editor.click()
    editor.press_sequentially("select exa")
    choices = page.get_by_role("listbox", name="Completions")
    choices.get_by_role("option", name="exact double", exact=True).wait_for()
    editor.press("Tab")
    assert editor.input_value() == "select exact"
    editor.press_sequentially(", t.num_pa from alp")
    editor.press("Tab")
    editor.press_sequentially(" as t where t.num_pa")
    choices.get_by_role("option", name="num_parameters bigint").wait_for()
    editor.press("Tab")
    editor.press_sequentially(" <= $most")
    assert editor.input_value() == "select exact, t.num_pa from alpha as t where t.num_parameters <= $most"
    editor.fill("select exact, num_parameters from alpha as t where t.num_parameters <= $most order by all")
    _give_parameter(page)
    _chart_of_it(page)
    copied = page.url
    page.goto("about:blank")
    page.goto(copied)
    page.locator(".js-plotly-plot").wait_for()
    assert page.get_by_label("Query").input_value().endswith("order by all")
    assert page.get_by_label("$most", exact=True).input_value() == "45000000"
    untroubled(visit)


def _give_parameter(page: Any) -> None:
    """A name behind a dollar sign gets a field; its value runs the query."""
    field = page.get_by_label("$most", exact=True)
    field.wait_for()
    field.fill("45 M")
    field.press("Enter")
    page.get_by_text(re.compile(r"\d+ rows in")).wait_for()
    wait_until(lambda: address(page).get("n.most") == ["45000000"])
    assert field.input_value() == "45 M"


def _chart_of_it(page: Any) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text("Chart", exact=True).click()
    page.locator(".js-plotly-plot").wait_for()
    wait_until(lambda: address(page).get("view") == ["chart"])
    page.get_by_text("Exact match by parameters").wait_for()


def test_the_keyboard_and_the_schema(visit: Any, server: Server) -> None:
    page = visit.page
    page.set_default_timeout(LONG)
    page.goto(f"{server.address}/sql")
    editor = page.get_by_label("Query")
    editor.click()
    page.get_by_label("Search tables and columns").fill("on_front")
    page.get_by_role("button", name="alpha", exact=True).wait_for()
    page.get_by_label("Search tables and columns").fill("")
    editor.click()
    editor.press_sequentially("FROM ")
    page.get_by_role("button", name="alpha", exact=True).click()
    assert editor.input_value() == "FROM alpha"
    editor.press_sequentially(" SELECT ")
    editor.press("Control+Space")
    choices = page.get_by_role("listbox", name="Completions")
    choices.wait_for()
    first = choices.get_by_role("option").nth(0).inner_text().split("\n")[0]
    editor.press("ArrowDown")
    second = choices.locator("[aria-selected=true]").inner_text().split("\n")[0]
    assert first != second
    editor.press("Escape")
    choices.wait_for(state="hidden")
    editor.press_sequentially("count(*) AS n")
    editor.press("Control+z")
    assert editor.input_value() != "FROM alpha SELECT count(*) AS n"
    editor.fill("FROM alpha SELECT count(*) AS n")
    editor.press("Control+Enter")
    page.get_by_text("1 row", exact=True).wait_for()
    assert address(page)["q"] == ["FROM alpha SELECT count(*) AS n"]
    page.get_by_role("button", name="History", exact=True).click()
    page.get_by_text("just now \u00b7 1 row,").wait_for()
    untroubled(visit)


def test_cancel_and_download(visit: Any, server: Server, tmp_path: Path) -> None:
    page = visit.page
    page.set_default_timeout(LONG)
    page.goto(f"{server.address}/sql")
    editor = page.get_by_label("Query")
    editor.fill(SLOW)
    page.get_by_title("Ctrl+Enter").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("the query was cancelled").wait_for()
    editor.fill("SELECT trial, state FROM alpha WHERE trial > 0")
    editor.press("Control+Enter")
    page.get_by_text("40 rows").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Arrow", exact=True).click()
    import pyarrow as pa

    path = tmp_path / "result.arrow"
    download.value.save_as(path)
    assert pa.ipc.open_file(path).read_all().num_rows == 40
    untroubled(visit)

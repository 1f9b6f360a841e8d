"""The page for a new experiment in a real browser: data looked at, an earlier one cloned, a file taken and launched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.settings import Home
from engine.spec_files import preset_text
from engine.tasks.squad.sample import generate_corpus
from storage.store import Store
from tests.browser.settling import untroubled
from tests.server import Server, serving, wait_until
from tests.simulated import fill

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
LONG = 120_000
"""Milliseconds: the machine may be busy."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an earlier experiment."""

    def filled(store: Store, home: Home) -> None:
        fill(store, home, name="earlier", trials=12, steps=1, examples=0)

    with serving(tmp_path_factory.mktemp("home"), filled) as started:
        yield started


def opened(visit: Any, server: Server, address: str) -> Any:
    visit.page.set_default_timeout(LONG)
    visit.page.goto(f"{server.address}{address}")
    visit.page.get_by_label("experiment.toml").wait_for()
    return visit.page


def until_text(page: Any, part: str) -> None:
    """Wait until the text beside the form says something."""
    text = page.get_by_label("experiment.toml")
    wait_until(lambda: part in text.input_value(), LONG / 1000)


def test_data_are_looked_at_while_they_are_named(visit: Any, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    path.write_text(json.dumps(generate_corpus(400, seed=2)), encoding="utf-8")
    page = opened(visit, server, "/new?preset=demo")
    page.get_by_label("dataset", exact=True).fill(str(path))
    until_text(page, str(path))
    page.get_by_text(re.compile(r"Checked: [\d,]+ questions about 400 paragraphs.*% answerable")).wait_for()
    page.get_by_label("evaluation dataset", exact=True).fill(str(tmp_path / "dev.json"))
    page.get_by_text(re.compile(r"There is no file .*dev\.json")).wait_for()
    page.get_by_label("rules, one a line", exact=True).fill("n_heads <= 2 * n_layers")
    page.get_by_label("rules, one a line", exact=True).press("Control+Enter")
    until_text(page, 'rules = ["n_heads <= 2 * n_layers"]')
    page.get_by_text("meet the rule").wait_for()
    untroubled(visit)


def test_an_earlier_experiment_is_cloned_and_its_speed_told(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/new?preset=demo")
    page.get_by_role("button", name="Clone").click()
    page.get_by_label("Start from its specification").click()
    page.get_by_role("option", name="earlier").click()
    until_text(page, 'name = "earlier"')
    page.get_by_text(re.compile(r"About 2 min 42 s a trial, .* in all.*as \d+ trials of earlier")).wait_for()
    wait_until(lambda: page.evaluate("location.href").endswith("/new?from=earlier"))
    # The same address starts from the same.
    page.reload()
    until_text(page, 'name = "earlier"')
    page.get_by_role("button", name="Known").nth(2).click()
    page.get_by_label("Known for teacher").click()
    page.get_by_role("option", name="bert-base-uncased-squad2").wait_for()
    untroubled(visit)


def test_a_file_is_taken_and_launched(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/new?preset=demo")
    page.get_by_role("button", name="Upload", exact=True).click()
    text = preset_text("demo").replace('name = "demo"', 'name = "from-a-file"')
    page.locator('input[type="file"]').set_input_files(
        {"name": "mine.toml", "mimeType": "application/toml", "buffer": text.encode()}
    )
    until_text(page, 'name = "from-a-file"')
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Launch", exact=True).click()
    page.wait_for_url(re.compile(r"/experiment\?id=from-a-file"))
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Stop the experiment").click()
    page.get_by_text("stopped", exact=True).first.wait_for()
    untroubled(visit)


def test_a_narrow_window(visit: Any, server: Server) -> None:
    visit.page.set_viewport_size({"width": 420, "height": 900})
    page = opened(visit, server, "/new?preset=classify")
    page.get_by_text("4 Budget").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    untroubled(visit)

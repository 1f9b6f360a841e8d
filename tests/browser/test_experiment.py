"""The page of an experiment in a real browser: tabs, charts saved, brushed, turned and clicked, and its address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from engine.controls import stop_experiment
from engine.launch import submit
from engine.settings import Home
from engine.spec_files import parse_spec, preset_text
from storage.store import Store
from tests.server import Server, serving, wait_until
from tests.simulated import fill

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
LONG = 60_000
"""Milliseconds: the machine may be busy."""
MANY = 20_000
MOST_BYTES = 3e6
"""What the server may send for one view."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an experiment of usual size, a very large one, and one that was stopped before it began."""

    def filled(store: Store, home: Home) -> None:
        fill(store, home, name="search", trials=60, steps=5, examples=100)
        fill(store, home, name="large", trials=MANY, steps=1, examples=0)
        submit(store, home, parse_spec(preset_text("demo")))
        stop_experiment(store, "demo")

    with serving(tmp_path_factory.mktemp("home"), filled) as started:
        yield started


class Opened:
    """A page at an address, with all that went wrong and all that was sent."""

    def __init__(self, visit: Any, server: Server) -> None:
        self.visit, self.server, self.page = visit, server, visit.page
        self.received = 0
        self.page.set_default_timeout(LONG)
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._count))

    def go(self, address: str) -> Any:
        self.page.goto(f"{self.server.address}{address}")
        self.page.locator("h1").first.wait_for()
        return self.page

    def chart(self, title: str) -> Any:
        """The frame of the chart with this title, once it is drawn."""
        frame = self.page.locator(".bf-chart", has_text=title).first
        frame.locator(".js-plotly-plot .main-svg, .js-plotly-plot canvas").first.wait_for(state="attached")
        return frame

    def query(self) -> dict[str, str]:
        """What the address says."""
        # Playwright's own notion of the address follows only while it is waiting.
        address = self.page.evaluate("location.href")
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    def untroubled(self) -> None:
        assert self.page.locator('[data-testid="stException"]').count() == 0
        assert self.visit.errors == []
        assert self.visit.elsewhere == []

    def _count(self, payload: Any) -> None:
        self.received += len(payload)


@pytest.fixture
def opened(visit: Any, server: Server) -> Iterator[Opened]:
    found = Opened(visit, server)
    yield found
    found.untroubled()


TABS = {
    "Trials": "61 trials",
    "Hypervolume": "trials that moved the frontier",
    "Parallel coordinates": "Drag along an axis to filter",
    "Importance": "extremely randomised trees",
    "Timeline": "60 attempts",
    "Specification": "Set up another one like this",
}


def test_every_tab(opened: Opened) -> None:
    page = opened.go("/experiment?id=search")
    page.get_by_text("fewer parameters").first.wait_for()
    opened.chart("Exact match against parameters")
    for tab, told in TABS.items():
        page.get_by_role("tab", name=tab, exact=True).click()
        page.get_by_text(told).first.wait_for()
        wait_until(lambda tab=tab: opened.query().get("tab", "Trials") == tab, 30)


def test_models_are_fitted_while_the_page_goes_on(opened: Opened) -> None:
    page = opened.go("/experiment?id=search&tab=Slices")
    opened.chart("Exact match by n layers")
    page.get_by_text("the band a 90 % interval of a new measurement").wait_for()
    page.goto(f"{opened.server.address}/experiment?id=search&tab=Slices&over=n_layers&and=alpha")
    opened.chart("Exact match over n layers and alpha, as predicted")
    page.get_by_role("tab", name="Health", exact=True).click()
    page.get_by_text("predicted well").or_(page.get_by_test_id("stDataFrame")).first.wait_for()
    page.get_by_text("Nothing spoils the results").wait_for()


def test_charts_are_saved_as_picture_drawing_and_page(opened: Opened, tmp_path: Path) -> None:
    page = opened.go("/experiment?id=search")
    frame = opened.chart("Exact match against parameters")

    def saved(label: str) -> Path:
        frame.locator("summary").click()
        with page.expect_download() as download:
            frame.get_by_role("button", name=label).click()
        place = tmp_path / download.value.suggested_filename
        download.value.save_as(place)
        return place

    picture = saved("PNG picture")
    assert picture.name == "exact-match-against-parameters-one-point-a-trial.png"
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    drawing = saved("SVG drawing").read_text(encoding="utf-8")
    assert drawing.startswith("<svg")
    assert "Exact match against parameters" in drawing
    alone = saved("HTML page")
    assert alone.stat().st_size > 1e6, "the library is in the page"
    frame.locator("summary").click()
    page.keyboard.press("Escape")
    assert not frame.get_by_role("button", name="PNG picture").is_visible()
    opened.untroubled()
    page.goto(alone.as_uri())
    page.locator(".js-plotly-plot .point").first.wait_for()
    assert page.title() == "exact match against parameters of every trial"
    assert opened.visit.elsewhere == [alone.as_uri()], "the saved page fetches nothing"
    opened.visit.elsewhere.clear()


def test_brushes_filter_the_table_and_stand_in_the_address(opened: Opened) -> None:
    page = opened.go("/experiment?id=search&tab=Parallel+coordinates")
    frame = opened.chart("Parallel coordinates")
    brush = frame.locator(".axis-brush .background").first
    brush.wait_for(state="attached")
    brush.scroll_into_view_if_needed()
    box = brush.bounding_box()
    across = box["x"] + box["width"] / 2
    page.mouse.move(across, box["y"] + 0.75 * box["height"])
    page.mouse.down()
    page.mouse.move(across, box["y"] + 0.5 * box["height"], steps=4)
    page.mouse.move(across, box["y"] + 0.25 * box["height"], steps=4)
    page.mouse.up()
    wait_until(lambda: "where" in opened.query(), 30)
    assert re.fullmatch(r"n_layers = \d+\.\.\d+", opened.query()["where"])
    told = page.get_by_text("of 61 trials meet the filter")
    told.wait_for()
    count = int(re.search(r"(\d+) of 61 trials", told.inner_text())[1])
    assert 0 < count < 61
    page.get_by_role("tab", name="Trials", exact=True).click()
    page.get_by_text(re.compile(rf"^{count} trials?$")).wait_for()
    page.reload()
    page.get_by_text(re.compile(rf"^{count} trials?$")).wait_for()
    field = page.get_by_label("Filter", exact=True)
    wait_until(lambda: field.input_value() == opened.query()["where"], 30)


def test_the_address_restores_the_view(opened: Opened) -> None:
    page = opened.go(
        "/experiment?id=search&x=learning_rate&y=latency_ms&budget=45000000&since=2020-01-01T00:00"
    )
    opened.chart("Latency against learning rate, one point a trial")
    page.get_by_text("60 trials ended").wait_for()
    slider = page.get_by_role("slider")
    before = page.locator('[data-testid="stSliderThumbValue"]').inner_text()
    slider.focus()
    page.keyboard.press("ArrowLeft")
    wait_until(lambda: opened.query()["budget"] != "45000000", 30)
    after = page.locator('[data-testid="stSliderThumbValue"]').inner_text()
    assert after != before
    page.reload()
    opened.chart("Latency against learning rate, one point a trial")
    wait_until(lambda: page.locator('[data-testid="stSliderThumbValue"]').inner_text() == after, 30)


def test_a_point_opens_its_trial_and_back_leads_back(opened: Opened) -> None:
    page = opened.go("/experiment?id=search&y=f1")
    frame = opened.chart("F1 against parameters")
    place = frame.locator("path.point").last.bounding_box()
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.wait_for_url(re.compile(r"/trial\?id=search%2F1$"))
    page.get_by_role("heading", name="Trial 1").wait_for()
    page.go_back()
    opened.chart("F1 against parameters")
    wait_until(lambda: opened.query() == {"id": "search", "y": "f1"}, 30)


def test_three_axes_are_turned(opened: Opened) -> None:
    page = opened.go("/experiment?id=search&z=latency_ms")
    frame = opened.chart("Exact match over parameters and latency")
    canvas = frame.locator("canvas").first
    canvas.wait_for()
    camera = "JSON.stringify(document.querySelector('.js-plotly-plot').layout.scene.camera)"
    before = page.evaluate(camera)
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 220, steps=6)
    page.mouse.up()
    wait_until(lambda: page.evaluate(camera) != before, 30)
    frame.locator("summary").click()
    frame.get_by_role("button", name="Reset the view").click()
    wait_until(lambda: json.loads(page.evaluate(camera))["eye"] == json.loads(before)["eye"], 30)


def test_several_trials_are_chosen_at_once(opened: Opened) -> None:
    page = opened.go("/experiment?id=search")
    table = page.get_by_test_id("stDataFrame").first
    table.wait_for()
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    for row in (1, 2):
        page.mouse.click(box["x"] + 16, box["y"] + 32 * (row + 0.5))
    page.get_by_text("2 chosen").wait_for()
    page.get_by_role("button", name="Resume", exact=True).click()
    page.get_by_text("2 refused").wait_for()
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_url(re.compile(r"/compare\?ids=search%2F\d+%2Csearch%2F\d+"))


def test_a_narrow_window_cuts_nothing_off(opened: Opened) -> None:
    opened.page.set_viewport_size({"width": 420, "height": 900})
    page = opened.go("/experiment?id=search&tab=Hypervolume")
    opened.chart("Exact match against parameters")
    opened.chart("Hypervolume")
    for title in page.locator(".bf-chart-title").all():
        wide = title.evaluate("element => [element.scrollWidth, element.clientWidth]")
        assert wide[0] <= wide[1]
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth + 1")


def test_an_experiment_without_trials_teaches(opened: Opened) -> None:
    page = opened.go("/experiment?id=demo")
    page.get_by_text("The first trials appear here as they end").wait_for()
    for tab, told in (
        ("Hypervolume", "It starts with the first trial that meets every threshold"),
        ("Parallel coordinates", "The first completed trials appear here"),
        ("Importance", "Importance needs 25 more completed trials"),
        ("Timeline", "Bars appear here as trials start"),
        ("Health", "No trial has failed."),
    ):
        page.get_by_role("tab", name=tab, exact=True).click()
        page.get_by_text(told).first.wait_for()


def test_very_many_trials(opened: Opened) -> None:
    page = opened.go("/experiment?id=large")
    opened.chart("Exact match against parameters")
    page.get_by_text("an even sample of the others").wait_for()
    page.get_by_text(f"of {MANY + 1:,}").first.wait_for()
    points = page.evaluate(
        "document.querySelector('.js-plotly-plot').data.reduce((sum, trace) => sum + trace.x.length, 0)"
    )
    assert 500 < points < 8000
    assert opened.received < MOST_BYTES
    page.get_by_role("button", name="Page 3", exact=True).click()
    page.get_by_text("Trials 201 to 300").wait_for()
    assert opened.query()["p"] == "3"
    page.get_by_label("Filter", exact=True).fill("exact > 60 and n_layers <= 8")
    page.keyboard.press("Enter")
    wait_until(lambda: opened.query().get("where") == "exact > 60 and n_layers <= 8", 30)
    assert "p" not in opened.query()
    for tab in ("Hypervolume", "Parallel coordinates", "Timeline"):
        before = opened.received
        page.get_by_role("tab", name=tab, exact=True).click()
        opened.chart(tab)
        assert opened.received - before < MOST_BYTES

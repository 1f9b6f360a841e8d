"""The report as a person gets it, and the views of extractions and pre-trainings, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.lifecycle import ExperimentState, experiment_sources
from engine.settings import Home
from storage.experiments import move_experiment
from storage.store import Store
from tests.browser.settling import untroubled
from tests.engine.stored_extraction import BEST, store_extraction
from tests.server import Server, serving
from tests.simulated import fill

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
LONG = 120_000
"""Milliseconds: the machine may be busy."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a search, and an extraction that is paused."""

    def filled(store: Store, home: Home) -> None:
        fill(store, home, name="search", trials=40, steps=2, examples=50)
        row = store_extraction(store, home)
        paused = ExperimentState.PAUSED
        move_experiment(store, row.experiment_id, paused, allowed_from=experiment_sources(paused))

    with serving(tmp_path_factory.mktemp("home"), filled) as started:
        yield started


def test_the_report_is_taken_away_and_opens_by_itself(visit: Any, server: Server, tmp_path: Path) -> None:
    page = visit.page
    page.set_default_timeout(LONG)
    page.goto(f"{server.address}/experiment?id=search")
    with page.expect_download() as download:
        page.get_by_role("button", name="Report", exact=True).click()
    assert download.value.suggested_filename == "search.html"
    path = tmp_path / "search.html"
    download.value.save_as(path)
    untroubled(visit)

    requests: list[str] = []
    alone = page.context.new_page()
    alone.on("request", lambda request: requests.append(request.url))
    alone.set_viewport_size({"width": 794, "height": 1123})
    alone.goto(path.as_uri())
    alone.get_by_role("heading", name="search", exact=True).wait_for()
    figure = alone.get_by_role("img", name="Exact match against parameters, one point a trial")
    assert figure.locator("circle").count() > 20
    # As wide as a sheet of A4, nothing stands out on the right.
    alone.emulate_media(media="print")
    assert alone.evaluate("document.documentElement.scrollWidth") <= 794
    assert len(alone.pdf(format="A4")) > 10_000
    assert requests == [path.as_uri()]


def test_an_extraction_on_its_map(visit: Any, server: Server) -> None:
    page = visit.page
    page.set_default_timeout(LONG)
    page.goto(f"{server.address}/experiment?id=bort")
    page.get_by_role("link", name="All architectures on a map").click()
    page.wait_for_url(re.compile(r"/extraction\?id=bort"))
    page.get_by_text("has the largest W").wait_for()
    page.locator(".js-plotly-plot .main-svg").nth(1).wait_for(state="attached")
    points = page.locator(".js-plotly-plot").nth(1).locator("path.point")
    # Along the order, the one with the largest W is the sixth that was trained.
    place = points.nth(BEST - 1).bounding_box()
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.wait_for_url(re.compile(rf"/trial\?id=bort%2F{BEST}"))
    page.goto(f"{server.address}/pretraining")
    page.get_by_text("There is none yet.").wait_for()
    untroubled(visit)

"""The comparison page in a real browser: choosing, curves, and the examples that tell two trials apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from engine.settings import Home
from storage.store import Store
from tests.browser.settling import untroubled
from tests.browser.test_trial import opened
from tests.server import Server, serving
from tests.simulated import fill
from tests.simulated_answers import leave_answers

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two experiments; three trials of the first kept their answers."""

    def filled(store: Store, home: Home) -> None:
        first = fill(store, home, name="first", trials=14, seed=1)
        fill(store, home, name="second", trials=10, seed=2)
        leave_answers(store, home, first, [1, 2, 3])

    with serving(tmp_path_factory.mktemp("home"), filled) as started:
        yield started


def test_choosing_by_name(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/compare")
    page.get_by_text("Choose two to eight trials").wait_for()
    page.get_by_label("Or by name").fill("first/1, first/2")
    page.get_by_label("Or by name").press("Enter")
    page.get_by_role("heading", name="What differs").wait_for()
    assert re.search(r"ids=first%2F1%2Cfirst%2F2", page.url)
    copied = page.url
    page.goto(copied)
    page.get_by_role("heading", name="Pair by pair").wait_for()
    page.get_by_text("Exact match of each trial as training goes on").first.wait_for()
    untroubled(visit)


def test_the_curve_stands_in_the_address(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/compare?ids=first/1,first/2,second/1&curve=loss&over=epoch")
    page.locator(".main-svg").first.wait_for()
    page.get_by_text("Loss of each trial as training goes on").first.wait_for()
    names = page.locator(".js-plotly-plot .legendtext").all_text_contents()
    assert names == ["first/1", "first/2", "second/1"]
    dashes = page.locator(".js-plotly-plot .scatterlayer .js-line").evaluate_all(
        "all => all.map(e => e.style.strokeDasharray)"
    )
    assert len(set(dashes)) == 3
    untroubled(visit)


def test_the_examples_that_tell_two_apart(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/compare?ids=first/1,first/2")
    page.get_by_text("McNemar").first.wait_for()
    table = page.get_by_test_id("stDataFrame").last
    table.scroll_into_view_if_needed()
    place = table.bounding_box()
    # The first row's box; a click on it opens the answers only the first has right.
    page.mouse.click(place["x"] + 16, place["y"] + 47)
    page.wait_for_url(re.compile(r"/trial\?id=first%2F1"))
    page.get_by_text("first/2 answered").wait_for()
    assert "show=only-this" in page.url
    page.go_back()
    page.get_by_role("heading", name="Pair by pair").wait_for()
    assert re.search(r"/compare\?ids=first", page.url)
    untroubled(visit)


def test_experiments(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/compare?experiments=first,second")
    page.locator(".main-svg").nth(2).wait_for()
    page.get_by_text("with the thresholds of first").wait_for()
    page.get_by_role("heading", name="Frontiers", exact=True).wait_for()
    untroubled(visit)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_window(visit: Any, server: Server, scheme: str) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    visit.page.set_viewport_size({"width": 420, "height": 900})
    page = opened(visit, server, "/compare?ids=first/1,first/2,first/3")
    page.get_by_role("heading", name="Pair by pair").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    untroubled(visit)


def test_names_that_lead_nowhere(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/compare?ids=first/1,first/99")
    page.get_by_text("its last is 14").wait_for()
    untroubled(visit)

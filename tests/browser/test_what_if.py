"""The what-if page in a real browser: the address is the question, and an answer leads to a trial."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from engine.settings import Home
from storage.store import Store
from tests.browser.settling import untroubled
from tests.server import Server, serving, wait_until
from tests.simulated import fill

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
LONG = 180_000
"""Milliseconds: models are fitted, and the machine may be busy."""
MANY = 3000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an experiment of usual size, a large one, and one with too few trials."""

    def filled(store: Store, home: Home) -> None:
        fill(store, home, name="search", trials=40, steps=2, examples=0)
        fill(store, home, name="large", trials=MANY, steps=1, examples=0)
        fill(store, home, name="few", trials=3, steps=1, examples=0)

    with serving(tmp_path_factory.mktemp("home"), filled) as started:
        yield started


def opened(visit: Any, server: Server, address: str) -> Any:
    visit.page.set_default_timeout(LONG)
    visit.page.goto(f"{server.address}{address}")
    return visit.page


def query(page: Any) -> dict[str, str]:
    address = page.evaluate("location.href")
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def drawn(page: Any) -> None:
    page.locator(".js-plotly-plot .main-svg").first.wait_for(state="attached")


def test_a_question_is_asked_changed_and_queued(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/what-if")
    page.get_by_role("button", name="search", exact=True).click()
    page.get_by_text("The best to be counted on has exact match").wait_for()
    drawn(page)

    # A slider moves the address, and the answer follows.
    slider = page.get_by_role("slider", name="Parameters at most")
    slider.focus()
    for _ in range(10):
        before = query(page).get("max.num_parameters")
        slider.press("ArrowLeft")
        wait_until(lambda before=before: query(page).get("max.num_parameters") != before, 60)
    limit = float(query(page)["max.num_parameters"])
    page.get_by_text(f"at most {limit / 1e6:.3g} M").first.wait_for()

    page.get_by_test_id("stButtonGroup").nth(0).get_by_text("value", exact=True).click()
    wait_until(lambda: "n_layers" in query(page), 60)

    # Somebody else with the same address sees the same.
    shown = page.get_by_text("to be counted on has exact match").inner_text()
    copy = visit.page.context.new_page()
    copy.set_default_timeout(LONG)
    copy.goto(page.evaluate("location.href"))
    copy.get_by_text(shown).wait_for()
    copy.close()

    page.get_by_role("button", name="Pin these settings").click()
    page.get_by_text("These settings are predicted to reach").wait_for()
    assert set(query(page)) >= {"experiment", "n_layers", "alpha", "temperature", "max.num_parameters"}
    page.get_by_role("button", name="Queue this trial").click()
    page.get_by_role("button", name="Queue it").click()
    page.get_by_role("link", name="trial 41").click()
    page.wait_for_url(re.compile(r"/trial\?id=search%2F41"))
    page.get_by_role("heading", name="Trial 41").wait_for()
    untroubled(visit)


def test_ranges_stay_as_the_address_says(visit: Any, server: Server) -> None:
    asked = {"experiment": "search", "learning_rate": "1e-5..1e-4", "alpha": "0.25"}
    page = opened(visit, server, "/what-if?" + "&".join(f"{name}={value}" for name, value in asked.items()))
    page.get_by_text("to be counted on has exact match").wait_for()
    drawn(page)
    page.wait_for_timeout(3000)
    assert query(page) == asked
    thumbs = page.get_by_test_id("stSliderThumbValue").all_inner_texts()
    assert thumbs[-3:] == ["1e-05", "0.0001", "0.25"]
    untroubled(visit)


def test_a_click_on_a_predicted_point_pins_its_settings(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/what-if?experiment=search")
    page.get_by_text("to be counted on has exact match").wait_for()
    drawn(page)
    place = page.locator(".js-plotly-plot path.point[style*='stroke']").last.bounding_box()
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.get_by_text("These settings are predicted to reach").wait_for()
    assert "temperature" in query(page)
    untroubled(visit)


def test_many_trials_and_few(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/what-if?experiment=large")
    page.get_by_text(re.compile(r"was shown 400 of [\d,]+ trials")).first.wait_for()
    drawn(page)
    page = opened(visit, server, "/what-if?experiment=few&n_layers=4")
    page.get_by_text("There are too few trials to predict anything yet.").wait_for()
    page.get_by_text("Model to ship").wait_for()
    untroubled(visit)


def test_a_narrow_window_shows_the_answer_first(visit: Any, server: Server) -> None:
    visit.page.set_viewport_size({"width": 420, "height": 900})
    page = opened(visit, server, "/what-if?experiment=search")
    answer = page.get_by_text("to be counted on has exact match")
    answer.wait_for()
    budget = page.get_by_role("slider", name="Parameters at most")
    assert answer.bounding_box()["y"] < budget.bounding_box()["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    untroubled(visit)

"""The page of a trial in a real browser: every tab, answers by keyboard, the way back, and an export made meanwhile."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from engine.settings import Home
from storage.store import Store
from tests.browser.settling import untroubled
from tests.server import Server, serving, wait_until
from tests.simulated import fill
from tests.simulated_answers import leave_answers

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
LONG = 60_000
"""Milliseconds: the machine may be busy."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an experiment whose first trials kept their answers."""

    def filled(store: Store, home: Home) -> None:
        experiment = fill(store, home, name="search", trials=12, steps=3000)
        leave_answers(store, home, experiment, [1, 2, 3])

    with serving(tmp_path_factory.mktemp("home"), filled) as started:
        yield started


def opened(visit: Any, server: Server, address: str) -> Any:
    """The page at an address, drawn to its end."""
    page = visit.page
    page.set_default_timeout(LONG)
    page.goto(f"{server.address}{address}")
    page.locator("h1").first.wait_for()
    settled(page)
    return page


def settled(page: Any) -> None:
    """Wait until nothing is being drawn: a key pressed meanwhile would reach nobody."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def step(page: Any, key: str, place: int) -> None:
    """Press a key until it leads to an example; right after a page was opened one may be lost."""
    wanted = page.get_by_text(re.compile(rf"^{place} of \d+$"))
    for _ in range(4):
        settled(page)
        page.keyboard.press(key)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            if wanted.count():
                return
            page.wait_for_timeout(100)
    pytest.fail(f"{key} does not lead to example {place}")


def charts(page: Any) -> list[str]:
    """Titles of the charts that are drawn."""
    page.locator(".main-svg").first.wait_for()
    return [
        str(label) for label in page.locator("[role=img]").evaluate_all("all => all.map(e => e.ariaLabel)")
    ]


def test_every_tab(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/trial?id=search/2")
    page.get_by_text("Steps shown").wait_for()
    assert "Training loss and its parts" in charts(page)
    page.get_by_text("Each point is the mean of 3 steps").wait_for()
    for tab, told in (
        ("Parameters", "Settings that differ from the baseline stand first."),
        ("Answers", "of 200"),
        ("Errors", "answers are wrong"),
        ("Resources", "memory at most"),
        ("Log", "Output of its process"),
        ("Files", "has no model"),
    ):
        page.get_by_role("tab", name=tab, exact=True).click()
        page.get_by_text(told).first.wait_for()
        assert f"part={tab}" in page.url
    page.get_by_role("tab", name="Metrics", exact=True).click()
    page.get_by_test_id("stDataFrame").first.wait_for()
    untroubled(visit)


def test_a_stretch_of_steps_stands_in_the_address(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/trial?id=search/2&from=10000&to=15000")
    page.get_by_text("Step 15,000, epoch").wait_for()
    assert page.get_by_text("Each point is the mean").count() == 0
    untroubled(visit)


def test_answers_by_keyboard_and_address(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/trial?id=search/2&part=Answers&show=missed-answer")
    page.get_by_text(re.compile(r"^1 of \d+$")).wait_for()
    first = page.locator("h4").inner_text()
    page.locator("h1").first.click()
    step(page, "ArrowRight", 2)
    wait_until(lambda: page.locator("h4").inner_text() != first, 30)
    assert "example=question-" in page.url
    shown = page.locator("h4").inner_text()
    copied = page.url
    step(page, "ArrowLeft", 1)
    page.goto(copied)
    page.get_by_text(re.compile(r"^2 of \d+$")).wait_for()
    assert page.locator("h4").inner_text() == shown
    untroubled(visit)


def test_arrow_keys_work_after_a_click_on_the_tab(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/trial?id=search/2")
    page.get_by_role("tab", name="Answers").click()
    page.get_by_text(re.compile(r"^1 of \d+$")).wait_for()
    wait_until(lambda: page.evaluate("document.activeElement.getAttribute('role')") != "tab", 30)
    step(page, "ArrowRight", 2)
    assert "part=Answers" in page.url
    untroubled(visit)


def test_marks_in_the_text_and_nothing_of_it_becomes_markup(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/trial?id=search/2&part=Answers&show=only-teacher&topic=Tunnels")
    context = page.locator(".st-key-answer_context")
    context.locator("mark").first.wait_for()
    assert "<b>twice</b>" in context.inner_text()
    assert context.locator("b").count() == 0
    titles = set(context.locator("mark").evaluate_all("all => all.map(e => e.title)"))
    assert "accepted answer" in titles
    assert titles <= {"accepted answer", "answered", "held back"}
    assert re.search(r"\d+ metres", context.locator("mark[title='accepted answer']").inner_text())
    untroubled(visit)


def test_a_topic_leads_to_its_wrong_answers(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/trial?id=search/2&part=Errors")
    page.locator(".main-svg").first.wait_for()
    bar = page.locator(".js-plotly-plot .bars path").first.bounding_box()
    page.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    page.get_by_text(re.compile(r"^1 of \d+$")).wait_for()
    page.wait_for_url(re.compile(r"show=wrong"))
    assert re.search(r"topic=(Tunnels|Harbours|Bridges)", page.url)
    assert "part=Answers" in page.url
    untroubled(visit)


def test_back_leads_where_one_came_from(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/experiment?id=search&x=latency_ms&y=f1")
    page.locator(".js-plotly-plot path.point").last.wait_for()
    place = page.locator(".js-plotly-plot path.point").last.bounding_box()
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.wait_for_url(re.compile(r"/trial\?id=search%2F"))
    page.get_by_role("tab", name="Curves").wait_for()
    page.go_back()
    page.get_by_role("heading", name="search", exact=True).wait_for()
    assert re.search(r"/experiment\?id=search&x=latency_ms&y=f1$", page.url)
    page.go_forward()
    page.wait_for_url(re.compile(r"/trial\?id=search%2F"))
    untroubled(visit)


def test_a_trial_that_is_not_there(visit: Any, server: Server) -> None:
    page = opened(visit, server, "/trial?id=search/99")
    page.get_by_text("its last is 12").wait_for()
    untroubled(visit)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_window_shows_everything(visit: Any, server: Server, scheme: str) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    visit.page.set_viewport_size({"width": 420, "height": 900})
    page = opened(visit, server, "/trial?id=search/2&part=Answers")
    page.locator(".st-key-answer_context mark").first.wait_for()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 420
    untroubled(visit)

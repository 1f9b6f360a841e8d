"""A link shows one view to a stranger: as it was or as it is, until it is revoked or ends, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.access.sharing import Sharing, Wish
from engine.serving import AccessSettings
from engine.settings import Home
from storage.store import Store
from tests.server import Server, start_server
from tests.simulated import fill

NAME, OTHER = "students", "secret-study"
TRIALS = 20
POINTS = """JSON.stringify([...document.querySelectorAll('.js-plotly-plot')].map(
    chart => chart.data.map(trace => [trace.name, Array.from(trace.x), Array.from(trace.y)])))"""
"""JavaScript that gives the points of all charts."""
PATIENCE = 60_000
"""Milliseconds for a page on a busy machine."""

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    with Store.open(home.database) as store:
        for name in (NAME, OTHER):
            fill(store, home, name=name, trials=TRIALS, steps=10, examples=50)
    return home


@pytest.fixture
def servers(home: Home) -> Iterator[list[Server]]:
    """Servers of the test, each stopped before the next."""
    started: list[Server] = []
    yield started
    for server in started:
        if server.process.poll() is None:
            server.stop()


def start(servers: list[Server], home: Home) -> Server:
    servers.append(start_server(home.path, ("up", "--access", "key")))
    return servers[-1]


def enter(page: Any, server: Server, path: str) -> None:
    """Come in with the key, which leaves the address at once."""
    key = server.home.access_key.read_text(encoding="utf-8").strip()
    page.goto(f"{server.address}{path}{'&' if '?' in path else '?'}key={key}")
    assert "key=" not in page.url


def share(page: Any, kind: str) -> str:
    """Make a link of the view on the screen; gives its code."""
    page.get_by_role("button", name="Share").click()
    box = page.get_by_test_id("stPopoverBody")
    box.get_by_text(kind, exact=True).click()
    box.get_by_label("Note for its reader").fill(f"the {kind.lower()} one")
    box.get_by_label("Note for its reader").press("Tab")
    made = box.locator("code", has_text="/s/")
    made.wait_for(state="detached", timeout=PATIENCE)
    box.get_by_role("button", name="Make the link").click()
    made.wait_for(timeout=PATIENCE)
    found = re.fullmatch(r"http://127\.0\.0\.1:\d+/s/([\w-]{22})", made.inner_text())
    assert found
    page.keyboard.press("Escape")
    return found[1]


def numbers(page: Any) -> tuple[list[str], str]:
    """What a view says in figures, line by line, and the points of its charts."""
    page.locator(".js-plotly-plot path.point").first.wait_for(timeout=PATIENCE)
    page.get_by_text("is the best measured model").wait_for(timeout=PATIENCE)
    # What a click opens is told to those only who can go there.
    prose = re.sub(r" Click [\w ]+ to open its trial\.", "", page.get_by_test_id("stMain").inner_text())
    lines = [line.strip() for line in prose.splitlines()]
    # How long it has taken is told as of when somebody looks, or as of when it was frozen.
    told = [line for line in lines[lines.index(NAME) :] if re.search(r"\d", line) and "spent" not in line]
    return told, page.evaluate(POINTS)


def better_trial(home: Home) -> None:
    """One more trial ends, better than all others."""
    with Store.open(home.database) as store, store.write() as connection:
        connection.execute(
            """
            INSERT INTO trials BY NAME
            SELECT * REPLACE ((SELECT max(trial_id) + 1 FROM trials) AS trial_id, number + $count AS number,
                'student' AS role, true AS on_frontier, 'completed' AS state)
            FROM trials JOIN experiments USING (experiment_id) WHERE experiments.name = $name AND number = 1
            """.replace("SELECT * REPLACE", "SELECT trials.* REPLACE"),
            {"name": NAME, "count": TRIALS},
        )
        connection.execute(
            "INSERT INTO trial_metrics SELECT max(trial_id), unnest(['exact', 'num_parameters', 'latency_ms']), "
            "unnest([99.0, 1e6, 0.5]), NULL FROM trials"
        )


def ended_link(home: Home) -> str:
    """A link whose time is over."""
    with Store.open(home.database) as store:
        sharing = Sharing(store, home, AccessSettings())
        wish = Wish("experiment", NAME, {"id": [NAME]}, frozen=False, days=1, creator="ann")
        link = sharing.make(wish)
        with store.write() as connection:
            connection.execute(
                "UPDATE links SET expires_at = TIMESTAMP '2026-01-02 03:04:05' WHERE link_id = ?",
                [link.link_id],
            )
        code = sharing.code(link)
        assert code is not None
        return code


def test_live_and_frozen_links(visit: Any, home: Home, servers: list[Server]) -> None:
    member = visit.page
    server = start(servers, home)
    enter(member, server, f"/experiment?id={NAME}")
    before, points = numbers(member)
    live, frozen = share(member, "Live"), share(member, "Frozen")
    assert live != frozen
    member.goto("about:blank")
    server.stop()
    better_trial(home)
    ended = ended_link(home)
    server = start(servers, home)

    stranger = member.context.browser.new_context(viewport={"width": 1280, "height": 1000})
    one, two = stranger.new_page(), stranger.new_page()
    for page in (one, two):
        page.on("pageerror", lambda error: visit.errors.append(str(error)))
        page.on("console", lambda told: visit.errors.append(told.text) if told.type == "error" else None)
    one.goto(f"{server.address}/s/{frozen}")
    shown, same = numbers(one)
    assert same == points
    assert len(shown) > 8
    assert set(shown) <= set(before)
    one.get_by_text(re.compile(rf"shared by local · frozen on .*{TRIALS} trials ended by then")).wait_for()
    one.get_by_text("the frozen one").wait_for()
    two.goto(f"{server.address}/s/{live}")
    shown, more = numbers(two)
    assert f"Trial {TRIALS + 1} is the best measured model within it." in shown
    assert more != points
    two.get_by_text("the live one").wait_for()

    _nothing_else(one, stranger, server, frozen)
    _over(member, two, stranger, server, live, ended)
    assert visit.errors == []
    assert visit.elsewhere == []
    stranger.close()


def _nothing_else(page: Any, stranger: Any, server: Server, code: str) -> None:
    """No navigation, no control, no other page, no other experiment, no interface for programs."""
    assert page.get_by_test_id("stTopNavLink").count() == 0
    assert page.get_by_role("link").filter(has_not_text="Skip").count() == 0
    for name in ("Share", "Pause", "Stop", "Resume", "Download", "Set up another one like this"):
        assert page.get_by_role("button", name=name, exact=True).count() == 0
    assert str(server.home.path) not in page.content()

    page.goto(f"{server.address}/shared?link={code}&id={OTHER}")
    page.get_by_role("heading", name=NAME).wait_for(timeout=PATIENCE)
    assert OTHER not in page.get_by_test_id("stMain").inner_text()
    page.goto(f"{server.address}/shared?id={OTHER}")
    page.get_by_role("heading", name="No link").wait_for(timeout=PATIENCE)
    assert OTHER not in page.get_by_test_id("stMain").inner_text()

    for path in (
        "/",
        "/experiment",
        "/sql",
        "/links",
        "/new",
        "/_stcore/metrics",
        f"/experiment?link={code}",
    ):
        answer = stranger.request.get(f"{server.address}{path}")
        assert (path, answer.status) == (path, 401)
        assert OTHER not in answer.text()
    for path in (
        "/api",
        "/api/health",
        "/api/experiments",
        f"/api/experiments/{NAME}",
        "/api/sql?q=SELECT+1",
    ):
        answer = stranger.request.get(
            f"{server.address}{path}", params={"link": code} if "?" not in path else None
        )
        assert (path, answer.status) == (path, 401)
        assert answer.json()["error"]


def _over(member: Any, page: Any, stranger: Any, server: Server, live: str, ended: str) -> None:
    """A link that is revoked closes before its reader's eyes; it and one that has ended say so in plain words."""
    enter(member, server, "/links")
    row = member.locator('[class*="st-key-link_"]').filter(has_text="the live one")
    row.get_by_text("opened once").wait_for(timeout=PATIENCE)
    row.get_by_role("button", name="Revoke").click()
    member.get_by_role("button", name="Revoke this link").click()
    page.get_by_role("heading", name="This link was revoked").wait_for(timeout=PATIENCE)
    page.get_by_text("best measured model").wait_for(state="detached", timeout=PATIENCE)
    row.wait_for(state="detached", timeout=PATIENCE)
    member.get_by_text("Show those that are over").click()
    for state in ("revoked", "expired"):
        member.get_by_text(state, exact=True).wait_for(timeout=PATIENCE)

    answer = stranger.request.get(f"{server.address}/s/{live}")
    assert (answer.status, "This link was revoked" in answer.text()) == (410, True)
    answer = stranger.request.get(f"{server.address}/s/{ended}")
    assert (answer.status, "open until 2 Jan 2026, 03:04 UTC" in answer.text()) == (410, True)
    assert stranger.request.get(f"{server.address}/s/{'x' * 22}").status == 404

"""The form for the key, and short addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.access import entrance
from dashboard.access.door import Door
from dashboard.access.sharing import Sharing, Wish
from dashboard.services import Services, provide
from engine.serving import AccessSettings
from storage.experiments import ExperimentRow

KEY = "a key that is long enough"


@pytest.fixture
def locked(present: Services) -> Iterator[Services]:
    sharing = Sharing(present.store, present.home, AccessSettings())
    found = replace(present, door=Door("key", key=KEY, cookie="c"), sharing=sharing)
    provide(found)
    yield found
    sharing.data.close()


@pytest.fixture
def client(locked: Services) -> TestClient:
    return TestClient(
        Starlette(routes=entrance.routes()), base_url="http://127.0.0.1:8501", follow_redirects=False
    )


def test_the_right_key_goes_on(client: TestClient, locked: Services) -> None:
    answer = client.post("/enter", data={"key": f" {KEY} ", "next": "/experiment?id=demo"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/experiment?id=demo")
    assert answer.cookies["c"] == locked.door.cookie_value


@pytest.mark.parametrize("form", [{}, {"key": ""}, {"key": "wrong"}])
def test_a_wrong_key_is_told(client: TestClient, form: dict[str, str]) -> None:
    answer = client.post("/enter", data=form)
    assert answer.status_code == 401
    assert "not the key" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example", "/\\evil.example", "evil"])
def test_the_form_leads_nowhere_else(client: TestClient, after: str) -> None:
    location = client.post("/enter", data={"key": KEY, "next": after}).headers["location"]
    assert location in ("/", "/evil.example")


def test_a_huge_form_is_refused(client: TestClient) -> None:
    assert client.post("/enter", data={"key": "x" * 20_000}).status_code == 413


def test_short_addresses(client: TestClient, locked: Services, demo: ExperimentRow) -> None:
    assert locked.sharing is not None
    query = {"id": ["demo"], "x": ["learning_rate"], "many": ["a b", "c"]}
    link = locked.sharing.make(Wish("experiment", "demo", query, frozen=False, days=1, creator="ann"))
    code = locked.sharing.code(link)
    answer = client.get(f"/s/{code}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/shared?link={code}&id=demo&x=learning_rate&many=a+b&many=c"
    locked.sharing.revoke(link.link_id, "bob")
    answer = client.get(f"/s/{code}")
    assert (answer.status_code, "bob took it back" in answer.text) == (410, True)
    answer = client.get("/s/unknown")
    assert (answer.status_code, "No such link" in answer.text) == (404, True)


def test_links_that_are_switched_off(client: TestClient, locked: Services) -> None:
    provide(replace(locked, sharing=None))
    answer = client.get("/s/unknown")
    assert (answer.status_code, "switched off" in answer.text) == (410, True)


def test_a_server_that_ends_says_so(client: TestClient) -> None:
    provide(None)
    assert client.get("/s/unknown").status_code == 503

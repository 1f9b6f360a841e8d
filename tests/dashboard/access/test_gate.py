"""What the server answers to members, to strangers with a link, and to strangers without."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard.access.door import OPEN, Door
from dashboard.access.gate import Gate
from dashboard.services import Endpoint

KEY = "a key that is long enough"
LOCKED = Door("key", key=KEY, token="token")
PROXY = Door("proxy", token="token", header="X-User")
FOR_LINKS = [
    "/s/abc",
    "/shared?link=abc",
    "/static/js/index.js",
    "/media/1.png",
    "/component/x/plotly.min.js",
    "/_stcore/bidi-components/chart/index.js",
    "/_stcore/host-config",
]
CLOSED = [
    "/",
    "/experiment?id=demo",
    "/links",
    "/_stcore/metrics",
    "/_stcore/upload_file/a/b",
    "/_stcore/agent/interact",
    "/shared/more",
    "/S/abc",
    "/sql?q=SELECT+1",
    "//s/abc",
]


async def _anything(request: Request) -> Response:
    return PlainTextResponse(f"reached {request.url.path}")


async def _stream(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("reached")
    await websocket.close()


def client(door: Door, *, links: bool = True) -> TestClient:
    endpoint = Endpoint("127.0.0.1", 8501, "frontier.example")
    gate = Middleware(Gate, door=door, answers_to=endpoint.answers_to, links=links)
    routes = [WebSocketRoute("/_stcore/stream", _stream), Route("/{path:path}", _anything)]
    return TestClient(
        Starlette(routes=routes, middleware=[gate]), base_url="http://127.0.0.1:8501", follow_redirects=False
    )


def streams(asked: TestClient, **options: Any) -> bool:
    try:
        with asked.websocket_connect("ws://127.0.0.1:8501/_stcore/stream", **options) as stream:
            return bool(stream.receive_text() == "reached")
    except WebSocketDisconnect:
        return False


@pytest.mark.parametrize("path", [*FOR_LINKS, *CLOSED, "/api/health"])
def test_an_open_server_answers_everybody(path: str) -> None:
    assert client(OPEN).get(path).text.startswith("reached")


@pytest.mark.parametrize("path", FOR_LINKS)
def test_strangers_reach_what_links_need(path: str) -> None:
    assert client(LOCKED).get(path).status_code == 200
    assert client(LOCKED, links=False).get(path).status_code == 401


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("door", [LOCKED, PROXY])
def test_strangers_reach_nothing_else(path: str, door: Door) -> None:
    answer = client(door).get(path)
    assert answer.status_code == 401
    assert "reached" not in answer.text
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/api", "/api/health", "/api/experiments/demo/trials.parquet"])
def test_programs_are_told_as_json(path: str) -> None:
    answer = client(LOCKED).get(path)
    assert (answer.status_code, "Bearer KEY" in answer.json()["error"]) == (401, True)
    assert "TOKEN" in client(PROXY).get(path).json()["error"]


@pytest.mark.parametrize("secret", [KEY, "token"])
def test_programs_show_the_key_or_the_token(secret: str) -> None:
    headers = {"Authorization": f"Bearer {secret}"}
    assert client(LOCKED).get("/api/health", headers=headers).status_code == 200
    assert client(LOCKED).get("/api/health", params={"key": secret}).status_code == 200
    assert client(LOCKED).get("/api/health", params={"key": secret + "x"}).status_code == 401


def test_a_browser_trades_the_key_for_a_cookie() -> None:
    asked = client(LOCKED)
    answer = asked.get("/experiment", params={"id": "demo", "key": KEY, "x": "a b"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/experiment?id=demo&x=a+b"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    assert KEY not in cookie
    assert asked.get("/experiment?id=demo").text == "reached /experiment"
    assert asked.get("/api/health").status_code == 200
    assert streams(asked)


def test_a_cookie_got_over_https_stays_there() -> None:
    answer = client(LOCKED).get("https://frontier.example/", params={"key": KEY})
    assert "secure" in answer.headers["set-cookie"].lower()


def test_a_wrong_key_is_told() -> None:
    answer = client(LOCKED).get("/", params={"key": "wrong"})
    assert (answer.status_code, "not the key" in answer.text) == (401, True)
    assert "not the key" not in client(LOCKED).get("/").text
    assert "set-cookie" not in answer.headers


def test_an_address_cannot_lead_elsewhere() -> None:
    for path in ("//evil.example", "/\\evil.example", "//evil.example/%2e%2e"):
        answer = client(LOCKED).get(f"http://127.0.0.1:8501{path}", params={"key": KEY})
        assert answer.headers["location"].startswith("/evil.example"), path
    form = client(LOCKED).get("/", params={"a": '"><script>'}).text
    assert "<script>" not in form


def test_a_proxy_lets_in_whom_it_names() -> None:
    assert client(PROXY).get("/", headers={"X-User": "ann"}).text == "reached /"
    assert "logged in" in client(PROXY).get("/").text


def test_the_stream_is_open_to_links_only_where_links_are() -> None:
    assert streams(client(OPEN))
    assert streams(client(LOCKED))
    assert not streams(client(LOCKED, links=False))
    assert streams(client(LOCKED, links=False), headers={"Authorization": f"Bearer {KEY}"})


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8501", "127.0.0.1.evil.example"])
def test_other_host_names_are_refused(host: str) -> None:
    answer = client(OPEN).get("/", headers={"Host": host})
    assert (answer.status_code, "host name" in answer.json()["error"]) == (403, True)
    assert not streams(client(OPEN), headers={"Host": "evil.example"})


def test_its_own_names_are_answered() -> None:
    for host in ("localhost:8501", "127.0.0.1:8501", "frontier.example"):
        assert client(OPEN).get("/", headers={"Host": host}).status_code == 200


def test_every_answer_keeps_addresses_from_others() -> None:
    for answer in (client(OPEN).get("/"), client(LOCKED).get("/"), client(LOCKED).get("/s/abc")):
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["content-security-policy"] == "frame-ancestors 'self'"

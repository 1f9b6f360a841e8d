"""Every page starts from HTML that knows where its server is."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.index_page import index_html, routes


@pytest.fixture
def client() -> TestClient:
    async def other(request: object) -> PlainTextResponse:
        return PlainTextResponse("other")

    return TestClient(Starlette(routes=[*routes(), Route("/{path:path}", other)]))


@pytest.mark.parametrize("path", ["/", "/experiment", "/what-if", "/experiment?id=demo"])
def test_pages(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.text == index_html()
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/favicon.png", "/static/js/index.js", "/manifest.json", "/a/b", "/Experiment"]
)
def test_files_are_left_to_streamlit(client: TestClient, path: str) -> None:
    assert client.get(path).text == "other"


def test_streamlit_is_told_its_server_before_it_starts() -> None:
    """Should a new version of Streamlit look for it elsewhere, this page is to be looked at again."""
    text = index_html()
    told = text.index('window.__streamlit = { BACKEND_BASE_URL: location.origin + "/" }')
    assert told < text.index('<script type="module"')
    assert "<title>bert-frontier</title>" in text

"""The HTML that every page starts from: Streamlit's own, told where its server is.

Left to itself it looks for the server below each page's address first, and each miss is a round trip and an error in
the browser's console.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from streamlit import file_util

_TITLE = ("<title>Streamlit</title>", "<title>bert-frontier</title>")
_SCRIPT = '<script>window.__streamlit = { BACKEND_BASE_URL: location.origin + "/" }</script>'


class _PageName(Convertor[str]):
    """Addresses of pages, the first one's included; files have a dot in their name."""

    regex = "[a-z][a-z-]*|"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("page", _PageName())


def routes() -> list[Route]:
    """The one for all pages; it comes after all others."""
    return [Route("/{page:page}", _page)]


@cache
def index_html() -> str:
    """The page's HTML."""
    found = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    return found.replace("<head>", f"<head>\n    {_SCRIPT}", 1).replace(*_TITLE)


async def _page(request: Request) -> Response:  # noqa: ARG001
    return HTMLResponse(index_html(), headers={"Cache-Control": "no-cache"})

"""Stands before everything the server answers: lets members in, and others to shared links and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.access.door import KEY_PARAMETER, Door
from dashboard.access.plain_pages import key_page, login_page

COOKIE_SECONDS = 30 * 24 * 3600
"""How long a browser keeps what it got for the access key."""
ENTER = "/enter"
"""Where the form with the access key is sent."""
SHARED = "/shared"
"""The page that draws a shared view."""
STREAM = "/_stcore/stream"
"""The one connection all pages are drawn over; who may see which is decided there, by ``sessions``."""

_FREE = frozenset({ENTER, "/_stcore/health"})
_FOR_LINKS = frozenset(
    {SHARED, STREAM, "/_stcore/host-config", "/favicon.ico", "/favicon.png", "/manifest.json"}
)
_PREFIXES_FOR_LINKS = ("/s/", "/static/", "/media/", "/component/", "/_stcore/bidi-components/")
_HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "frame-ancestors 'self'",
}


class Gate:
    """ASGI middleware that turns away who may not come in."""

    def __init__(
        self, app: ASGIApp, door: Door, answers_to: Callable[[str | None], bool], *, links: bool
    ) -> None:
        """Stand before an application.

        Args:
            app: what stands behind.
            door: who may come in.
            answers_to: whether the server goes by a host name; a web page cannot reach it under a name of its own.
            links: whether shared links open for those who may not come in.
        """
        self._app = app
        self._door = door
        self._answers_to = answers_to
        self._links = links

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(HTTPConnection(scope))
        if refusal is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, _with_headers(send))

    def _refusal(self, asked: HTTPConnection) -> Response | None:
        """What to answer instead of what was asked for; None where it may be had."""
        if not self._answers_to(asked.url.hostname):
            return _error(403, f"this server does not answer to the host name {asked.url.hostname!r}")
        path, given = asked.scope["path"], asked.query_params.get(KEY_PARAMETER, "")
        is_api = path == "/api" or path.startswith("/api/")
        if self._door.mode == "key" and self._door.opens(given) and not is_api:
            # The key leaves the address, where it would be copied and kept.
            return admit(self._door, asked, _here(asked))
        if self._door.visitor(asked.headers, asked.cookies, given).member or path in _FREE:
            return None
        if self._links and (path in _FOR_LINKS or path.startswith(_PREFIXES_FOR_LINKS)):
            return None
        if is_api:
            return _error(401, _HOW[self._door.mode])
        if self._door.mode == "proxy":
            return HTMLResponse(login_page(), status_code=401)
        return HTMLResponse(key_page(_here(asked), wrong=bool(given)), status_code=401)


_HOW = {
    "open": "",
    "key": "this server asks for its access key: send it as Authorization: Bearer KEY, or as ?key=KEY",
    "proxy": "this server is for people who have logged in; programs send its token as Authorization: Bearer TOKEN",
}


def admit(door: Door, asked: HTTPConnection, after: str) -> Response:
    """Send a browser that has shown the key on its way, with a cookie that stands for it."""
    response = RedirectResponse(after, status_code=303)
    response.set_cookie(
        door.cookie,
        door.cookie_value,
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=asked.url.scheme in ("https", "wss"),
    )
    return response


def _here(asked: HTTPConnection) -> str:
    """The address that was asked for on this server, without a key."""
    kept = [(name, value) for name, value in asked.query_params.multi_items() if name != KEY_PARAMETER]
    path = "/" + quote(asked.scope["path"].lstrip("/\\"))
    return f"{path}?{urlencode(kept)}" if kept else path


def _error(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status_code=status)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending

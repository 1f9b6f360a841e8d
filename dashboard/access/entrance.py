"""Two ways in: the form for the access key, and the short address of a shared link."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.access.gate import ENTER, SHARED, admit
from dashboard.access.plain_pages import key_page, notice_page
from dashboard.access.sharing import LINK_PARAMETER, Closed, looked_up
from dashboard.services import Services, services
from engine.errors import BertFrontierError

MAX_FORM_BYTES = 10_000


def routes() -> list[Route]:
    """Both."""
    return [Route(ENTER, _enter, methods=["POST"]), Route("/s/{code}", _shared)]


async def _enter(request: Request) -> Response:
    door = services().door
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM_BYTES:
            return HTMLResponse(notice_page("Too long", "That is no access key."), status_code=413)
    form = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    after = _local(form.get("next", "/"))
    if door.mode == "key" and door.opens(form.get("key", "").strip()):
        return admit(door, request, after)
    return HTMLResponse(key_page(after, wrong=True), status_code=401)


async def _shared(request: Request) -> Response:
    try:
        return await run_in_threadpool(_to_view, services(), request.path_params["code"])
    except BertFrontierError as error:
        return HTMLResponse(notice_page("Not now", str(error)), status_code=503)


def _to_view(present: Services, code: str) -> Response:
    """On to the view, or what stands in its way; a link that is over answers 410, an unknown one 404."""
    found = looked_up(present.sharing, code)
    if isinstance(found, Closed):
        return HTMLResponse(notice_page(found.title, found.message), status_code=410 if found.known else 404)
    query = [(name, value) for name, values in found.query.items() for value in values]
    return RedirectResponse(f"{SHARED}?{urlencode([(LINK_PARAMETER, code), *query])}", status_code=303)


def _local(address: str) -> str:
    """An address on this server, whatever was asked for."""
    return "/" + address.lstrip("/\\") if address.startswith("/") else "/"

"""Runs an operation for a request: who may ask is checked before, and errors become JSON after."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.api.operations import Operation
from dashboard.services import services
from engine.errors import BertFrontierError, SettingError, StateError, UnknownNameError

_REFUSED = "this request changes something and needs the server's token as Authorization: Bearer TOKEN"
MAX_BODY = 64 * 2**20
"""Bytes that may be sent along."""


def endpoint(operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    """What answers requests for an operation, its work done in another thread.

    Those that change something need a token or the access key in the Authorization header, which no web page
    elsewhere can send along: a cookie is not enough.
    """

    async def answer(request: Request) -> Response:
        try:
            present = services()
            if operation.changes:
                bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
                if not present.door.opens(bearer):
                    return failed(403, _REFUSED)
                request.state.body = await _body(request)
            return await run_in_threadpool(operation.handler, request, present)
        except BertFrontierError as error:
            return failed(_status(error), str(error))

    return answer


def failed(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """An error as JSON."""
    return JSONResponse({"error": message}, status_code=status, headers=headers)


def whole_number(request: Request, name: str) -> int | None:
    """A query parameter that is a whole number; None where it is left out.

    Raises:
        SettingError: when it is something else.
    """
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError as error:
        raise SettingError(f"{name} = {text!r}: must be a whole number") from error


def json_body(request: Request) -> object:
    """What was sent along as JSON.

    Raises:
        SettingError: when it is none.
    """
    try:
        return json.loads(request.state.body)
    except ValueError as error:
        raise SettingError(f"the request's body is no JSON: {error}") from error


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise SettingError(f"the request has more than {MAX_BODY // 2**20} MB")
    return bytes(body)


def _status(error: BertFrontierError) -> Literal[400, 404, 409]:
    if isinstance(error, UnknownNameError):
        return 404
    return 409 if isinstance(error, StateError) else 400

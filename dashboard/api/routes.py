"""All operations of the HTTP interface as routes, its own description, and what answers everything else."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Match, Route

from dashboard.api import control, experiments, imports, queries, tables
from dashboard.api.answering import endpoint, failed
from dashboard.api.openapi import description, human_page
from dashboard.api.operations import Operation
from dashboard.services import Services

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def operations() -> list[Operation]:
    """All of them, in the order in which their paths are tried."""
    return [
        Operation(
            "GET",
            "/api",
            _human,
            "This description for people.",
            "Server",
            answer="text/html",
        ),
        Operation("GET", "/api/openapi.json", _openapi, "This description for programs.", "Server"),
        *tables.operations(),
        *experiments.operations(),
        *queries.operations(),
        *imports.operations(),
        *control.operations(),
    ]


def routes() -> list[Route]:
    """All routes; the last ones answer unknown paths, which Streamlit would answer with a page."""
    known = [
        Route(path, endpoint(operation), methods=[operation.method])
        for operation in operations()
        for path in operation.paths
    ]

    async def otherwise(request: Request) -> Response:
        methods = sorted(
            {method for route in known if _is_at(route, request) for method in route.methods or ()}
        )
        if methods:
            allowed = ", ".join(methods)
            message = f"{request.method} is not possible at {request.url.path}; use {allowed}"
            return failed(405, message, {"Allow": allowed})
        return failed(
            404, f"there is nothing at {request.method} {request.url.path}; /api lists what there is"
        )

    rest = [Route(path, otherwise, methods=_METHODS) for path in ("/api", "/api/{path:path}")]
    return [*known, *rest]


def _is_at(route: Route, request: Request) -> bool:
    return route.matches(dict(request.scope))[0] != Match.NONE


def _openapi(request: Request, services: Services) -> Response:  # noqa: ARG001
    return JSONResponse(description(operations()))


def _human(request: Request, services: Services) -> Response:  # noqa: ARG001
    return HTMLResponse(human_page(operations(), f"{request.url.scheme}://{request.url.netloc}"))

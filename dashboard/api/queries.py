"""Ad hoc SQL, and saved queries by their names."""

from __future__ import annotations

from dataclasses import asdict
from typing import cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.api.answering import json_body
from dashboard.api.operations import Operation, Parameter
from dashboard.query_parameters import parameters_of
from dashboard.services import Services
from engine.access import SQL_FORMATS, SqlFormat, result_bytes
from engine.errors import SettingError
from storage.saved_queries import QueryParameter, SavedQuery, drop_query, get_query, list_queries, save_query
from storage.sql import DEFAULT_LIMITS, run_query
from storage.table_files import MEDIA_TYPES

_LIMITS = (
    f"at most {DEFAULT_LIMITS.rows:,} rows and {DEFAULT_LIMITS.seconds:g} s; "
    "the header X-Truncated says when there were more rows"
)
_VALUES = (
    Parameter(
        "n.NAME", "Value of the query's parameter $NAME where it is a number, such as n.max_size=45e6."
    ),
    Parameter("t.NAME", "Value of the query's parameter $NAME where it is a text."),
)
_FORMAT = Parameter("format", f"One of {', '.join(SQL_FORMATS)}, where the path names none; json by default.")


def operations() -> list[Operation]:
    """All of them."""
    area = "SQL"
    query = Parameter("q", "The query: one SELECT.", required=True)
    return [
        Operation(
            "GET",
            "/api/sql",
            _sql,
            f"Result of a read-only query, {_LIMITS}.",
            area,
            (query, _FORMAT, *_VALUES),
            answer=None,
        ),
        Operation("GET", "/api/queries", _list, "All saved queries.", area),
        Operation(
            "GET",
            "/api/queries/{name}",
            _run,
            f"Result of a saved query, {_LIMITS}. Parameters that are left out have their saved values.",
            area,
            _VALUES,
            answer=None,
        ),
        Operation(
            "PUT",
            "/api/queries/{name}",
            _save,
            "Save a query under a name, in place of what had it before.",
            area,
            body=("application/json", 'An object with "sql" and, for its parameters, "values".'),
            changes=True,
        ),
        Operation("DELETE", "/api/queries/{name}", _drop, "Forget a saved query.", area, changes=True),
    ]


def _sql(request: Request, services: Services) -> Response:
    query = request.query_params.get("q", "")
    if not query.strip():
        raise SettingError("give the query as ?q=...")
    given = parameters_of(query, request.query_params, {})
    return _result(request, services, query, given)


def _run(request: Request, services: Services) -> Response:
    saved = get_query(services.store, request.path_params["name"])
    given = parameters_of(saved.sql, request.query_params, {})
    chosen = {item.name: item for item in saved.parameters} | {
        item.name: item for item in given if item.value is not None
    }
    return _result(request, services, saved.sql, list(chosen.values()))


def _result(request: Request, services: Services, query: str, parameters: list[QueryParameter]) -> Response:
    form = request.path_params.get("form") or request.query_params.get("format", "json")
    if form not in SQL_FORMATS:
        raise SettingError(f"format={form}: use one of {', '.join(SQL_FORMATS)}")
    form = cast("SqlFormat", form)
    values = {item.name: item.value for item in parameters if item.value is not None}
    found = run_query(services.store, query, parameters=values)
    headers = {"X-Truncated": "true" if found.truncated else "false"}
    return Response(result_bytes(found, form), media_type=MEDIA_TYPES[form], headers=headers)


def _list(request: Request, services: Services) -> Response:  # noqa: ARG001
    return JSONResponse([_plain(saved) for saved in list_queries(services.store)])


def _save(request: Request, services: Services) -> Response:
    given = json_body(request)
    if not isinstance(given, dict) or not isinstance(given.get("sql"), str):
        raise SettingError('send an object with the query as "sql"')
    values = given.get("values", {})
    if not isinstance(values, dict):
        raise SettingError('"values" must be an object with the value of each parameter')
    address = {
        f"{'t' if isinstance(value, str) else 'n'}.{name}": str(value) for name, value in values.items()
    }
    parameters = parameters_of(given["sql"], address, {})
    save_query(services.store, request.path_params["name"], given["sql"], parameters)
    return JSONResponse(_plain(get_query(services.store, request.path_params["name"].strip())))


def _drop(request: Request, services: Services) -> Response:
    name = get_query(services.store, request.path_params["name"]).name
    drop_query(services.store, name)
    return JSONResponse({"name": name, "dropped": True})


def _plain(saved: SavedQuery) -> dict[str, object]:
    return {
        "name": saved.name,
        "sql": saved.sql,
        "parameters": [asdict(item) for item in saved.parameters],
        "saved_at": saved.saved_at.isoformat(),
    }

"""The description of the HTTP interface for programs, in OpenAPI's form, and for people, as one page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib.metadata import version
from itertools import groupby
from typing import Any

from dashboard.access.plain_pages import plain_page
from dashboard.api.operations import ACTIONS, Operation
from storage.table_files import MEDIA_TYPES

_PART = re.compile(r"\{(\w+)(?::(\w+))?\}")
_ERROR = {"$ref": "#/components/schemas/Error"}
_ERRORS = {
    "400": "What was asked for is not possible; the error says why.",
    "401": "The server lets in members only.",
    "403": "The request needs a token, or another host name.",
    "404": "There is nothing of that name.",
    "409": "It does not fit the present state.",
}


def description(operations: Iterable[Operation]) -> dict[str, Any]:
    """The interface as OpenAPI 3.1."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        for path in operation.paths:
            paths.setdefault(plain_path(path), {})[operation.method.lower()] = _operation(operation, path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "bert-frontier",
            "version": version("bert-frontier"),
            "description": "Experiments, trials, metrics and queries of one server. Times are UTC.",
        },
        "paths": paths,
        "components": {
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error"],
                    "properties": {
                        "error": {"type": "string", "description": "What is wrong, and what helps."}
                    },
                }
            },
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The server's token, kept beside the database, or its access key.",
                }
            },
        },
    }


def plain_path(path: str) -> str:
    """A path as OpenAPI writes it: without the types of its parts."""
    return _PART.sub(r"{\1}", path)


def _operation(operation: Operation, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "summary": operation.words,
        "operationId": _identifier(operation, path),
        "tags": [operation.area],
        "parameters": [*_path_parameters(path), *_query_parameters(operation)],
        "responses": {
            "201" if operation.path == "/api/experiments" and operation.method == "POST" else "200": {
                "description": "What was asked for.",
                "content": {media: {} for media in _answers(operation, path)},
            },
            **{
                status: {"description": words, "content": {"application/json": {"schema": _ERROR}}}
                for status, words in _ERRORS.items()
            },
        },
    }
    if operation.body is not None:
        media, words = operation.body
        found["requestBody"] = {"required": True, "description": words, "content": {media: {}}}
    if operation.changes:
        found["security"] = [{"token": []}]
    return found


def _identifier(operation: Operation, path: str) -> str:
    words = re.sub(r"\W+", " ", plain_path(path).removeprefix("/api/")).split()
    return "_".join([operation.method.lower(), *words])


def _answers(operation: Operation, path: str) -> Sequence[str]:
    if operation.answer is not None:
        return [operation.answer]
    return list(MEDIA_TYPES.values()) if "{form" in path else [MEDIA_TYPES["json"]]


def _path_parameters(path: str) -> list[dict[str, Any]]:
    found = []
    for name, kind in _PART.findall(path):
        schema: dict[str, Any] = {"type": "integer" if kind == "int" else "string"}
        if kind == "form":
            schema["enum"] = list(MEDIA_TYPES)
        if kind == "action":
            schema["enum"] = list(ACTIONS)
        found.append({"name": name, "in": "path", "required": True, "schema": schema})
    return found


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": parameter.name,
            "in": "query",
            "required": parameter.required,
            "description": parameter.words,
            "schema": {"type": parameter.type},
        }
        for parameter in operation.parameters
    ]


def human_page(operations: Iterable[Operation], address: str) -> str:
    """The interface on one page, with lines that can be copied.

    Args:
        operations: what it can do, those of an area together.
        address: of the server, as people reach it.
    """
    forms = ", ".join(f"<code>.{form}</code>" for form in MEDIA_TYPES)
    where = escape(address)
    body = [
        "<p>Everything the pages show, for programs. Tables come as JSON, and in other formats with "
        f"{forms} behind their path. Errors are JSON with the key <code>error</code>. Times are UTC. "
        "Requests that change something need <code>Authorization: Bearer TOKEN</code>; the token is in "
        "<code>frontier.duckdb.owner.json</code> in the server's home folder. A server with an access key wants that "
        "from every program, in the same header or as <code>?key=KEY</code>. For programs: "
        '<a href="/api/openapi.json">openapi.json</a>.</p>',
        f"<pre>{_examples(where)}</pre>",
    ]
    for area, members in groupby(sorted(operations, key=lambda item: item.area), key=lambda item: item.area):
        rows = "".join(
            f"<tr><td><code>{item.method}</code></td><td><code>{escape(plain_path(item.path))}</code></td>"
            f"<td>{escape(item.words)}</td></tr>"
            for item in members
        )
        body.append(f"<h2>{escape(area)}</h2><table>{rows}</table>")
    return plain_page("HTTP interface", "\n".join(body), width="62rem")


def _examples(where: str) -> str:
    return "\n".join(
        [
            f"curl {where}/api/experiments.csv",
            f"pandas.read_csv(&quot;{where}/api/experiments/NAME/trials.csv&quot;)",
            f"duckdb.sql(&quot;FROM '{where}/api/experiments/NAME/trials.parquet'&quot;)",
            f"curl --get {where}/api/sql.csv --data-urlencode &quot;q=FROM experiments&quot;",
        ]
    )

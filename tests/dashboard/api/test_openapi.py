"""The description for programs says what there is, and nothing else."""

from __future__ import annotations

import re

import jsonschema
import pytest
from starlette.testclient import TestClient

from dashboard.api.openapi import plain_path
from dashboard.api.routes import operations, routes
from dashboard.services import Services

EXAMPLES = {"name": "demo-1", "number": "1", "form": "json", "action": "pause"}


def test_every_route_is_described_and_every_description_has_a_route(asked: TestClient) -> None:
    described = {
        (method.upper(), path)
        for path, methods in asked.get("/api/openapi.json").json()["paths"].items()
        for method in methods
    }
    known = {
        (method, plain_path(route.path))
        for route in routes()[:-2]
        for method in route.methods or ()
        if method != "HEAD"
    }
    assert described == known


def test_its_form(asked: TestClient) -> None:
    """What OpenAPI 3.1 demands of the parts that are used here."""
    document = asked.get("/api/openapi.json").json()
    assert re.fullmatch(r"3\.1\.\d", document["openapi"])
    assert {"title", "version"} <= document["info"].keys()
    identifiers = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            identifiers.append(operation["operationId"])
            jsonschema.validate(operation, _OPERATION)
            placed = {item["name"] for item in operation["parameters"] if item["in"] == "path"}
            assert placed == set(re.findall(r"{(\w+)}", path)), path
            assert (method == "get") or operation["security"] == [{"token": []}], path
    assert len(set(identifiers)) == len(identifiers)


def test_every_table_and_fact_that_is_described_can_be_had(asked: TestClient, made_up: Services) -> None:
    for operation in operations():
        if operation.method != "GET" or operation.path.endswith(("model.zip", "early-stopping")):
            continue
        for path in operation.paths:
            given = re.sub(r"{(\w+)}", lambda found: EXAMPLES[found[1]], plain_path(path))
            answer = asked.get(given, params={"q": "SELECT 1"})
            expected = 404 if given.startswith("/api/queries/") else 200
            assert answer.status_code == expected, given


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/health", "GET, HEAD"),
        ("DELETE", "/api/experiments/demo-1", "GET, HEAD"),
        ("GET", "/api/imports", "POST"),
        ("PATCH", "/api/queries/x", "DELETE, GET, HEAD, PUT"),
        ("PUT", "/api", "GET, HEAD"),
    ],
)
def test_wrong_methods_are_405_with_json(asked: TestClient, method: str, path: str, allowed: str) -> None:
    answer = asked.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert allowed in answer.json()["error"]


@pytest.mark.parametrize(
    "path",
    ["/api/experiments/demo-1/nothing", "/api/experiments/demo-1/trials.xlsx", "/api/v2", "/api//health"],
)
def test_unknown_paths_say_where_to_look(asked: TestClient, path: str) -> None:
    answer = asked.get(path)
    assert (answer.status_code, "/api lists" in answer.json()["error"]) == (404, True)


def test_people_read_it_too(asked: TestClient) -> None:
    page = asked.get("/api")
    assert page.headers["content-type"].startswith("text/html")
    assert "duckdb.sql(" in page.text
    for operation in operations():
        assert operation.words.split(",")[0] in page.text
    assert not re.search(r"(src|href)=\"(https?:)?//", page.text)


_OPERATION = {
    "type": "object",
    "required": ["summary", "operationId", "tags", "parameters", "responses"],
    "properties": {
        "summary": {"type": "string", "pattern": r"\.$"},
        "operationId": {"type": "string", "pattern": r"^\w+$"},
        "parameters": {
            "type": "array",
            "items": {
                "required": ["name", "in", "required", "schema"],
                "properties": {"in": {"enum": ["path", "query"]}},
            },
        },
        "responses": {
            "type": "object",
            "minProperties": 2,
            "additionalProperties": {"required": ["description", "content"]},
        },
        "requestBody": {"required": ["content"]},
    },
}

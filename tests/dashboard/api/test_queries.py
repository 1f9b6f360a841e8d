"""Ad hoc SQL with parameters, and saved queries."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

QUERY = "SELECT trial FROM demo_1 WHERE num_parameters <= $size AND role <> $role ORDER BY trial"


@pytest.mark.parametrize("path", ["/api/sql.arrow", "/api/sql?format=arrow"])
def test_arrow(asked: TestClient, path: str) -> None:
    answer = asked.get(path, params={"q": "SELECT 1 AS one", **({"format": "arrow"} if "?" in path else {})})
    assert pa.ipc.open_file(io.BytesIO(answer.content)).read_all().to_pylist() == [{"one": 1}]


def test_parameters_have_values_in_the_address(asked: TestClient) -> None:
    given = {"q": QUERY, "n.size": "60 M", "t.role": "teacher"}
    some = asked.get("/api/sql", params=given).json()
    all_of_them = asked.get("/api/sql", params=given | {"n.size": "1e12"}).json()
    assert 0 < len(some) < len(all_of_them)
    answer = asked.get("/api/sql", params={"q": QUERY, "n.size": "60 M"})
    assert (answer.status_code, "$role" in answer.json()["error"]) == (400, True)


def test_rows_beyond_the_limit_are_told(asked: TestClient) -> None:
    answer = asked.get("/api/sql.csv", params={"q": "FROM range(20000)"})
    assert (answer.headers["x-truncated"], answer.text.count("\n")) == ("true", 10_001)
    assert asked.get("/api/sql.csv", params={"q": "SELECT 1"}).headers["x-truncated"] == "false"


def test_a_query_is_saved_run_and_forgotten(asked: TestClient, bearer: dict[str, str]) -> None:
    path = "/api/queries/small ones"
    given: dict[str, Any] = {"sql": QUERY, "values": {"size": 60e6, "role": "teacher"}}
    assert asked.put(path, json=given).status_code == 403
    saved = asked.put(path, json=given, headers=bearer).json()
    assert {item["name"]: item["value"] for item in saved["parameters"]} == given["values"]
    assert [item["name"] for item in asked.get("/api/queries").json()] == ["small ones"]
    some = asked.get(path).json()
    assert some
    assert len(asked.get(path, params={"n.size": "1e12"}).json()) > len(some)
    assert pq.read_table(io.BytesIO(asked.get(f"{path}.parquet").content)).to_pylist() == some
    assert asked.get(f"{path}.csv").text.splitlines()[0] == "trial"
    assert asked.delete(path, headers=bearer).json()["dropped"] is True
    answer = asked.get(path)
    assert (answer.status_code, "small ones" in answer.json()["error"]) == (404, True)
    assert asked.delete(path, headers=bearer).status_code == 404


@pytest.mark.parametrize(
    "body", ["nonsense", "[]", '{"sql": 3}', '{"sql": "SELECT 1", "values": []}', '{"sql": " "}']
)
def test_what_cannot_be_saved(asked: TestClient, bearer: dict[str, str], body: str) -> None:
    answer = asked.put("/api/queries/x", content=body, headers=bearer)
    assert answer.status_code == 400
    assert answer.json()["error"]

"""Tables of experiments in every format, whole, page by page and in pieces."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.spec import AbstractBufferedFile, AbstractFileSystem
from starlette.testclient import TestClient

from dashboard.services import Services
from storage import exports
from storage.views import view_frame

TRIALS = "/api/experiments/demo-1/trials"


def frame(asked: TestClient, path: str, form: str) -> pd.DataFrame:
    """What a program makes of a table in a format."""
    answer = asked.get(f"{path}.{form}")
    assert answer.status_code == 200, answer.text
    content = io.BytesIO(answer.content)
    match form:
        case "json":
            return pd.DataFrame(answer.json())
        case "csv":
            return pd.read_csv(content)
        case "parquet":
            return pd.read_parquet(content)
    return pa.ipc.open_file(content).read_pandas()


@pytest.mark.parametrize("form", ["json", "csv", "parquet", "arrow"])
def test_trials_in_every_format(asked: TestClient, made_up: Services, form: str) -> None:
    found, expected = frame(asked, TRIALS, form), view_frame(made_up.store, "demo-1")
    assert list(found.columns) == list(expected.columns)
    assert found["trial"].tolist() == list(range(13))
    for name in ("exact", "num_parameters", "learning_rate"):
        pd.testing.assert_series_equal(
            found[name].astype(float), expected[name].astype(float), check_names=False
        )
    assert found["state"].tolist() == expected["state"].tolist()


@pytest.mark.parametrize(
    ("path", "rows", "columns"),
    [
        ("/api/experiments", 1, ["name", "state", "ended_trials", "frontier_trials"]),
        ("/api/experiments/demo-1/metrics", None, ["trial", "name", "value", "standard_error"]),
        ("/api/experiments/demo-1/curves", 12 * 20, ["trial", "step", "loss", "ts"]),
        ("/api/experiments/demo-1/evaluations", None, ["trial", "step", "name", "value"]),
        ("/api/experiments/demo-1/suggestions", 12, ["trial", "strategy", "acquisition_value"]),
    ],
)
def test_every_table(asked: TestClient, path: str, rows: int | None, columns: list[str]) -> None:
    found = frame(asked, path, "parquet")
    assert set(columns) <= set(found.columns)
    assert len(found) > 0
    assert rows is None or len(found) == rows
    assert len(asked.get(path).json()) == len(found)


def test_one_trial_of_a_table(asked: TestClient) -> None:
    found = asked.get("/api/experiments/demo-1/curves", params={"trial": 3}).json()
    assert {row["trial"] for row in found} == {3}
    assert [row["step"] for row in found] == [10 * k for k in range(1, 21)]


def test_pages_lead_on_to_the_last(asked: TestClient) -> None:
    path, seen = f"{TRIALS}?limit=5", []
    while path:
        answer = asked.get(path)
        assert answer.headers["x-total-count"] == "13"
        seen += [row["trial"] for row in answer.json()]
        path = answer.headers.get("link", "").removesuffix('>; rel="next"').lstrip("<")
    assert seen == list(range(13))
    assert asked.get(TRIALS, params={"offset": 99}).json() == []


def test_too_many_rows_are_explained(asked: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_ROWS", 10)
    answer = asked.get(f"{TRIALS}.parquet", params={"offset": 1})
    assert (answer.status_code, "?limit=" in answer.json()["error"]) == (400, True)
    assert len(asked.get(f"{TRIALS}.json", params={"limit": 10, "offset": 3}).json()) == 10


@pytest.mark.parametrize(
    ("query", "told"),
    [("limit=x", "whole number"), ("limit=-1", "limit"), ("offset=-1", "offset"), ("trial=1.5", "trial")],
)
def test_impossible_pages(asked: TestClient, query: str, told: str) -> None:
    answer = asked.get(f"{TRIALS}?{query}")
    assert (answer.status_code, told in answer.json()["error"]) == (400, True)


def test_pandas_reads_what_it_is_given(asked: TestClient) -> None:
    answer = asked.get(f"{TRIALS}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="demo-1-trials.csv"' in answer.headers["content-disposition"]
    found = pd.read_csv(io.StringIO(answer.text))
    assert found.loc[found["role"] == "teacher", "exact"].isna().all()


class _Pieces(AbstractBufferedFile):
    """A file that is read by ranges of bytes."""

    def _fetch_range(self, start: int, end: int) -> bytes:
        answer = self.fs.client.get(self.path, headers={"Range": f"bytes={start}-{end - 1}"})
        assert answer.status_code == 206
        assert len(answer.content) == end - start
        self.fs.pieces += 1
        return bytes(answer.content)


class _Web(AbstractFileSystem):
    """Reads files as DuckDB's and Arrow's own clients for HTTP do: how long is it, then piece by piece."""

    protocol = "web"
    cachable = False

    def __init__(self, client: TestClient) -> None:
        super().__init__()
        self.client = client
        self.pieces = 0

    def info(self, path: str, **options: Any) -> dict[str, Any]:
        path = self._strip_protocol(path)
        answer = self.client.head(path)
        assert answer.headers["accept-ranges"] == "bytes"
        return {"name": path, "size": int(answer.headers["content-length"]), "type": "file"}

    def modified(self, path: str) -> datetime:
        return datetime(2026, 11, 20, tzinfo=UTC)

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.split("://")[-1].strip("/")

    def _open(self, path: str, mode: str = "rb", **options: Any) -> _Pieces:
        return _Pieces(self, path, mode, block_size=1024)


def test_duckdb_reads_parquet_in_pieces(asked: TestClient) -> None:
    web = _Web(asked)
    with duckdb.connect() as connection:
        connection.register_filesystem(web)
        best = connection.execute(
            f"SELECT trial, exact FROM 'web://{TRIALS}.parquet' WHERE on_frontier ORDER BY exact DESC"
        ).fetchall()
    expected = [row for row in asked.get(TRIALS).json() if row["on_frontier"]]
    assert sorted(best) == sorted((row["trial"], row["exact"]) for row in expected)
    assert web.pieces >= 2


def test_arrow_reads_parquet_in_pieces(asked: TestClient) -> None:
    web = _Web(asked)
    table = pq.read_table(f"{TRIALS}.parquet", columns=["trial"], filesystem=web)
    assert table["trial"].to_pylist() == list(range(13))


def test_what_a_piece_is(asked: TestClient) -> None:
    path = f"{TRIALS}.parquet"
    whole = asked.get(path)
    size, tag = len(whole.content), whole.headers["etag"]

    def piece(given: str, **headers: str) -> Any:
        return asked.get(path, headers={"Range": given} | headers)

    first = piece("bytes=0-3")
    assert (first.status_code, first.content) == (206, b"PAR1")
    assert first.headers["content-range"] == f"bytes 0-3/{size}"
    assert piece("bytes=-4").content == b"PAR1"
    assert piece(f"bytes={size - 4}-").content == b"PAR1"
    assert piece(f"bytes=4-{size + 100}").content == whole.content[4:]
    assert piece(f"bytes={size}-").status_code == 416
    assert piece(f"bytes={size}-").headers["content-range"] == f"bytes */{size}"
    for meaningless in ("bytes=5-2", "bytes=0-1,4-5", "lines=0-1", "bytes=-"):
        assert piece(meaningless).status_code == 200
    assert piece("bytes=0-3", **{"If-Range": tag}).status_code == 206
    assert piece("bytes=0-3", **{"If-Range": '"other"'}).status_code == 200
    assert asked.get(path, headers={"If-None-Match": tag}).status_code == 304
    head = asked.head(path)
    assert (head.status_code, head.headers["content-length"]) == (200, str(size))


def test_pieces_fit_together_while_the_data_change(asked: TestClient, made_up: Services) -> None:
    path = f"{TRIALS}.json"
    size = int(asked.head(path).headers["content-length"])
    first = asked.get(path, headers={"Range": "bytes=0-99"})
    with made_up.store.write() as connection:
        connection.execute(
            "UPDATE trials SET reason = 'a long reason that changes every length' WHERE number > 0"
        )
    rest = asked.get(path, headers={"Range": f"bytes=100-{size - 1}"})
    assert first.headers["etag"] == rest.headers["etag"]
    assert "a long reason" not in (first.content + rest.content).decode()
    assert "a long reason" in asked.get(path).text


def test_a_file_too_large_to_keep_is_given_whole(asked: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.api import ranges

    monkeypatch.setattr(ranges, "KEPT_BYTES", 100)
    answer = asked.get(f"{TRIALS}.parquet", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.headers["accept-ranges"]) == (200, "none")

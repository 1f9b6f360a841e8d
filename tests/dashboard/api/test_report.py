"""The report over HTTP."""

from __future__ import annotations

from starlette.testclient import TestClient


def test_the_report_is_a_page(asked: TestClient) -> None:
    answer = asked.get("/api/experiments/demo-1/report.html")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert 'filename="demo-1.html"' in answer.headers["content-disposition"]
    assert "<h1>demo-1</h1>" in answer.text
    missing = asked.get("/api/experiments/demo-2/report.html")
    assert missing.status_code == 404
    assert "did you mean demo-1" in missing.json()["error"]

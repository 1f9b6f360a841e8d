"""Studies that were run elsewhere come in over HTTP as the command line sends them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.services import Services
from engine.importing.reading import read_study_file
from engine.importing.wishes import Wishes
from storage.experiments import get_experiment
from tests.engine.importing.optuna_files import write_sqlite


@pytest.fixture
def study(tmp_path: Path) -> dict[str, Any]:
    found = read_study_file(write_sqlite(tmp_path / "study.db"), Wishes(study="two"))
    return found.model_dump(mode="json")


def test_a_study_is_stored(
    asked: TestClient, made_up: Services, bearer: dict[str, str], study: dict[str, Any]
) -> None:
    given = {"name": "taken-over", "study": study, "task": "squad_v2", "baseline": 1}
    assert asked.post("/api/imports", json=given).status_code == 403
    answer = asked.post("/api/imports", json=given, headers=bearer)
    assert (answer.status_code, answer.json()) == (201, {"name": "taken-over"})
    assert get_experiment(made_up.store, "taken-over").state == "completed"
    trials = asked.get("/api/experiments/taken-over/trials").json()
    assert [(row["trial"], row["role"]) for row in trials][:3] == [
        (0, "teacher"),
        (1, "student"),
        (2, "baseline"),
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "name"),
        ({"name": "x"}, "study"),
        ({"name": "x", "study": {}, "baseline": "first"}, "baseline"),
        ({"name": "x", "study": {"source": "s"}}, "metrics"),
    ],
)
def test_what_is_malformed_is_told(
    asked: TestClient, bearer: dict[str, str], given: object, told: str
) -> None:
    answer = asked.post("/api/imports", json=given, headers=bearer)
    assert (answer.status_code, told in answer.json()["error"]) == (400, True)


def test_values_outside_their_range_are_refused(
    asked: TestClient, bearer: dict[str, str], study: dict[str, Any]
) -> None:
    study["trials"][0]["parameters"]["n_layers"] = 99
    answer = asked.post("/api/imports", json={"name": "x", "study": study}, headers=bearer)
    assert (answer.status_code, "n_layers = 99" in answer.json()["error"]) == (400, True)

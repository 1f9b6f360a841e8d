"""The HTTP interface: what it answers, who may ask, and errors as JSON."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dashboard.access.door import Door
from dashboard.access.gate import Gate
from dashboard.api.routes import routes
from dashboard.services import Endpoint, Services, provide
from engine.events import Confirmed
from engine.experiment import ExperimentSpec
from engine.runner import Runner
from engine.settings import Home
from engine.spec_files import to_toml
from engine.trial_folder import event_writer
from engine.whatif.stored import read_study
from storage.store import Store
from tests.engine.stored_trial import store_trial

ADDRESS = "http://127.0.0.1:8501"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    home = Home(tmp_path / "home")
    home.make()
    with Store.open(home.database, address=ADDRESS) as store:
        endpoint = Endpoint("127.0.0.1", 8501)
        services = Services(home, store, Runner(store, home), endpoint, Door(token=store.owner.token))
        provide(services)
        yield services
        provide(None)


@pytest.fixture
def client(services: Services) -> TestClient:
    gate = Middleware(Gate, door=services.door, answers_to=services.endpoint.answers_to, links=True)
    return TestClient(Starlette(routes=routes(), middleware=[gate]), base_url=ADDRESS)


@pytest.fixture
def token(services: Services) -> dict[str, str]:
    return {"Authorization": f"Bearer {services.store.owner.token}"}


@pytest.fixture
def launched(client: TestClient, token: dict[str, str], tiny_spec: ExperimentSpec) -> str:
    answer = client.post("/api/experiments", content=to_toml(tiny_spec), headers=token)
    assert answer.status_code == 201
    return str(answer.json()["name"])


def test_health(client: TestClient) -> None:
    answer = client.get("/api/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "home": "home", "runner_error": None}


def test_a_launched_experiment_is_listed_and_shown(client: TestClient, launched: str) -> None:
    assert [item["name"] for item in client.get("/api/experiments").json()] == [launched]
    found = client.get(f"/api/experiments/{launched}").json()
    assert (found["state"], found["budget"], found["trials"]) == ("pending", 3, [])
    assert found["teacher"]["state"] == "queued"


def test_pause_resume_and_stop(client: TestClient, token: dict[str, str], launched: str) -> None:
    def ask(action: str) -> Any:
        return client.post(f"/api/experiments/{launched}/{action}", headers=token)

    assert ask("pause").json()["state"] == "paused"
    assert ask("pause").status_code == 409
    assert ask("resume").json()["state"] == "running"
    assert ask("stop").json()["state"] == "stopped"
    assert ask("explode").status_code == 404


def test_a_trial_can_be_asked_too(client: TestClient, token: dict[str, str], launched: str) -> None:
    assert client.post(f"/api/trials/{launched}/0/pause", headers=token).status_code == 200
    assert client.get(f"/api/experiments/{launched}").json()["teacher"]["state"] == "paused"
    assert client.post(f"/api/trials/{launched}/9/pause", headers=token).status_code == 404


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer é".encode()}]
)
def test_changes_need_the_token(client: TestClient, tiny_spec: ExperimentSpec, headers: Any) -> None:
    answer = client.post("/api/experiments", content=to_toml(tiny_spec), headers=headers)
    assert answer.status_code == 403
    assert "token" in answer.json()["error"]
    assert client.get("/api/experiments").json() == []


def test_other_host_names_are_refused(client: TestClient) -> None:
    assert client.get("/api/health", headers={"Host": "evil.example:8501"}).status_code == 403
    assert client.get("/api/health", headers={"Host": "localhost:8501"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "asked", "answered"),
    [
        ("127.0.0.1", "localhost", True),
        ("127.0.0.1", "evil.example", False),
        ("10.0.0.5", "10.0.0.5", True),
        ("10.0.0.5", "10.0.0.6", False),
        ("0.0.0.0", "frontier.example", True),
        ("127.0.0.1", None, False),
    ],
)
def test_host_names_answered_to(host: str, asked: str | None, answered: bool) -> None:
    assert Endpoint(host, 8501).answers_to(asked) is answered


def test_address_for_programs_of_this_machine() -> None:
    assert Endpoint("0.0.0.0", 8501).address == "http://127.0.0.1:8501"
    assert Endpoint("::1", 8501).address == "http://[::1]:8501"


def test_a_wrong_specification_is_explained(client: TestClient, token: dict[str, str]) -> None:
    answer = client.post("/api/experiments", content="name = 3\n", headers=token)
    assert answer.status_code == 400
    assert "line 1, name" in answer.json()["error"]


def test_sql_in_three_formats(client: TestClient, launched: str) -> None:
    query = {"q": "SELECT name, state FROM experiments"}
    assert client.get("/api/sql", params=query).json() == [{"name": "tiny", "state": "pending"}]
    assert client.get("/api/sql", params=query | {"format": "csv"}).text == "name,state\ntiny,pending\n"
    parquet = client.get("/api/sql", params=query | {"format": "parquet"}).content
    assert pq.read_table(io.BytesIO(parquet)).to_pylist() == [{"name": "tiny", "state": "pending"}]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "?q="),
        ({"q": "SELECT 1", "format": "xml"}, "xml"),
        ({"q": "DELETE FROM trials"}, "read"),
        ({"q": "SELECT nothing FROM nowhere"}, "nowhere"),
    ],
)
def test_sql_errors(client: TestClient, parameters: dict[str, str], message: str) -> None:
    answer = client.get("/api/sql", params=parameters)
    assert answer.status_code == 400
    assert message in answer.json()["error"]


def test_model_download(
    client: TestClient, services: Services, launched: str, tiny_spec: ExperimentSpec
) -> None:
    assert client.get(f"/api/trials/{launched}/0/model.zip").status_code == 404
    store_trial(services.home, tiny_spec)
    answer = client.get(f"/api/trials/{launched}/1/model.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = set(archive.namelist())
        assert {
            "tiny-1/config.json",
            "tiny-1/model.safetensors",
            "tiny-1/SHA256SUMS",
            "tiny-1/evaluate.py",
        } <= names
        assert json.loads(archive.read("tiny-1/config.json"))["num_hidden_layers"] == 2


def test_a_confirmed_trial_is_read_again(
    client: TestClient, services: Services, launched: str, tiny_spec: ExperimentSpec, token: dict[str, str]
) -> None:
    folder = services.home.path / "experiments" / launched / "0000"
    folder.mkdir(parents=True, exist_ok=True)
    with event_writer(folder / "events.jsonl", attempt=0) as writer:
        writer.write(Confirmed({"full_exact": 61.5}, {"full_exact": 0.5}))
    path = f"/api/trials/{launched}/0/refresh"
    assert client.post(path).status_code == 403
    assert client.post(path, headers=token).status_code == 200
    with services.store.read() as connection:
        rows = connection.execute("SELECT name, value, standard_error FROM trial_metrics").fetchall()
    assert rows == [("full_exact", 61.5, 0.5)]


@pytest.mark.parametrize(
    "path", ["/api/nope", "/api/", "/api/experiments/none", "/api/trials/none/1/model.zip"]
)
def test_unknown_paths_are_404_with_json(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]


def test_a_path_cannot_leave_the_home(client: TestClient, launched: str) -> None:
    for path in (
        "/api/trials/..%2F..%2Fetc/1/model.zip",
        f"/api/trials/{launched}%2F..%2F{launched}/1/model.zip",
    ):
        assert client.get(path).status_code == 404


def test_what_models_are_fitted_to(client: TestClient, launched: str, tiny_spec: ExperimentSpec) -> None:
    problem, observations = read_study(client.get(f"/api/experiments/{launched}/study").json())
    assert dict(problem.space.parameters) == dict(tiny_spec.parameters)
    assert observations == []
    assert client.get("/api/experiments/nothing/study").status_code == 404


def test_a_replay_of_early_stopping_needs_complete_trials(client: TestClient, launched: str) -> None:
    answer = client.get(f"/api/experiments/{launched}/early-stopping")
    assert (answer.status_code, "has no complete trial" in answer.json()["error"]) == (400, True)
    answer = client.get(f"/api/experiments/{launched}/early-stopping", params={"stop_below": "2"})
    assert "early_stopping.stop_below: Input should be less than 1" in answer.json()["error"]
    assert client.get("/api/experiments/nothing/early-stopping").status_code == 404

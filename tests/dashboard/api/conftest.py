"""The HTTP interface of a server with made-up experiments, without a network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dashboard.access.door import Door
from dashboard.access.gate import Gate
from dashboard.api.routes import routes
from dashboard.services import Endpoint, Services, provide
from engine.runner import Runner
from engine.settings import Home
from storage.store import Store
from tests.simulated import fill

ADDRESS = "http://127.0.0.1:8501"


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services of a server with one experiment, ``demo-1``, of twelve trials."""
    home = Home(tmp_path_factory.mktemp("api"))
    endpoint = Endpoint("127.0.0.1", 8501)
    with Store.open(home.database, address=ADDRESS) as store:
        fill(store, home, name="demo-1", trials=12, steps=20, examples=0)
        yield Services(home, store, Runner(store, home), endpoint, Door(token=store.owner.token))


@pytest.fixture
def asked(made_up: Services) -> Iterator[TestClient]:
    provide(made_up)
    gate = Middleware(Gate, door=made_up.door, answers_to=made_up.endpoint.answers_to, links=True)
    yield TestClient(Starlette(routes=routes(), middleware=[gate]), base_url=ADDRESS)
    provide(None)


@pytest.fixture
def bearer(made_up: Services) -> dict[str, str]:
    return {"Authorization": f"Bearer {made_up.door.token}"}

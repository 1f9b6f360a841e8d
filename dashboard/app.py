"""The server application: Streamlit pages and HTTP routes over one store and one runner, closed together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from dashboard import index_page
from dashboard.access import entrance
from dashboard.access.door import Door
from dashboard.access.gate import Gate
from dashboard.access.sharing import Sharing
from dashboard.api.routes import routes
from dashboard.services import Endpoint, Services, provide
from engine.experiment import ExperimentSpec
from engine.launch import submit
from engine.runner import Runner
from engine.serving import AccessSettings
from engine.settings import Home, RunnerSettings
from engine.whatif.desk import WhatIfDesk
from storage.store import Store

ENTRY = Path(__file__).parent / "main.py"


def make_app(
    home: Home,
    store: Store,
    endpoint: Endpoint,
    settings: RunnerSettings,
    door: Door,
    access: AccessSettings,
    launch: ExperimentSpec | None = None,
) -> Any:  # noqa: ANN401 - streamlit is untyped
    """The ASGI application.

    Args:
        home: home folder, which exists.
        store: its open database; closed when the application ends, however it is told to.
        endpoint: where the server listens.
        settings: limits of the runner.
        door: who may come in.
        access: what links may do.
        launch: an experiment to launch when the server starts.
    """
    door = replace(door, token=store.owner.token)
    sharing = None if access.share_links == "off" else Sharing(store, home, access)

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:  # noqa: ANN401, ARG001
        runner = Runner(store, home, settings)
        runner.start()
        whatif = WhatIfDesk()
        provide(Services(home, store, runner, endpoint, door, sharing, whatif))
        try:
            if launch is not None:
                submit(store, home, launch)
            yield {}
        finally:
            provide(None)
            whatif.close()
            runner.close()
            if sharing is not None:
                sharing.data.close()
            store.close()

    gate = Middleware(Gate, door=door, answers_to=endpoint.answers_to, links=access.share_links == "anyone")
    return st.App(
        ENTRY,
        lifespan=lifespan,
        routes=[*entrance.routes(), *routes(), *index_page.routes()],
        middleware=[gate],
    )

"""The server application: Streamlit pages and HTTP routes over one store and one runner, closed together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.api import routes
from dashboard.services import Endpoint, Services, provide
from engine.experiment import ExperimentSpec
from engine.launch import submit
from engine.runner import Runner
from engine.settings import Home, RunnerSettings
from storage.store import Store

ENTRY = Path(__file__).parent / "main.py"


def make_app(
    home: Home,
    store: Store,
    endpoint: Endpoint,
    settings: RunnerSettings,
    launch: ExperimentSpec | None = None,
) -> Any:  # noqa: ANN401 - streamlit is untyped
    """The ASGI application.

    Args:
        home: home folder, which exists.
        store: its open database; closed when the application ends, however it is told to.
        endpoint: where the server listens.
        settings: limits of the runner.
        launch: an experiment to launch when the server starts.
    """

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:  # noqa: ANN401, ARG001
        runner = Runner(store, home, settings)
        runner.start()
        provide(Services(home, store, runner, endpoint))
        try:
            if launch is not None:
                submit(store, home, launch)
            yield {}
        finally:
            provide(None)
            runner.close()
            store.close()

    return st.App(ENTRY, lifespan=lifespan, routes=routes())

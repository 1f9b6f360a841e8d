"""The server application: Streamlit pages and HTTP routes over one store and one runner, opened and closed together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.api import routes
from dashboard.services import Services, provide
from engine.experiment import ExperimentSpec
from engine.launch import submit
from engine.runner import Runner
from engine.settings import Home, RunnerSettings
from storage.store import Store

ENTRY = Path(__file__).parent / "main.py"


def make_app(home: Home, address: str, settings: RunnerSettings, launch: ExperimentSpec | None = None) -> Any:  # noqa: ANN401 - streamlit is untyped
    """The ASGI application.

    Args:
        home: home folder, which exists.
        address: where the server will be reached; written beside the database so that others find it.
        settings: limits of the runner.
        launch: an experiment to launch when the server starts.
    """
    return st.App(ENTRY, lifespan=_lifespan(home, address, settings, launch), routes=routes())


def _lifespan(
    home: Home, address: str, settings: RunnerSettings, launch: ExperimentSpec | None
) -> Callable[[Any], AbstractAsyncContextManager[dict[str, Any]]]:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:  # noqa: ANN401, ARG001
        with Store.open(home.database, address=address) as store:
            runner = Runner(store, home, settings)
            runner.start()
            provide(Services(home, store, runner, address))
            try:
                if launch is not None:
                    submit(store, home, launch)
                yield {}
            finally:
                provide(None)
                runner.close()

    return lifespan

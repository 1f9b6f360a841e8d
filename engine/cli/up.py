"""``bert-frontier up``: the server with the pages and the runner."""

from __future__ import annotations

import importlib

import click

from engine.access import running_server
from engine.cli.options import access_options, home_option, runner_options, server_options
from engine.errors import StateError
from engine.experiment import ExperimentSpec
from engine.serving import DEFAULT_ACCESS, AccessSettings
from engine.settings import Home, RunnerSettings, resolve_home


@click.command()
@server_options
@access_options
@runner_options
@home_option
def up(
    home: str | None, host: str, port: int, limits: RunnerSettings, access: AccessSettings, browser: bool
) -> None:
    """Serve the dashboard and run experiments until Ctrl-C or SIGTERM.

    Trials are processes of their own: they go on when the server stops, and the next one adopts them.
    """
    place = resolve_home(home)
    server = running_server(place)
    if server is not None:
        raise StateError(f"a server for {place.path} is up already, at {server.address}")
    start_server(place, host=host, port=port, settings=limits, access=access, open_browser=browser)


def start_server(
    home: Home,
    *,
    host: str,
    port: int,
    settings: RunnerSettings,
    open_browser: bool,
    access: AccessSettings = DEFAULT_ACCESS,
    launch: ExperimentSpec | None = None,
) -> None:
    """Serve in this process; see ``dashboard.serve.serve``.

    The dashboard is found by name: it stands above the engine and is needed by this command alone.
    """
    serve = importlib.import_module("dashboard.serve").serve
    serve(
        home,
        host=host,
        port=port,
        settings=settings,
        access=access,
        launch=launch,
        open_browser=open_browser,
    )
